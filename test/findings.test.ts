/** The findings: every claim, patch and heading that they name is there, and says what they say. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { htmlOf } from '../src/tell/site/html.js'
import { writtenIn } from '../src/tell/site/written.js'

const folder = fileURLToPath(new URL('../specs', import.meta.url))
const written = writtenIn(folder)

interface Spec {
  readonly instances: readonly {
    readonly id: string
    readonly expect?: Readonly<Record<string, string | { readonly verdict: string }>>
    readonly measured: { readonly traces: Readonly<Record<string, number>> }
  }[]
}

const specs = new Map<string, Spec>()
const specOf = (name: string): Spec => {
  let spec = specs.get(name)
  if (!spec) specs.set(name, (spec = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Spec))
  return spec
}

/** What a text calls violated: `protocol/instance property`, with the number of steps if it tells one right behind it. */
const violations = (text: string): { protocol: string; instance: string; property: string; steps?: number }[] =>
  [...text.matchAll(/`(?:thawproof )?(?:trace )?([\w-]+)\/([\w.-]+) ([\w-]+)`,? ?\(?(\d+)? ?(steps)?/g)].map(
    ([, protocol, instance, property, number, word]) => ({
      protocol: protocol!,
      instance: instance!,
      property: property!,
      ...(word && { steps: Number(number) }),
    }),
  )

describe('the findings', () => {
  it('are pages, and so is what became of remarks', () => {
    assert.deepEqual(
      written.map(({ file }) => file),
      [
        'FINDINGS.md',
        ...['findings', 'corrections'].flatMap((at) => ['others', 'virtio', 'xen-pm'].map((of) => `${at}/${of}.md`)),
      ],
    )
  })

  it('link to files and headings that are there', () => {
    const headings = new Map<string, Set<string>>()
    const headingsOf = (file: string): Set<string> => {
      let of = headings.get(file)
      if (!of) {
        const made = htmlOf(readFileSync(join(folder, file), 'utf8'), () => '')
        headings.set(file, (of = new Set(made.headings.map(({ id }) => id))))
      }
      return of
    }
    let anchors = 0
    for (const { file, text, links } of written) {
      for (const link of links) assert.ok(existsSync(join(folder, link)), `${file} links to ${link}`)
      for (const [, to, anchor] of text.matchAll(/\]\(([^)#:]+)#([^)]*)\)/g)) {
        const target = join(file, '..', to!)
        assert.ok(headingsOf(target).has(anchor!), `${file} links to ${to}#${anchor}`)
        anchors++
      }
    }
    assert.ok(anchors > 30)
  })

  it('name runs that are recorded, and their lengths', () => {
    let named = 0
    for (const { file, text } of written.filter((page) => page.file.startsWith('findings/')))
      for (const { protocol, instance, property, steps } of violations(text)) {
        if (!existsSync(join(folder, `${protocol}.json`))) continue
        const claim = specOf(protocol).instances.find(({ id }) => id === instance)
        assert.ok(claim, `${file}: ${protocol} has no instance ${instance}`)
        const expected = claim.expect?.[property]
        const verdict = typeof expected === 'object' ? expected.verdict : expected
        assert.equal(verdict, 'violated', `${file}: ${protocol}/${instance} ${property}`)
        if (steps !== undefined)
          assert.equal(claim.measured.traces[property], steps, `${file}: steps of ${protocol}/${instance} ${property}`)
        named++
      }
    assert.ok(named > 20, String(named))
  })
})
