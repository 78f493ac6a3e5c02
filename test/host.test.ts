/** The table of the host's requirements: verdicts by version as the claims have them, and instances that exist. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { builtIn, propertiesFor } from '../src/search/check.js'
import { loadProtocol, systemOf } from '../src/tell/protocol.js'
import { expectedVerdict, readSpec } from '../src/tell/spec.js'

const page = readFileSync('properties/xen-arm-host/README.md', 'utf8')
const { instances } = readSpec('specs/xen-arm-host.json')
const letters = { holds: 'P', violated: 'F', vacuous: '–', trivial: '≡', unknown: '?' }

/** The properties of the first instance of a protocol. */
async function namesOf(name: string): Promise<readonly string[]> {
  const protocol = await loadProtocol(name)
  const own = propertiesFor(systemOf(protocol, protocol.spec.instances[0]!), protocol.properties)
  return [...Object.keys(builtIn), ...own.map((one) => one.name)]
}

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('`', ''))
const [head, ...rows] = page
  .split('\n')
  .filter((line) => /^\| (XS|XL|\s+\| Requirement)/.test(line))
  .map(cellsOf)
const versions = head!.slice(3)

describe('the requirements of a host that sleeps', () => {
  it('are XS1 to XS14, but for XS13, and XL1 to XL6', () => {
    const wanted = [...Array(14).keys()].map((i) => `XS${i + 1}`).filter((id) => id !== 'XS13')
    const ids = new Set(rows.map(([id]) => id!))
    assert.deepEqual(ids, new Set([...wanted, ...[...Array(6).keys()].map((i) => `XL${i + 1}`)]))
  })

  it('come out in every version as the page says', () => {
    assert.equal(versions.length, 8)
    for (const [id, , property, ...cells] of rows)
      versions.forEach((version, i) => {
        const verdict = expectedVerdict(
          instances.find((instance) => instance.id === version)!,
          property!,
        )
        assert.equal(cells[i]!.split(' ')[0], letters[verdict], `${id} ${property} of ${version}`)
      })
  })

  it('explain whatever came out otherwise than by hand', () => {
    const explained = page.slice(page.indexOf('Where hand and search differ'))
    for (const [id, , , ...cells] of rows)
      if (cells.some((cell) => cell.includes('('))) assert.match(explained, new RegExp(`\\b${id}\\b`))
  })

  it('name properties and instances that exist', async () => {
    for (const [, property, protocol] of page.matchAll(/`([\w-]+)` of\s+\[([\w-]+)\]/g))
      assert.ok((await namesOf(protocol!)).includes(property!), `${protocol} ${property}`)
    for (const [, id] of page.matchAll(/`xen-arm-host\/([\w-]+)`/g))
      assert.ok(
        instances.some((instance) => instance.id === id),
        id,
      )
  })
})
