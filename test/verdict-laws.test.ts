/** The verdicts of a check against the definition of each kind of property, on random models. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { check, type Outcome, type Verdict } from '../src/check.js'
import { instantiate, type Property } from '../src/index.js'
import { propertiesOver } from '../src/write/property.js'
import type { Standing } from '../src/write/model.js'
import { endOf, replay } from '../src/search/run.js'
import { fixpoint, key, type Fixpoint } from './fixpoint.js'
import {
  movesOf,
  nowhere,
  predicate,
  standing,
  written,
  type Description,
  type Test,
  type Where,
} from './plain-models.js'
import { descriptions } from './random-models.js'

/** `holds`, `vacuous`, or the length of a shortest counterexample; undefined where there is a violation without one. */
type Expected = 'holds' | 'vacuous' | number | undefined

type Says = (state: unknown, at: Where) => boolean

interface Claim {
  readonly property: Property
  readonly expected: Expected
}

const withoutArgs = (name: string): string => name.replace(/\(.*\)$/, '')

/** Three conditions made into claims of every kind, with the verdicts that the definitions give. */
function claimsOf(description: Description, tests: readonly Test[], naive: Fixpoint): readonly Claim[] {
  const { always, step, reachable, possible } = propertiesOver({ shape: description.shape })
  const [p, q, r] = tests.map((test) => predicate(description, test)) as [Says, Says, Says]
  const states = [...naive.round].map(([text, round]) => {
    const [state, at] = JSON.parse(text) as [unknown, Standing]
    return { text, round, state, at: standing(at) }
  })
  const byText = new Map(states.map((one) => [one.text, one]))
  const edges = naive.edges.map(({ from, by, to }) => ({ by, before: byText.get(from)!, after: byText.get(to)! }))

  const first = (bad: readonly { readonly round: number }[], premise: readonly unknown[]): Expected =>
    bad.length > 0 ? Math.min(...bad.map(({ round }) => round)) : premise.length > 0 ? 'holds' : 'vacuous'
  const that = (test: Says): typeof states => states.filter(({ state, at }) => test(state, at))
  const not =
    (test: Says): Says =>
    (state, at) =>
      !test(state, at)
  const both =
    (a: Says, b: Says): Says =>
    (state, at) =>
      a(state, at) && b(state, at)

  const moved = edges.filter(({ by, before }) => by.startsWith('one.x') && p(before.state, before.at))
  const broken = moved.filter(({ before, after }) => !q(before.state, before.at) && !r(after.state, nowhere))
  const reaching = (goal: Says): ReadonlySet<string> => {
    const set = new Set(that(goal).map(({ text }) => text))
    for (let size = -1; size !== set.size;) {
      size = set.size
      for (const { from, to } of naive.edges) if (set.has(to)) set.add(from)
    }
    return set
  }
  const trapped = (premise: Says, goal: Says): typeof states => {
    const free = reaching(goal)
    return that(premise).filter(({ text }) => !free.has(text))
  }
  return [
    { property: always('p', 'It is so.', p), expected: first(that(not(p)), states) },
    {
      property: always('p-then-q', 'If one, then the other.', { when: p, holds: q }),
      expected: first(that(both(p, not(q))), that(p)),
    },
    {
      property: step('moves', 'An action that may do this does that.', {
        on: 'one.x*',
        when: (before, _, { at }) => p(before, at),
        holds: (before, after, { at }) => q(before, at) || r(after, nowhere),
      }),
      expected: first(
        broken.map(({ before }) => ({ round: before.round + 1 })),
        moved,
      ),
    },
    { property: reachable('r', 'It can be.', r), expected: that(r).length > 0 ? 'holds' : undefined },
    {
      property: possible('on', 'It can still be.', r),
      expected: first(
        trapped(() => true, r),
        states,
      ),
    },
    {
      property: possible('from-p-to-q', 'From one, the other can still be.', { when: p, holds: q }),
      expected: first(trapped(p, q), that(p)),
    },
  ]
}

