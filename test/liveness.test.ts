/** Properties of whole runs: by example, and against their definition on random graphs. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { check } from '../src/check.js'
import { env, instantiate, int, over, propertiesOver, record, system, type Fairness } from '../src/index.js'
import type { Judgement, Verdict } from '../src/search/verdict.js'

const origin = env('a random graph')

/** A graph over the nodes 0 … size-1: each constraint is an action with one alternative per edge. */
interface Drawn {
  readonly size: number
  readonly initial: number
  readonly constraints: readonly {
    readonly fair: Fairness
    readonly thread: boolean
    readonly edges: readonly (readonly [number, number])[]
  }[]
  /** Sets of nodes, as bits. */
  readonly p: number
  readonly q: number
}

const drawn: fc.Arbitrary<Drawn> = fc.integer({ min: 1, max: 5 }).chain((size) => {
  const node = fc.integer({ min: 0, max: size - 1 })
  const constraint = fc.record({
    fair: fc.constantFrom<Fairness>('weak', 'strong', 'none'),
    thread: fc.boolean(),
    edges: fc.uniqueArray(fc.tuple(node, node), { minLength: 1, maxLength: 3, selector: ([a, b]) => a * 8 + b }),
  })
  return fc.record({
    size: fc.constant(size),
    initial: node,
    constraints: fc.array(constraint, { minLength: 1, maxLength: 3 }),
    p: fc.integer({ min: 0, max: (1 << size) - 1 }),
    q: fc.integer({ min: 0, max: (1 << size) - 1 }),
  })
})

const has = (set: number, node: number): boolean => ((set >> node) & 1) === 1

function systemOf({ size, initial, constraints }: Drawn, backwards = false) {
  const state = record({ n: int(0, 4) })
  const { model, thread, step, action } = over(state)
  const parts = constraints.map(({ fair, thread: asThread, edges }, i) => {
    const either = Object.fromEntries(
      edges.map(([from, to], j) => [
        `e${j}`,
        { when: (s: { readonly n: number }) => s.n === from, then: (d: { n: number }) => void (d.n = to) },
      ]),
    )
    return asThread
      ? thread(`c${i}`, { actor: 'a', fair }, step('go', { origin, either, goto: 'go' }))
      : action(`c${i}`, { actor: 'a', fair, origin, either })
  })
  const made = model('drawn', {
    question: `A graph of ${size} nodes.`,
    actors: { a: system('somebody') },
    initial: () => ({ n: initial }),
    parts: () => (backwards ? parts.toReversed() : parts),
    resting: () => true,
  })
  return { state, model: made, names: constraints.map(({ thread: asThread }, i) => (asThread ? `c${i}` : `a.c${i}`)) }
}

/** What a run does for ever: a strongly connected set of edges, or a stop; as a set of nodes, with what it does to whom. */
interface Fate {
  readonly nodes: number
  /** Constraints that act, that could act in all nodes, that could act in some node. */
  readonly taken: number
  readonly always: number
  readonly ever: number
}

/** Every way in which a run can go on for ever or stop: all subsets of edges are tried. */
function fates({ size, constraints }: Drawn): Fate[] {
  const edges = constraints.flatMap((one, by) => one.edges.map(([from, to]) => ({ from, to, by })))
  const could = Array.from({ length: size }, (_, node) =>
    edges.reduce((set, { from, by }) => (from === node ? set | (1 << by) : set), 0),
  )
  const found: Fate[] = could.map((set, node) => ({ nodes: 1 << node, taken: 0, always: set, ever: set }))
  for (let subset = 1; subset < 1 << edges.length; subset++) {
    const chosen = edges.filter((_, i) => has(subset, i))
    const nodes = chosen.reduce((set, { from, to }) => set | (1 << from) | (1 << to), 0)
    const joined = Array.from({ length: size }, (_, n) => n).every(
      (n) => !has(nodes, n) || reach(1 << n, chosen, -1) === nodes,
    )
    if (!joined) continue
    const members = could.filter((_, n) => has(nodes, n))
    found.push({
      nodes,
      taken: chosen.reduce((set, { by }) => set | (1 << by), 0),
      always: members.reduce((a, b) => a & b),
      ever: members.reduce((a, b) => a | b),
    })
  }
  return found
}

/** The nodes that can be reached from a set through nodes in `within`; what lies outside is dropped. */
function reach(from: number, edges: readonly { from: number; to: number }[], within: number): number {
  let now = from & within
  for (;;) {
    const next = edges.reduce((set, e) => (has(set, e.from) ? set | ((1 << e.to) & within) : set), now)
    if (next === now) return now
    now = next
  }
}

const isFair = ({ taken, always, ever }: Fate, fairness: readonly Fairness[]): boolean =>
  fairness.every((fair, i) =>
    fair === 'weak' ? !has(always, i) || has(taken, i) : fair === 'strong' ? !has(ever, i) || has(taken, i) : true,
  )

type Kinds = 'leadsTo' | 'eventually' | 'alwaysEventually' | 'eventuallyAlways'

