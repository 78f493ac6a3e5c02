/** The judge: explores a system once, decides every property, and backs each violation with a replayed run. */

import { Mistake } from '../write/mistake.js'
import { propertyList } from '../write/declaration.js'
import { siteOf } from '../write/site.js'
import type { Cancel, Observer, Properties, Property, Refinement } from '../write/property.js'
import type { System } from '../write/system.js'
import { Where } from '../write/want.js'
import { audited } from './audit.js'
import { cancelled } from './compose/cancel.js'
import { certify, Refuted, type Certificate } from './certify.js'
import type { Watch } from './expander.js'
import type { SearchOptions, Spent } from './explore.js'
import { bytesOf, type Graph } from './graph.js'
import { decideLive, BehaviourGraph } from './liveness/liveness.js'
import { atomsIn, decideLtl } from './ltl/ltl.js'
import { answerable } from './purity/answerable.js'
import { codeOf } from './purity/code.js'
import { compose, decideObserver, observed } from './compose/observer.js'
import { restsEverywhere, unlessTrivial } from './trivial.js'
import { listOf } from './property-lists.js'
import { isLive, isShared, planFor, wantsEdges, type Plan, type Shared } from './plan.js'
import { advice, explosionOf } from './explosion.js'
import type { Prepared } from './parallel/recipe.js'
import { decideRefinement, remembering } from './refinement.js'
import { reductionOf, type Reduction, type ReductionOptions } from './reductions/reduction.js'
import { runTo, runToFault } from './reached.js'
import type { Outcome } from './outcome.js'
import { decideAlways, decidePossible, decideReachable, decideStep, unfinished } from './safety.js'
import type { Decided, Found, Verdict } from './verdict.js'

export type { Judgement, Verdict } from './verdict.js'

export type { Outcome } from './outcome.js'

/** How a check goes on: a search, and perhaps a second look at it. */
export interface CheckOptions extends SearchOptions, ReductionOptions {
  /** Has a complete search verified independently. */
  readonly certify?: boolean
}

/** The requirement of the two properties that every model has. */
export const builtIn = {
  'no-deadlock': 'Something can always happen, except in a declared resting state.',
  'in-domain': 'No step writes a value outside its declared domain.',
} as const

/** The properties of a protocol for given parameters. @throws Mistake for a duplicate or reserved name. */
export function propertiesFor(system: System, properties: Properties): readonly Property[] {
  const list = typeof properties === 'function' ? listOf(properties, system) : properties
  propertyList.look(list, new Where(`properties of ${system.model.name}`))
  const seen = new Set<string>(Object.keys(builtIn))
  for (const property of list) {
    const { name } = property
    if (seen.has(name))
      throw new Mistake(`properties of ${system.model.name}`, `'${name}' is declared twice`, 'rename one of them', {
        at: siteOf(property),
      })
    seen.add(name)
  }
  return list
}

/** What the one search that most of these properties share watches. */
export const watchFor = (system: System, properties: Properties): Watch =>
  planFor(propertiesFor(system, properties).filter(isShared)).watch

/** The search of the property of that name, or the one that most share: what another thread needs to take part in it. */
export function searchFor(system: System, properties: Properties, of?: string): Prepared {
  const list = propertiesFor(system, properties)
  return { ...searchOf(system, list, of), code: codeOf(system, list) }
}

function searchOf(system: System, list: readonly Property[], of: string | undefined): Prepared {
  const property = list.find(({ name }) => name === of)
  switch (property?.kind) {
    case 'observer':
      return observed(system, property)
    case 'refinement':
      return remembering(system, property)
    case 'cancel': {
      const { system: made, owed } = owedBy(system, list, property.plan)
      return { system: made, watch: planFor(owed).watch }
    }
    default:
      return { system, watch: planFor(list.filter(isShared)).watch }
  }
}

/**
 * Explores a system and judges its properties: most of them in one search; an observer, a refinement, and each plan of cancels in one of its own.
 */
export async function check(system: System, properties: Properties, options: CheckOptions = {}): Promise<Outcome> {
  refuseInexact(options)
  const list = propertiesFor(system, properties)
  return answerable(system, list, options.maxSeconds, (untried) => judgeAll(system, list, untried, options))
}

