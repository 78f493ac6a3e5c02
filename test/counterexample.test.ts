/** Counterexamples carried from one variant to another: what they show is what a search finds, and never more. */

import assert from 'node:assert/strict'
import { check, propertiesFor } from '../src/search/check.js'
import { counterexampleOf, stillViolates } from '../src/ask/counterexample.js'
import { loadProtocol, protocolNames, systemOf, type Protocol } from '../src/tell/protocol.js'
import type { Instance } from '../src/tell/spec.js'
import { mutantsOf, mutated } from '../src/write/mutation.js'
import { Mistake } from '../src/write/mistake.js'
import type { System } from '../src/write/system.js'
import { environment, env, int, over, propertiesOver, record, instantiate, type Property } from '../src/index.js'

const state = record({ n: int(0, 4) })
const { model, action, patch, edit } = over(state)
const { eventually, possible, ltl, alwaysEventually, leadsTo, eventuallyAlways } = propertiesOver(state)
const origin = env('a toy')

/** 0 → 1 → 2 ⇄ 1, and from 2 to 3 by somebody of whom nothing is promised; 4 only with a patch. */
const toy = model('circle', {
  question: 'Which runs carry over?',
  actors: { e: environment('moves') },
  initial: () => ({ n: 0 }),
  parts: () => [
    action('start', { actor: 'e', origin, fair: 'weak', when: (s) => s.n === 0, then: (d) => void (d.n = 1) }),
    action('there', { actor: 'e', origin, fair: 'weak', when: (s) => s.n === 1, then: (d) => void (d.n = 2) }),
    action('back', { actor: 'e', origin, fair: 'weak', when: (s) => s.n === 2, then: (d) => void (d.n = 1) }),
    action('out', { actor: 'e', origin, when: (s) => s.n === 2, then: (d) => void (d.n = 3) }),
    action('help', { actor: 'e', origin, when: () => false, then: (d) => void (d.n = 4) }),
  ],
  patches: [
    patch('other-way', {
      kind: 'fix',
      says: 'back leads to 0',
      edits: [edit.replace('e.back', { then: (d) => void (d.n = 0) })],
    }),
    patch('way-out', { kind: 'fix', says: '3 is left', edits: [edit.replace('e.help', { when: (s) => s.n === 3 })] }),
    patch('idle', { kind: 'fix', says: 'changes nothing', edits: [edit.replace('e.help', { when: () => false })] }),
  ],
  resting: () => true,
})

/** Which variants the counterexample of the base shows broken, and which a search finds broken. */
async function carried(property: Property): Promise<{ shown: string[]; violated: string[] }> {
  const base = await check(instantiate(toy), [property])
  const known = base.verdicts.flatMap(counterexampleOf)
  assert.equal(known.length, 1, property.name)
  const shown: string[] = []
  const violated: string[] = []
  for (const name of ['obliged', 'other-way', 'way-out', 'idle']) {
    const system = instantiate(toy, name === 'obliged' ? { fairness: { 'e.out': 'strong' } } : { patches: [name] })
    if (stillViolates(system, [property], known[0]!)) shown.push(name)
    const { verdicts } = await check(system, [property])
    if (verdicts.some((one) => one.property === property.name && one.verdict === 'violated')) violated.push(name)
  }
  return { shown, violated }
}

