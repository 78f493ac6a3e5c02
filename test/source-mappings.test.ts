/** The mappings that are shipped fit their models: every thread, step and end that they name is there. */

import assert from 'node:assert/strict'
import { ThreadPart } from '../src/match/source/thread-paths.js'
import { loadProtocol, protocolNames } from '../src/tell/protocol.js'
import { mappedProtocols, mappingOf, protocolsByFile } from '../src/tell/source/mappings.js'
import { instantiate } from '../src/write/system.js'

describe('the mappings to C', () => {
  it('are of protocols that are there', () => {
    const strange = mappedProtocols().filter((name) => !protocolNames().includes(name))
    assert.deepEqual(strange, [])
  })

  it('are of every protocol, or say why there is no C to hold it against', () => {
    const lacking = protocolNames().filter((name) => !mappedProtocols().includes(name))
    assert.deepEqual(lacking, [])
    const told = mappedProtocols().map((name) => mappingOf(name)!)
    assert(told.some(({ without }) => without !== undefined))
    for (const { roots, without } of told) assert.equal(roots.length === 0, without !== undefined)
  })

  for (const name of mappedProtocols().filter((one) => mappingOf(one)!.without === undefined))
    it(`${name}: names threads, steps and ends of its model, and says what it leaves unread`, async () => {
      const { model } = await loadProtocol(name)
      const mapping = mappingOf(name)!
      const threads = new Set<string>()
      const [steps, standing] = [new Set<string>(), new Set<string>()]
      for (const root of mapping.roots) {
        const { parameters = {}, patches = [] } = root
        const part = new ThreadPart(instantiate(model, { parameters, patches }), root, name)
        assert(part.stepNames().length > 0, root.function)
        const take = (names: readonly string[]): void => names.forEach((one) => steps.add(`${root.thread}.${one}`))
        take([...part.stepNames(), ...Object.values(root.alike ?? {})])
        for (const { patches: had } of root.generations ?? []) {
          const older = instantiate(model, { parameters, patches: [...patches, ...had] })
          const names = new ThreadPart(older, root, name).stepNames()
          assert(names.length > 0, had.join())
          take(names)
        }
        const read = Object.values(root.read?.functions ?? {})
        const stand = read.flatMap(({ steps: there = {} }) => Object.keys(there))
        assert.equal(stand.length > 0, read.length > 0, `${root.function}: which steps stand in what was read?`)
        for (const step of stand) standing.add(`${root.thread}.${step}`)
        threads.add(root.thread)
      }
      const strange = [...standing].filter((step) => !steps.has(step))
      assert.deepEqual(strange, [], 'steps that stand in C and in no thread')
      const base = instantiate(model).threads.map((thread) => thread.name.replace(/\(.*$/, ''))
      const unsaid = [...new Set(base)].filter(
        (thread) => !threads.has(thread) && !Object.hasOwn(mapping.unread ?? {}, thread),
      )
      assert.deepEqual(unsaid, [], 'threads that are neither mapped nor said to be unread')
    })

  it('tell which protocols look into a file', () => {
    for (const [file, protocols] of protocolsByFile()) {
      assert.match(file, /\.[ch]$/)
      assert(protocols.length > 0)
    }
  })
})