/** What is true of every state whatever holds by the definition; that it is, `trivial.test.ts` holds against the definition. */
const found = ({ verdict, run }: Verdict): Expected =>
  verdict === 'violated'
    ? run?.steps.length
    : verdict === 'unknown'
      ? assert.fail('nothing was cut')
      : verdict === 'trivial'
        ? 'holds'
        : verdict

/** What is told about an outcome, without the objects that were searched. */
const told = ({ states, transitions, depth, verdicts, unfired }: Outcome): unknown => ({
  states,
  transitions,
  depth,
  unfired,
  verdicts: verdicts.map(({ property, verdict, why, run }) => ({
    property,
    verdict,
    why,
    steps: run?.steps.map(({ transition, changes, after }) => [transition.name, changes, after]),
  })),
})

describe('laws of verdicts', () => {
  it('every kind of property is judged by its definition, with a shortest run that replays by its names', async () => {
    const seen = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(descriptions(false), async ({ description, tests }) => {
        const naive = fixpoint(description)
        if (!naive) return
        const system = instantiate(written(description))
        const claims = claimsOf(description, tests, naive)
        const outcome = await check(
          system,
          claims.map(({ property }) => property),
          { symmetry: false },
        )
        assert(outcome.complete)
        const moving = new Set(naive.edges.map(({ from }) => from))
        const rests = predicate(description, description.resting)
        const dead = [...naive.round].filter(([text]) => {
          const [state, at] = JSON.parse(text) as [unknown, Standing]
          return !moving.has(text) && !rests(state, standing(at))
        })
        const expected: Record<string, Expected> = {
          'no-deadlock': dead.length > 0 ? Math.min(...dead.map(([, round]) => round)) : 'holds',
          'in-domain': 'holds',
          ...Object.fromEntries(claims.map(({ property, expected: verdict }) => [property.name, verdict])),
        }
        assert.deepEqual(
          Object.fromEntries(outcome.verdicts.map((verdict) => [verdict.property, found(verdict)])),
          expected,
        )
        const fired = new Set(naive.edges.map(({ by }) => withoutArgs(by)))
        const steps = new Set(movesOf(description).map(({ name }) => withoutArgs(name)))
        assert.deepEqual(
          outcome.unfired,
          [...steps].filter((step) => !fired.has(step)),
        )
        for (const { property, verdict, run } of outcome.verdicts) {
          seen.set(`${property} ${verdict}`, (seen.get(`${property} ${verdict}`) ?? 0) + 1)
          if (!run) continue
          const again = replay(
            system,
            run.initial,
            run.steps.map(({ transition }) => transition.name),
          )
          assert.equal(again.stuck, undefined)
          assert.equal(key(endOf(again.run)), key(endOf(run)))
        }
      }),
      { seed: 20253, numRuns: 800 },
    )
    const verdicts = ['p', 'p-then-q', 'moves', 'r', 'on', 'from-p-to-q', 'no-deadlock'].flatMap((name) =>
      ['holds', 'violated'].map((verdict) => `${name} ${verdict}`),
    )
    const vacuous = ['p-then-q vacuous', 'moves vacuous', 'from-p-to-q vacuous']
    for (const verdict of [...verdicts, ...vacuous])
      assert((seen.get(verdict) ?? 0) >= 20, `'${verdict}' was tried ${seen.get(verdict) ?? 0} times only`)
  })

  it('two runs of a check tell the same, to the byte', async () => {
    await fc.assert(
      fc.asyncProperty(descriptions(true), async ({ description, tests }) => {
        const [p, q] = tests.map((test) => predicate(description, test)) as [Says, Says]
        const { always, possible } = propertiesOver({ shape: description.shape })
        const claims = [always('p', 'It is so.', p), possible('q', 'It can be.', q)]
        const once = async (): Promise<string> =>
          JSON.stringify(told(await check(instantiate(written(description)), claims, { maxStates: 2000 })))
        assert.equal(await once(), await once())
      }),
      { seed: 20254, numRuns: 200 },
    )
  })
})
