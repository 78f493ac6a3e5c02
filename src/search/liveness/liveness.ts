/** The judge of properties of whole runs: what must happen in the end, under fairness. */

import { isDeepStrictEqual } from 'node:util'
import type { Predicate } from '../../write/predicate.js'
import type { LeadsTo, Live } from '../../write/property.js'
import { asking } from '../../write/standing.js'
import type { System } from '../../write/system.js'
import type { Expander } from '../expander.js'
import { FairCycles, stateAt, type Subgraph } from './fair-components.js'
import { constraintsOf, enabledSets, fairnessSetsOf, type Assumptions, type FairnessConstraints } from './fairness.js'
import { fairBecause } from './fair-run.js'
import { flatten, type FlatEdges, type Graph } from '../graph.js'
import { lassoIn, lassosFrom, type Lasso } from './lasso.js'
import { minimalKept, spelledNeeds, minimalAdded } from './assumptions.js'
import { guarded, type SystemState } from '../reference.js'
import { runTo } from '../reached.js'
import { endOf, extend, loopStates, statesOf, type Run } from '../run.js'
import type { Assumption, Found } from '../verdict.js'

/** What was found about a property of runs. */
export interface LiveFinding {
  /** A run that breaks it, replayed; with `loop` unless it stops. */
  readonly run?: Run
  /** Why the run is fair, or why it may stop. */
  readonly fair?: string
  /**
   * Without a run: a minimal set of the declared assumptions on which the answer leans. With a run: a minimal set of
   * further assumptions under which no run would break it; absent if there is none.
   */
  readonly needs?: readonly Assumption[]
}

/** A graph made ready for questions about fair runs: edges flat, enabled sets known; made once for all properties. */
export class BehaviourGraph {
  readonly edges: FlatEdges
  readonly constraints: FairnessConstraints
  readonly enabled: Int32Array
  private depths: Int32Array | undefined

  constructor(readonly graph: Graph) {
    this.edges = flatten(graph.edges!)
    this.constraints = constraintsOf(graph.expander.system)
    this.enabled = enabledSets(this.constraints, this.edges)
  }

  /** A mark for each expanded state, 1 unless it is among `ids`. */
  except(ids: readonly number[]): Uint8Array {
    const { states, expanded } = this.graph
    const marks = new Uint8Array(states).fill(1, 0, expanded)
    for (const id of ids) marks[id] = 0
    return marks
  }

  /** The identities of the initial states. */
  initials(): number[] {
    return Array.from({ length: this.graph.expander.store.parents.roots }, (_, id) => id)
  }

  /** The subgraph of all states that are marked. */
  subgraph(parts: Pick<Subgraph, 'starts' | 'inside'> & Partial<Subgraph>): Subgraph {
    const { edges, constraints, enabled } = this
    return { edges, constraints, enabled, meets: [], ...parts }
  }

  /** How many steps a state is away from an initial one. */
  depth(id: number): number {
    this.depths ??= depthsOf(this.graph.expander, this.graph.states)
    return this.depths[id]!
  }

  /** Answers whether a run that stays inside an subgraph is fair, with the run or with what the answer leans on. */
  settle(subgraph: Subgraph, depth = (start: number): number => this.depth(start)): LiveFinding {
    const { constraints } = this
    const { system } = this.graph.expander
    const cycles = new FairCycles(subgraph)
    const breaks = (assumptions: Assumptions): boolean => cycles.any(fairnessSetsOf(constraints, assumptions))
    if (!breaks(constraints.declared)) return { needs: minimalKept(system, constraints.declared, breaks) }
    const who = fairnessSetsOf(constraints, constraints.declared)
    const run = replayed(this.graph.expander, subgraph, lassoIn(cycles, who, depth))
    const needs = minimalAdded(system, constraints.declared, breaks)
    return { run, fair: fairBecause(constraints, run), ...(needs && { needs }) }
  }

  /** Fair runs that stay inside an subgraph, to the nearest places where one can stay, at most so many places. */
  *fairRuns(subgraph: Subgraph, most: number, depth = (start: number): number => this.depth(start)): Generator<Run> {
    const { constraints } = this
    const lassos = lassosFrom(new FairCycles(subgraph), fairnessSetsOf(constraints, constraints.declared), depth, most)
    for (const lasso of lassos) yield replayed(this.graph.expander, subgraph, lasso)
  }
}

function depthsOf(expander: Expander, states: number): Int32Array {
  const parents = expander.store.parents.all()
  const depths = new Int32Array(states)
  for (let id = 0; id < states; id++) {
    const parent = parents[id]!
    depths[id] = parent < 0 ? 0 : depths[parent]! + 1
  }
  return depths
}