describe('a counterexample', () => {
  it('that goes on for ever carries over where its loop closes and is fair', async () => {
    for (const property of [
      eventually('out', 'In the end 3 is reached.', (s) => s.n === 3),
      alwaysEventually('out', '3 comes again and again.', (s) => s.n === 3),
      leadsTo('out', 'From 1 comes 3.', { from: (s) => s.n === 1, to: (s) => s.n === 3 }),
      ltl('out', 'From 1 comes 3.', {
        formula: 'G (one -> F three)',
        atoms: { one: (s) => s.n === 1, three: (s) => s.n === 3 },
      }),
    ]) {
      const { shown, violated } = await carried(property)
      assert.deepEqual(shown, ['way-out', 'idle'], `${property.kind}: unfair to out, and a loop that does not close`)
      assert(violated.includes('other-way') && !violated.includes('obliged'), property.kind)
    }
  })

  it('that stops carries over where nobody is obliged to go on', async () => {
    const { shown } = await carried(eventuallyAlways('stays', 'In the end it stays below 2.', (s) => s.n < 2))
    assert.deepEqual(shown, ['obliged', 'other-way', 'way-out', 'idle'])
    const property = eventually('four', 'In the end 4 is reached.', (s) => s.n === 4)
    const [stop] = counterexampleOf((await check(instantiate(toy), [property])).verdicts.at(-1)!)
    const short = { ...stop!, names: ['e.start', 'e.there', 'e.out'] }
    delete (short as { loop?: number }).loop
    const wayOut = (fairness: object): System => instantiate(toy, { patches: ['way-out'], ...fairness })
    assert(stillViolates(wayOut({}), [property], short))
    assert(!stillViolates(wayOut({ fairness: { 'e.help': 'weak' } }), [property], short))
  })

  it('of a lost goal carries over where nothing beyond its end reaches the goal', async () => {
    const { shown, violated } = await carried(
      possible('back', '1 or 4 can be reached again.', (s) => s.n === 1 || s.n === 4),
    )
    assert.deepEqual(shown, ['obliged', 'other-way', 'idle'])
    assert.deepEqual(violated, shown)
  })

  it('of every kind shows itself, in every shipped instance of these protocols', async () => {
    const kinds = new Map<string, number>()
    for (const name of ['block-quiesce', 'smp-suspend', 'xenbus-locks', 'freezer', 'virtio-blk', 'deferred-work'])
      for (const { system, properties, violations } of await judged(await loadProtocol(name)))
        for (const verdict of violations) {
          for (const one of counterexampleOf(verdict)) {
            assert(stillViolates(system, properties, one), `${name}: ${one.property} (${verdict.kind})`)
            kinds.set(verdict.kind, (kinds.get(verdict.kind) ?? 0) + 1)
          }
        }
    for (const kind of ['always', 'step', 'no-deadlock', 'possible', 'leadsTo'])
      assert((kinds.get(kind) ?? 0) > 0, kind)
  })

  it('shows nothing of a mutant that a search does not find', async () => {
    let agreed = 0
    for (const name of ['xenbus-locks', 'smp-suspend', 'deferred-work']) {
      assert(protocolNames().includes(name))
      const protocol = await loadProtocol(name)
      const instances = protocol.spec.instances.filter(({ form }) => form === 'fixed').slice(0, 2)
      for (const { system, known } of await learned(protocol, instances))
        for (const mutant of mutantsOf(system).slice(0, 25)) {
          const other = built(() => mutated(system, mutant))
          if (!other) continue
          const properties = propertiesFor(other, protocol.properties)
          const shown = new Set(
            known.filter((one) => stillViolates(other, properties, one)).map(({ property }) => property),
          )
          if (shown.size === 0) continue
          const { verdicts, fault } = await check(other, protocol.properties)
          if (fault) continue
          for (const { property, verdict } of verdicts) if (shown.has(property)) assert.equal(verdict, 'violated')
          agreed += shown.size
        }
    }
    assert(agreed >= 20, `${agreed} agreements`)
  })
})

async function judged(
  protocol: Protocol,
): Promise<
  { system: System; properties: readonly Property[]; violations: Awaited<ReturnType<typeof check>>['verdicts'] }[]
> {
  const all = []
  for (const instance of protocol.spec.instances.filter(({ measured }) => (measured?.states ?? 0) < 3000)) {
    const system = systemOf(protocol, instance)
    const { verdicts } = await check(system, protocol.properties)
    const violations = verdicts.filter(({ verdict }) => verdict === 'violated')
    all.push({ system, properties: propertiesFor(system, protocol.properties), violations })
  }
  return all
}

/** Systems of some instances, each with the counterexamples of its first mutants. */
async function learned(
  protocol: Protocol,
  instances: readonly Instance[],
): Promise<{ system: System; known: ReturnType<typeof counterexampleOf> }[]> {
  const all = []
  for (const instance of instances) {
    const system = systemOf(protocol, instance)
    const known = []
    for (const mutant of mutantsOf(system).slice(0, 8)) {
      const other = built(() => mutated(system, mutant))
      const outcome = other && (await check(other, protocol.properties))
      known.push(...(outcome?.verdicts ?? []).flatMap(counterexampleOf))
    }
    all.push({ system, known })
  }
  return all
}

function built(make: () => System): System | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof Mistake) return undefined
    throw error
  }
}