async function judgeAll(
  system: System,
  list: readonly Property[],
  untried: readonly string[],
  options: CheckOptions,
): Promise<Outcome> {
  const since = options.spent?.since ?? performance.now()
  const first = { ...options, spent: options.spent ?? { since, states: 0, bytes: 0 } }
  const { graph, found, reduction, counts } = await judgeReduced(system, list.filter(isShared), first)
  const own = await judgeAlone(system, list, { ...options, spent: spentBy(graph, first.spent) })
  for (const [property, verdict] of own.found) found.set(property, verdict)
  const { cut, fault } = [endOf(graph), ...own.ends].reduce((ends, one) => ({ ...one, ...ends }))
  const judged: readonly Verdict[] = [
    ...builtInVerdicts(graph, fault ? undefined : restsEverywhere(system)),
    ...list.map((property) => {
      const { name, kind, says } = property
      const own = found.get(property)!
      return { property: name, kind, says, ...(fault ? own : unlessTrivial(system, property, own)) }
    }),
  ]
  const verdicts = graph.expander.foretold ? await shortest(system, list, judged, first) : judged
  return {
    system,
    complete: !cut,
    ...(cut && { cut }),
    ...(graph.fingerprints && { fingerprints: graph.fingerprints }),
    states: counts.states,
    transitions: counts.transitions,
    depth: graph.depth,
    verdicts,
    unfired: unfired(graph),
    ...(untried.length > 0 && { untried }),
    ...(fault && { fault }),
    ...(limited(graph) && { advice: advice(graph, explosionOf(graph)) }),
    ...(options.certify && !graph.cut && { certificate: certified(graph, list, verdicts) }),
    ...(reduction && { reduction: 'whole' in reduction ? { ...reduction, whole: unshared(list) } : reduction }),
  }
}

/** @throws Mistake if something is asked for that needs exact states. */
function refuseInexact({ fingerprints, certify: sealed, checkpoint }: CheckOptions): void {
  const refuse = (option: string, why: string): never => {
    throw new Mistake(`--fingerprints and ${option}`, why, `leave one of the two out`)
  }
  if (!fingerprints) return
  if (sealed) refuse('--certify', 'a certificate is about every state, and of most only a fingerprint is left')
  if (checkpoint) refuse('--checkpoint', 'a search by fingerprints cannot be saved')
}

/** The verdict on what fingerprints cannot tell. */
const graphless: Found = {
  verdict: 'unknown',
  why: 'it is about the whole state graph, of which --fingerprints keeps nothing; check it without, if need be with smaller parameters',
}

const limited = ({ cut }: Graph): boolean => cut !== undefined && ['states', 'memory', 'seconds'].includes(cut.limit)

/** Has everything that is said to hold confirmed by the verifier. @throws Refuted if it does not agree. */
function certified(graph: Graph, list: readonly Property[], verdicts: readonly Verdict[]): Certificate {
  const { expander, states, transitions } = graph
  const holds = new Set(verdicts.filter(({ verdict }) => verdict === 'holds').map(({ property }) => property))
  const holding = { properties: list.filter(({ name }) => holds.has(name)), deadlockFree: holds.has('no-deadlock') }
  const certificate = certify(expander.system, holding, function* () {
    for (let id = 0; id < states; id++) yield expander.stateOf(id)
  })
  if (certificate.transitions === transitions) return certificate
  throw new Refuted(`${certificate.transitions} transitions are possible, the search took ${transitions}`)
}

/** The system in which the runs of a property take place: with its observer, or with cancels, in it. */
export function systemFor(system: System, property: Property | undefined): System {
  switch (property?.kind) {
    case 'observer':
      return compose(system, property.declared).system
    case 'cancel':
      return cancelled(system, property.plan, `property ${property.name}`).system
    case 'refinement':
      return property.claim.remember ? compose(system, property.claim.remember).system : system
    default:
      return system
  }
}

/** The properties that have searches of their own, by name. */
const unshared = (list: readonly Property[]): readonly string[] =>
  list.filter((property) => !isShared(property)).map(({ name }) => name)

