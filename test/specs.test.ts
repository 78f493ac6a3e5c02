import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { owedNames } from '../src/kernel.js'
import { loadProtocol, protocolNames, systemOf } from '../src/tell/protocol.js'
import type { Settled } from '../src/tell/claim-result.js'

/** Every claim of every protocol, and the rules that keep a spec from being hollow. `npm test` builds what runs here. */
const { sideBySide } = (await import(
  new URL('../dist/src/cli/pool.js', import.meta.url).href
)) as typeof import('../src/cli/pool.js')

describe('specs', function () {
  this.timeout(600_000)
  const all: Settled[] = []

  before(async () => {
    const protocols = await Promise.all(protocolNames().map(loadProtocol))
    const jobs = protocols.flatMap((protocol) => protocol.spec.instances.map((instance) => ({ protocol, instance })))
    const never = new AbortController().signal
    for await (const claim of sideBySide(jobs, { workers: 1 }, availableParallelism(), never, () => undefined))
      all.push(claim)
  })

  for (const name of protocolNames())
    describe(name, () => rules(name, () => all.filter((one) => one.protocol === name)))
})

function rules(name: string, claims: () => readonly Settled[]): void {
  it('has every claim met, by complete searches, exactly as recorded', () => {
    assert.ok(claims().length > 0)
    for (const { instance, differences } of claims()) {
      assert.deepEqual(differences, [], `${name}/${instance.id}`)
      assert.ok(instance.measured, `${name}/${instance.id} is not recorded: run \`thawproof record ${name}\``)
    }
  })

  it('has no toothless property: each is violated, or its step reached, somewhere', () => {
    const violated = new Set(
      claims().flatMap(({ verdicts }) =>
        verdicts.filter(({ verdict }) => verdict === 'violated').map(({ property }) => property),
      ),
    )
    const all = new Set(claims().flatMap(({ verdicts }) => verdicts.map(({ property }) => property)))
    all.delete('in-domain')
    // What words of the kernel owe is broken by toys of their own, each of it: test/kernel-owed.test.ts.
    for (const promise of owedNames) all.delete(promise)
    all.delete('no-deadlock')
    assert.deepEqual(
      [...all].filter((property) => !violated.has(property)),
      [],
    )
  })

  it('takes every step somewhere', async () => {
    const protocol = await loadProtocol(name)
    const taken = new Set<string>()
    const declared = new Set<string>()
    for (const { instance, unfired: names } of claims()) {
      const unfired = new Set(names)
      const system = systemOf(protocol, instance)
      // The ways of a word of the kernel are all taken in its own tests; here it must come to the word.
      const words = new Set(
        system.parts.flatMap((part) =>
          part.kind === 'thread'
            ? part.steps.filter(({ act }) => act).map(({ name: own }) => `${part.name}.${own}`)
            : [],
        ),
      )
      for (const { step: spelled } of system.transitions) {
        const [whole = spelled] = spelled.split('/')
        const step = words.has(whole) ? whole : spelled
        declared.add(step)
        if (!unfired.has(spelled)) taken.add(step)
      }
    }
    assert.deepEqual(
      [...declared].filter((step) => !taken.has(step)),
      [],
    )
  })

  it('uses every patch and lists every reference that it uses', async () => {
    const { model, spec } = await loadProtocol(name)
    const used = new Set(spec.instances.flatMap(({ patches }) => patches))
    const unused = (model.declared.patches ?? []).map((patch) => patch.name).filter((patch) => !used.has(patch))
    assert.deepEqual(unused, [])
    const cited = new Set(spec.instances.flatMap(({ references }) => references))
    assert.deepEqual(
      Object.keys(spec.references).filter((key) => !cited.has(key)),
      [],
    )
  })

  it('pairs every corpus bug that it shows with its fix', async () => {
    const { spec } = await loadProtocol(name)
    const of = (form: string): Set<string | null> =>
      new Set(spec.instances.filter((instance) => instance.form === form).map(({ corpus }) => corpus))
    const fixed = of('fixed')
    assert.deepEqual(
      [...of('buggy')].filter((bug) => !fixed.has(bug)),
      [],
    )
  })
}
