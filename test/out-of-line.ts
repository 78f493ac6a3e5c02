/** Cancels of threads whose steps stand in another order: where a step is declared must not matter, only where control goes. */

import { check } from '../src/search/check.js'
import { explore } from '../src/search/explore.js'
import { cancelled } from '../src/search/compose/cancel.js'
import type { Model, Part, Step, Thread } from '../src/write/model.js'
import { propertiesOver, type Cancel, type Property } from '../src/write/property.js'
import { instantiate, type System } from '../src/write/system.js'
import { same } from './compared.js'
import { predicate, written, type Description, type Test } from './plain-models.js'

/** The steps of a thread with the way on from each of them written down. */
const spelledOut = (steps: readonly Step[]): readonly Step[] =>
  steps.map((step, i) => ({ ...step, declared: { goto: steps[i + 1]?.name ?? 'end', ...step.declared } }))

/** The same steps in another order; the first stays, because a thread starts there. */
function shuffled(steps: readonly Step[], pick: number): readonly Step[] {
  const [first, ...left] = spelledOut(steps)
  const others: Step[] = []
  for (let n = pick; left.length > 0; n >>>= 1) others.unshift(...left.splice(n % left.length, 1))
  return [first!, ...others]
}

/** A model whose threads have their steps in another order. */
function outOfLine({ declared, ...model }: Model, pick: number): Model {
  const part = (one: Part): Part =>
    one.kind === 'thread' ? ({ ...one, steps: shuffled(one.steps, pick) } satisfies Thread) : one
  return { ...model, declared: { ...declared, parts: (parameters) => declared.parts(parameters).map(part) } }
}

/** The labels at which an interrupt belongs, by the definition: on a way from behind the request to the commit. */
function between({ threads, transitions }: System, thread: number, request: string, commit: string): Set<string> {
  const { labels } = threads[thread]!
  const steps = transitions
    .filter((one) => one.thread === thread)
    .map(({ from, to }) => [labels[from]!, labels[to]!] as const)
  /** Whether there is a way of so many steps at most, none of which begins at the end of it, or at one of some labels. */
  const leads = (from: string, to: string, past: readonly string[], steps_: number): boolean =>
    from === to ||
    (steps_ > 0 && !past.includes(from) && steps.some(([at, next]) => at === from && leads(next, to, past, steps_ - 1)))
  const starts = steps.filter(([at]) => at === request).map(([, next]) => next)
  return new Set(
    labels.filter(
      (label) =>
        label !== request &&
        starts.some((start) => leads(start, label, [commit], labels.length)) &&
        leads(label, commit, [request], labels.length),
    ),
  )
}

/** What is owed to cancels of the first thread of a random model, or nothing if that has one step. */
function owedIn(description: Description, tests: readonly Test[], pick: number): readonly Property[] {
  const [first] = description.threads
  if (!first || first.steps.length < 2) return []
  const [p, q, r] = [0, 1, 2].map((i) => predicate(description, tests[i % tests.length]!))
  const donor = instantiate(written(description)).transitions.find(({ thread }) => thread < 0)!
  const disturb = (draft: unknown): void => donor.effects.forEach((effect) => effect(draft, donor.args))
  const commit = `s${1 + (pick % (first.steps.length - 1))}`
  const pair = ['t0.s0', `t0.${commit}`] as const
  return propertiesOver({ shape: description.shape }).cancel('cancel', {
    what: 'the attempt',
    thread: first.twice ? 't0(0)' : 't0',
    request: 's0',
    commit,
    ...(pick % 3 === 0 && { exits: { [commit]: 's0' }, failing: disturb }),
    interrupts: { poke: { when: p!, then: disturb } },
    idle: (state, at) => at(first.twice ? 't0(0)' : 't0', 's0') || q!(state, at),
    running: r!,
    held: [{ what: 'a lock', acquire: pair[0], release: pair[1] }],
    stopped: [{ what: 'a device', suspend: pair[1], resume: pair[0] }],
    wake: { pending: q!, handled: r! },
  })
}

/** Everything about cancels that must not depend on where a step is declared. */
async function saidOf(model: Model, owed: readonly Property[]): Promise<unknown> {
  const system = instantiate(model)
  const { plan } = owed[0] as Cancel
  const { system: injected } = cancelled(system, plan, 'a test')
  const at = injected.transitions.flatMap(({ name }) => /^cancel\.poke-before-(.*)/.exec(name)?.slice(1) ?? [])
  const thread = system.threads.findIndex(({ name }) => name === plan.thread)
  same(new Set(at), between(system, thread, plan.request, plan.commit), 'where it may be cancelled')
  const { states, transitions, depth } = await explore(injected, { states: [], steps: [], collects: [] }, {})
  const { verdicts } = await check(system, owed)
  const told = verdicts.map(({ property, kind, verdict, run }) => [
    property,
    verdict,
    // Of loops no shortest one is promised.
    kind === 'cancel' && run?.loop === undefined && !/returns|wakeup/.test(property) ? run?.steps.length : undefined,
  ])
  return { at: at.sort(), counts: [states, transitions, depth], told }
}

/** Holds a random model against itself with its steps out of line. Answers whether it has anything to be cancelled. */
export async function examineCancels(description: Description, tests: readonly Test[], pick: number): Promise<boolean> {
  const owed = owedIn(description, tests, pick)
  if (owed.length === 0) return false
  const model = written(description)
  const expected = await saidOf(model, owed)
  for (const order of [0, pick >> 5])
    same(await saidOf(outOfLine(model, order), owed), expected, 'cancels of steps out of line')
  return true
}