/** Judges properties in one search of a system, of as little of it as decides them. */
async function judgeReduced(
  system: System,
  list: readonly Shared[],
  options: CheckOptions,
): Promise<Judged & { reduction?: Reduction; counts: Pick<Outcome, 'states' | 'transitions'> }> {
  const reduced = reductionOf(system, planFor(list).watch, list, options)
  let off = reduced && 'off' in reduced ? reduced : undefined
  if (reduced && !('off' in reduced)) {
    const judged = await judge(system, list, reduced.options)
    const told = reduced.told(judged.graph)
    if (!judged.graph.fault) return { ...judged, ...told }
    off = { by: told.reduction.by, off: 'the model is at fault' }
  }
  const judged = await judge(system, list, options)
  return { ...judged, ...(off && { reduction: off }), counts: judged.graph }
}

/**
 * The verdicts of a reduced search with shortest runs: each violation is looked for again in the plain search, up to where it
 * shows, or to a limit; then the verdict says that its run may not be shortest.
 */
async function shortest(
  system: System,
  list: readonly Property[],
  verdicts: readonly Verdict[],
  options: SearchOptions,
): Promise<readonly Verdict[]> {
  const told: Verdict[] = []
  for (const verdict of verdicts) {
    const property = list.find(({ name }) => name === verdict.property)
    const looked = verdict.run && (!property || isShared(property))
    const again = looked ? await plainly(system, property, options) : undefined
    const why = 'found by stubborn sets; a limit was hit before a shortest run was found'
    told.push(again?.run ? { ...verdict, ...again } : again ? { ...verdict, why: verdict.why ?? why } : verdict)
  }
  return told
}

/** The verdict on one property, or on deadlocks, from a plain search that ends as soon as it is violated. */
async function plainly(system: System, property: Shared | undefined, options: SearchOptions): Promise<Found> {
  // Other threads would watch for all properties.
  const alone = { ...options, workers: 1, stopAtFirst: property?.kind !== 'possible' }
  if (!property) return builtInVerdicts((await judge(system, [], alone)).graph)[0]!
  // Only this property is asked for.
  const restless: System = { ...system, resting: () => true }
  const found = (await judge(restless, [property], alone)).found.get(property)!
  return found.run ? { ...found, run: { ...found.run, system } } : found
}

interface Judged {
  readonly graph: Graph
  readonly found: Map<Property, Found>
}

/** Judges properties in one search of a system. */
async function judge(system: System, list: readonly Shared[], options: SearchOptions): Promise<Judged> {
  const judged = options.fingerprints ? list.filter((property) => !wantsEdges(property)) : list
  const plan = planFor(judged)
  const graph = await audited(system, plan.watch, { ...options, keepEdges: judged.some(wantsEdges) })
  const field = judged.some(isLive) ? new BehaviourGraph(graph) : undefined
  const verdictOn = (property: Shared): Found =>
    judged.includes(property) ? decide(graph, plan, property, field) : graphless
  return { graph, found: new Map(list.map((property) => [property, verdictOn(property)])) }
}

/** How a search ended before it was complete, if it did. */
type End = Pick<Outcome, 'cut' | 'fault'>

function endOf({ cut, fault, expander }: Graph, of?: string): End {
  if (!cut) return {}
  const says = of === undefined ? cut.says : `in the search for ${of}, ${cut.says}`
  return {
    cut: { ...cut, says },
    ...(fault && {
      fault: { fault: fault.fault, run: runToFault(expander, fault.id), ...(of !== undefined && { of }) },
    }),
  }
}

/** What has been used up of the limits after one more search; its graph is kept. */
const spentBy = ({ states, expander, edges }: Graph, before: Spent): Spent => ({
  since: before.since,
  states: before.states + states,
  bytes: before.bytes + bytesOf(expander, edges),
})