/** The verdicts by definition. */
function defined(graph: Drawn, all: readonly Fate[], fairness: readonly Fairness[]): Record<Kinds, boolean> {
  const { size, p, q, initial } = graph
  const whole = (1 << size) - 1
  const edges = graph.constraints.flatMap((one) => one.edges.map(([from, to]) => ({ from, to })))
  const reachable = reach(1 << initial, edges, whole)
  const unmet = whole & ~q
  const fair = all.filter((fate) => isFair(fate, fairness))
  const staysOut = (from: number): boolean => {
    const there = reach(from, edges, unmet)
    return fair.some(({ nodes }) => (nodes & ~there) === 0)
  }
  return {
    leadsTo: !staysOut(reachable & p & unmet),
    eventually: !staysOut((1 << initial) & unmet),
    alwaysEventually: !staysOut(reachable & unmet),
    eventuallyAlways: !fair.some(({ nodes }) => (nodes & ~reachable) === 0 && (nodes & unmet) !== 0),
  }
}

/** Whether a property of that kind is true of any graph of the nodes that can be told apart. */
const isTrivial = ({ p, q }: Drawn, kind: Kinds): boolean => (0b11111 & ~q & (kind === 'leadsTo' ? p : -1)) === 0

async function judged(graph: Drawn, backwards = false): Promise<Record<Kinds, Verdict>> {
  const { state, model } = systemOf(graph, backwards)
  const { leadsTo, eventually, alwaysEventually, eventuallyAlways } = propertiesOver(state)
  const [p, q] = [graph.p, graph.q].map((set) => (s: { readonly n: number }) => has(set, s.n))
  const { verdicts } = await check(instantiate(model), [
    leadsTo('leadsTo', 'p leads to q.', { from: p!, to: q! }),
    eventually('eventually', 'q happens.', q!),
    alwaysEventually('alwaysEventually', 'q happens again and again.', q!),
    eventuallyAlways('eventuallyAlways', 'q stays.', q!),
  ])
  return Object.fromEntries(verdicts.map((verdict) => [verdict.property, verdict])) as Record<Kinds, Verdict>
}

const kinds: readonly Kinds[] = ['leadsTo', 'eventually', 'alwaysEventually', 'eventuallyAlways']

describe('liveness', () => {
  it('agrees with the definition on random graphs with random fairness', async () => {
    const seen = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(drawn, async (graph) => {
        const wanted = defined(
          graph,
          fates(graph),
          graph.constraints.map(({ fair }) => fair),
        )
        const found = await judged(graph)
        for (const kind of kinds) {
          const { verdict } = found[kind]
          const holds = isTrivial(graph, kind) ? 'trivial' : 'holds'
          const expected: readonly Judgement[] = wanted[kind] ? [holds, 'vacuous'] : ['violated']
          assert.ok(expected.includes(verdict), `${kind}: ${verdict}, by definition ${expected[0]!}`)
          seen.set(`${kind} ${verdict}`, (seen.get(`${kind} ${verdict}`) ?? 0) + 1)
        }
      }),
      { numRuns: 10_000 },
    )
    for (const kind of kinds)
      for (const verdict of ['holds', 'violated'])
        assert.ok((seen.get(`${kind} ${verdict}`) ?? 0) > 500, `too few: ${kind} ${verdict}`)
  })

  it('names fairness that is needed, enough of it, and none in vain', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (graph) => {
        const all = fates(graph)
        const { names } = systemOf(graph)
        const declared = graph.constraints.map(({ fair }) => fair)
        const found = await judged(graph)
        const holdsWith = (kind: Kinds, fairness: readonly Fairness[]): boolean => defined(graph, all, fairness)[kind]
        for (const kind of kinds) {
          const { verdict, needs } = found[kind]
          if (verdict === 'vacuous' || verdict === 'trivial') continue
          const floor: Fairness[] = verdict === 'holds' ? declared.map(() => 'none') : [...declared]
          if (!needs) {
            assert.ok(
              !holdsWith(
                kind,
                declared.map(() => 'strong'),
              ),
              `${kind}: some fairness helps`,
            )
            continue
          }
          const given = names.map((name, i) => needs.find(({ of }) => of === name)?.fair ?? floor[i]!)
          assert.ok(holdsWith(kind, given), `${kind}: ${JSON.stringify(needs)} is not enough`)
          given.forEach((fair, i) => {
            if (fair === floor[i]) return
            assert.ok(!holdsWith(kind, given.with(i, floor[i]!)), `${kind}: ${names[i]!} is not needed`)
          })
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('does not depend on the order of declaration', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (graph) => {
        const [one, other] = [await judged(graph), await judged(graph, true)]
        for (const kind of kinds) {
          const { verdict, needs } = one[kind]
          assert.deepEqual({ verdict: other[kind].verdict, needs: other[kind].needs }, { verdict, needs })
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is the same in temporal logic, verdicts and needs alike', async () => {
    const texts = { leadsTo: 'G (p -> F q)', eventually: 'F q', alwaysEventually: 'G F q', eventuallyAlways: 'F G q' }
    await fc.assert(
      fc.asyncProperty(drawn, async (graph) => {
        const { state, model } = systemOf(graph)
        const { ltl } = propertiesOver(state)
        const atoms = {
          p: (s: { readonly n: number }) => has(graph.p, s.n),
          q: (s: { readonly n: number }) => has(graph.q, s.n),
        }
        const { verdicts } = await check(
          instantiate(model),
          kinds.map((kind) => ltl(kind, 'In temporal logic.', { formula: texts[kind], atoms })),
        )
        const direct = await judged(graph)
        for (const { property, verdict, needs } of verdicts.slice(2)) {
          const { verdict: expected, needs: expectedNeeds } = direct[property as Kinds]
          assert.deepEqual({ property, verdict, needs }, { property, verdict: expected, needs: expectedNeeds })
        }
      }),
      { numRuns: 1000 },
    )
  })
})