/** A lasso as a run, every state of which the reference execution confirms, and whose loop closes. */
function replayed(expander: Expander, subgraph: Subgraph, lasso: Lasso): Run {
  const { system } = expander
  const stem = runTo(expander, stateAt(subgraph, lasso.start))
  const whole = lasso.edges.reduce((run, edge) => {
    const next = extend(run, system.transitions[subgraph.edges.by[edge]!]!)
    const wanted = expander.stateOf(stateAt(subgraph, subgraph.edges.target[edge]!))
    if (!isDeepStrictEqual(endOf(next), wanted)) throw new Error('the reference execution cannot follow a lasso')
    return next
  }, stem)
  if (lasso.loop === undefined) return whole
  const run = { ...whole, loop: stem.steps.length + lasso.loop }
  const states = loopStates(run)
  if (!isDeepStrictEqual(states[0], endOf(run))) throw new Error('the loop of a lasso does not close')
  return run
}

/** Judges a property of runs, given the states that satisfy its claim and, for a `leadsTo`, its premise. */
export function decideLive(
  field: BehaviourGraph,
  property: Live,
  goal: readonly number[],
  premise: readonly number[],
): Found {
  const { graph } = field
  const { cut } = graph
  if (cut?.limit === 'fault') return { verdict: 'unknown', why: cut.says }
  const found = conclude(field, field.settle(subgraphOf(field, property, goal, premise)), (run) => {
    confirm(property, run)
    return shortfall(property, run)
  })
  return found.verdict === 'holds' && property.kind === 'leadsTo' && premise.length === 0
    ? { verdict: 'vacuous', why: 'no reachable state satisfies its premise' }
    : found
}

/** The verdict that follows from a finding; `shortfall` says what goes wrong on a run, after having confirmed that it does. */
export function conclude(
  field: BehaviourGraph,
  { run, fair, needs }: LiveFinding,
  shortfall: (run: Run) => string,
): Found {
  const { cut } = field.graph
  if (run) {
    // What an unfinished search says about other assumptions would be a guess.
    const known = cut ? undefined : needs
    const cure = known ? `it would hold with ${spelledNeeds(known)}` : cut ? '' : 'no fairness assumption would help'
    const why = [shortfall(run), fair!, cure].filter((part) => part !== '').join('; ')
    return { verdict: 'violated', why, run, ...(known && { needs: known }) }
  }
  if (cut) return { verdict: 'unknown', why: cut.says }
  return { verdict: 'holds', needs: needs!, ...(needs!.length > 0 && { why: `needs ${spelledNeeds(needs!)}` }) }
}

/** The subgraph in which a fair run would break the property, given what {@link decideLive} is given. */
export function subgraphOf(
  field: BehaviourGraph,
  property: Live,
  goal: readonly number[],
  premise: readonly number[],
): Subgraph {
  const { expanded, states } = field.graph
  const unmet = field.except(goal)
  switch (property.kind) {
    case 'leadsTo':
      return field.subgraph({ starts: Int32Array.from(premise.filter((id) => unmet[id] === 1)), inside: unmet })
    case 'eventually':
      return field.subgraph({ starts: Int32Array.from(field.initials()), inside: unmet })
    case 'alwaysEventually':
      return field.subgraph({ starts: Int32Array.from({ length: expanded }, (_, id) => id), inside: unmet })
    case 'eventuallyAlways':
      return field.subgraph({
        starts: Int32Array.from(field.initials()),
        inside: new Uint8Array(states).fill(1, 0, expanded),
        meets: [unmet],
        stops: unmet,
      })
  }
}

/** What goes wrong on a run that breaks a property, in words. */
export function shortfall(property: Live, run: Run): string {
  switch (property.kind) {
    case 'leadsTo':
      return `its premise holds after step ${promiseOf(property, run)} and its goal never follows`
    case 'eventually':
      return 'it never happens'
    case 'alwaysEventually':
      return 'from some step on it never happens again'
    case 'eventuallyAlways':
      return run.loop === undefined ? 'it does not hold where the run ends' : 'it fails again and again'
  }
}

/** After how many steps the premise holds for the last time before the goal is missed for ever. */
function promiseOf(property: LeadsTo, run: Run): number {
  const states = statesOf(run)
  const met = states.findLastIndex((here) => ask(property, property.to, run.system, here))
  return states.findIndex((here, i) => i > met && ask(property, property.from, run.system, here))
}

const ask = (property: Live, predicate: Predicate<unknown>, system: System, { state, at }: SystemState): boolean =>
  guarded(property.name, 'it', () => predicate(state as never, asking(system, at)))

/** A run that the reference execution does not confirm must not be printed. */
function confirm(property: Live, run: Run): void {
  if (!breaksLive(property, run))
    throw new Error(`the reference execution does not confirm the verdict on ${property.name}`)
}

/** Whether a whole run, one that stops or one with a loop, breaks a property, by its states in the reference execution. */
export function breaksLive(property: Live, run: Run): boolean {
  const states = statesOf(run)
  const forever = run.loop === undefined ? states.slice(-1) : loopStates(run)
  const good = (here: SystemState): boolean =>
    ask(property, property.kind === 'leadsTo' ? property.to : property.holds, run.system, here)
  switch (property.kind) {
    case 'leadsTo':
      return promiseOf(property, run) >= 0 && !forever.some(good)
    case 'eventually':
      return !states.some(good)
    case 'alwaysEventually':
      return !forever.some(good)
    case 'eventuallyAlways':
      return forever.some((state) => !good(state))
  }
}
