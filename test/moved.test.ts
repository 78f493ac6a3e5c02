/** The list of verdicts that moved says what is claimed today. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { builtIn, propertiesFor } from '../src/search/check.js'
import { loadProtocol, systemOf } from '../src/tell/protocol.js'
import { expectedVerdict, readSpec, type Instance, type Spec } from '../src/tell/spec.js'

const verdictOf = async (name: string, instance: Instance, property: string): Promise<string> => {
  const protocol = await loadProtocol(name)
  const own = propertiesFor(systemOf(protocol, instance), protocol.properties)
  const isAsked = Object.hasOwn(builtIn, property) || own.some((one) => one.name === property)
  return isAsked ? expectedVerdict(instance, property) : 'not claimed'
}

/** What is written between backticks. */
const codes = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)

describe('specs/corrections/moved.md', () => {
  const page = readFileSync('specs/corrections/moved.md', 'utf8')
  const specs = new Map<string, Spec>()
  const specOf = (name: string): Spec => {
    const spec = specs.get(name) ?? readSpec(`specs/${name}.json`, name)
    specs.set(name, spec)
    return spec
  }

  it('tells of every move the verdict of today, and why', async () => {
    const rows = page.match(/^\| \[.*$/gm)!
    assert.ok(rows.length > 50)
    for (const row of rows) {
      const [protocol, ids, moves, why] = row.slice(2, -2).split(' | ')
      const name = /^\[([a-z0-9-]+)\]/.exec(protocol!)![1]!
      const { instances } = specOf(name)
      assert.ok(why!.length > 3, row)
      for (const move of moves!.split('; ')) {
        const [, property, was, is] = /^`([\w-]+)` ([a-z]+) → ([a-z ]+)$/.exec(move.trim()) ?? []
        assert.ok(property !== undefined && was !== is, move)
        for (const id of codes(ids!)) {
          const instance = instances.find((one) => one.id === id)
          assert.ok(instance, `${protocol!}/${id} is not there any more`)
          assert.equal(await verdictOf(name, instance, property), is, `${protocol!}/${id} ${property}`)
        }
      }
    }
  })

  it('lists as gone what is gone', () => {
    const gone = [...page.matchAll(/^- ([a-z0-9-]+)\/([\w.-]+): \S/gm)]
    assert.ok(gone.length > 10)
    for (const [, name, id] of gone) assert.ok(!specOf(name!).instances.some((one) => one.id === id), `${name}/${id}`)
  })
})