/** Judges the properties that have searches of their own, the obligations after cancels of one plan in one. */
async function judgeAlone(
  system: System,
  list: readonly Property[],
  options: CheckOptions & { readonly spent: Spent },
): Promise<{ readonly found: ReadonlyMap<Property, Found>; readonly ends: readonly End[] }> {
  const { recipe } = options
  const found = new Map<Property, Found>()
  const ends: End[] = []
  let { states } = options.spent
  const optionsFor = ({ name }: Property): SearchOptions => ({
    ...options,
    spent: { ...options.spent, states },
    checkpoint: undefined,
    ...(recipe && { recipe: { ...recipe, of: name } }),
  })
  const ended = (graph: Graph, of: string): void => {
    // Of these graphs nothing is kept.
    states += graph.states
    ends.push(endOf(graph, of))
  }
  const decided = (property: Observer | Refinement): Promise<Decided> =>
    property.kind === 'observer'
      ? decideObserver(system, property, optionsFor(property))
      : decideRefinement(system, property, optionsFor(property))
  for (const property of list)
    if (property.kind === 'refinement' && options.fingerprints) found.set(property, graphless)
    else if (property.kind === 'observer' || property.kind === 'refinement') {
      const { graph, found: verdict } = await decided(property)
      found.set(property, verdict)
      ended(graph, property.name)
    }
  for (const plan of new Set(list.flatMap((property) => (property.kind === 'cancel' ? [property.plan] : [])))) {
    const { own, owed, system: made } = owedBy(system, list, plan)
    const { graph, found: judged } = await judge(made, owed, optionsFor(own[0]!))
    own.forEach((property, i) => found.set(property, judged.get(owed[i]!)!))
    ended(graph, own.length === 1 ? own[0]!.name : `${own[0]!.name} and what else is owed to a cancel`)
  }
  return { found, ends }
}

/** A system with the cancels of a plan in it, the properties that are about that plan, and what they say of that system. */
function owedBy(
  system: System,
  list: readonly Property[],
  plan: Cancel['plan'],
): { readonly system: System; readonly own: readonly Cancel[]; readonly owed: readonly Shared[] } {
  const own = list.filter((property): property is Cancel => property.kind === 'cancel' && property.plan === plan)
  const made = cancelled(system, plan, `property ${own[0]!.name}`)
  return { system: made.system, own, owed: own.map((property) => made.owed(property)) }
}

/** Judges a property from the one search that they share. */
function decide(graph: Graph, plan: Plan, property: Shared, field: BehaviourGraph | undefined): Found {
  const at = plan.at.get(property)!
  switch (property.kind) {
    case 'always':
      return decideAlways(graph, property, at)
    case 'step':
      return decideStep(graph, property, at)
    case 'reachable':
      return decideReachable(graph, property, at)
    case 'possible':
      return decidePossible(graph, at, plan.premise.get(property))
    case 'ltl': {
      const { collected } = graph.expander.findings
      return decideLtl(field!, property, collected.slice(at, at + atomsIn(property).length))
    }
    default: {
      const { collected } = graph.expander.findings
      const premise = plan.premise.get(property)
      return decideLive(field!, property, collected[at]!, premise === undefined ? [] : collected[premise]!)
    }
  }
}

/** `rests`: why nothing could be a deadlock. */
function builtInVerdicts(graph: Graph, rests?: string): Verdict[] {
  const { expander, fault } = graph
  const dead = expander.findings.dead[0]!
  const left = fault?.fault.kind === 'out of domain' ? fault : undefined
  const deadlock: Found =
    dead >= 0
      ? { verdict: 'violated', why: 'nothing can happen after its last step', run: runTo(expander, dead) }
      : rests !== undefined
        ? { verdict: 'trivial', why: rests }
        : (unfinished(graph) ?? { verdict: 'holds' })
  const domain: Found = left
    ? { verdict: 'violated', why: left.fault.message, run: runTo(expander, left.id) }
    : (unfinished(graph) ?? { verdict: 'holds' })
  return [
    { property: 'no-deadlock', kind: 'no-deadlock', says: builtIn['no-deadlock'], ...deadlock },
    { property: 'in-domain', kind: 'in-domain', says: builtIn['in-domain'], ...domain },
  ]
}

function unfired(graph: Graph): string[] {
  const { system, findings } = graph.expander
  const taken = new Set(system.transitions.filter(({ index }) => findings.fired[index]! > 0).map(({ step }) => step))
  return [...new Set(system.transitions.map(({ step }) => step))].filter((step) => !taken.has(step))
}
