/** The account of the corpus: every number is shown by a protocol with its fix, or the page says why it is not. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { protocolNames } from '../src/tell/protocol.js'
import { readSpec } from '../src/tell/spec.js'

const page = readFileSync('models/README.md', 'utf8')
const left = [...page.matchAll(/^\| `([\w-]+)`/gm)].map(([, id]) => id!)
const shown = new Set(
  protocolNames().flatMap((name) => readSpec(`specs/${name}.json`).instances.flatMap(({ corpus }) => corpus ?? [])),
)

/** How far each series of numbers goes. */
const series: Readonly<Record<string, number>> = {
  ...{ 'virtio-C': 14, 'virtio-N': 14, 'virtio-K': 9, 'virtio-T': 13, 'virtio-M': 5, 'virtio-V': 7, 'virtio-Q': 2 },
  ...{ 'virtio-I': 1, 'virtio-Y': 1, 'virtio-G': 2, 'virtio-H': 4, 'virtio-X': 2 },
  ...{ 'pm-L': 18, 'pm-D': 9, 'pm-Q': 1, 'pm-C': 4, 'pm-T': 9, 'pm-X': 19, 'pm-U': 2 },
  ...{ 'arm-S': 20, 'xen-B': 66, 'new-K': 32 },
}
const numbers = Object.entries(series).flatMap(([prefix, last]) =>
  Array.from({ length: last }, (_, i) => prefix + `${i + 1}`.padStart(prefix === 'xen-B' ? 2 : 1, '0')),
)

describe('the corpus', () => {
  it('is shown, or left out with a reason', () =>
    assert.deepEqual(
      numbers.filter((id) => !shown.has(id)),
      numbers.filter((id) => left.includes(id)),
    ))

  it('leaves nothing out that is shown, nor anything twice', () => {
    assert.deepEqual(
      left.filter((id) => shown.has(id) || !numbers.includes(id)),
      [],
    )
    assert.equal(new Set(left).size, left.length)
  })

  it('refers to numbers that are shown', () => {
    const referred = [...page.matchAll(/`((?:virtio|pm|arm|xen)-[A-Z]+\d+)`/g)].map(([, id]) => id!)
    for (const id of referred) assert.ok(left.includes(id) || shown.has(id), id)
  })
})
