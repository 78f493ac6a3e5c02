/** Runs on demand: a shortest one that does what is asked for, and others that differ in more than the order of what commutes. */

import { Mistake } from '../../write/mistake.js'
import type { At } from '../../write/model.js'
import type { Property } from '../../write/property.js'
import { asking } from '../../write/standing.js'
import type { System } from '../../write/system.js'
import { audited } from '../../search/audit.js'
import { systemFor } from '../../search/check.js'
import { same } from '../../search/copies.js'
import type { SearchOptions } from '../../search/explore.js'
import { withFewestSwitches } from '../fewest-switches.js'
import { canReach, flatten, type Cut, type FlatEdges, type Graph } from '../../search/graph.js'
import { answerable } from '../../search/purity/answerable.js'
import { enabled, guarded, initialStates } from '../../search/reference.js'
import { runTo } from '../../search/reached.js'
import { endOf, replay, type Run } from '../../search/run.js'
import { aimed, isNamed, type Aim, type Course } from './aim.js'
import { Commuting } from './orders.js'
import { different } from './different.js'

/** What was found. */
export interface Found {
  /** A shortest one first; none after a complete search if there is no such run. */
  readonly runs: readonly Run[]
  /** Of each run why it is one, where that is more than what was asked. */
  readonly whys?: readonly string[]
  /** Distinct states that the search found, with what it remembers of runs. */
  readonly states: number
  /** The search was cut: there may be shorter runs, or other ones, or runs where none was found. */
  readonly cut?: Cut
  /** Looking for more runs was given up: there may be others. */
  readonly givenUp?: true
}

/** What is asked besides an {@link Aim}. */
export interface Asked {
  readonly aim: Aim
  /** The search for a property, to which the aim is added; absent: any run that does what the aim asks. */
  readonly course?: Course
  /** The property of that search. */
  readonly property?: Property | undefined
  /** How many runs are wanted, that differ essentially. */
  readonly number: number
}

/**
 * Looks for runs, breadth-first: a shortest one, and, if more are wanted, for each possible last step a shortest one that ends with it, then
 * others in the order of their length, of which none is another with commuting steps exchanged, or another with more steps in it.
 * @throws Mistake for names that no variant of the model has.
 */
export async function runsFor(system: System, asked: Asked, options: SearchOptions = {}): Promise<Found> {
  const list = asked.property ? [asked.property] : []
  return answerable(system, list, options.maxSeconds, async () => {
    const from = asked.course ?? { system, arrived: () => true }
    const course = aimed(from, asked.aim)
    const alone = asked.number === 1 && !course.trap && !course.dead
    return alone ? shortest(system, course, asked, options) : several(system, from, course, asked, options)
  })
}

const name = 'what the run is asked for'

async function shortest(system: System, course: Course, asked: Asked, options: SearchOptions): Promise<Found> {
  const { arrived } = course
  const states = [{ name, when: undefined, holds: (state: unknown, at: At) => !arrived(state, at) }]
  const watch = { states, steps: [], collects: [] }
  // Where nothing can happen is of no interest here, and must not end the search.
  const restless: System = { ...course.system, resting: () => true }
  const graph = await audited(restless, watch, { ...options, workers: 1, stopAtFirst: true, keepEdges: false })
  refuseFaulty(graph)
  const found = graph.expander.findings.states.broken[0]!
  if (found < 0) return { runs: [], states: graph.states, ...(graph.cut && { cut: graph.cut }) }
  return {
    runs: [plain(system, asked, withFewestSwitches(insisted(course, runTo(graph.expander, found))))],
    states: graph.states,
  }
}

async function several(
  system: System,
  from: Course,
  course: Course,
  asked: Asked,
  options: SearchOptions,
): Promise<Found> {
  const { arrived, trap } = course
  const collects = [
    { name, holds: arrived },
    ...(trap ? [{ name, holds: trap.goal }] : []),
    ...(trap?.when ? [{ name, holds: trap.when }] : []),
  ]
  const graph = await audited(
    course.system,
    { states: [], steps: [], collects },
    { ...options, workers: 1, keepEdges: true },
  )
  refuseFaulty(graph)
  const { cut } = graph
  const arrivals = arrivalsIn(graph, course)
  const flat: FlatEdges = flatten(graph.edges!)
  const order = new Commuting(from.system, (transition) => isNamed(asked.aim, transition))
  const initials = initialStates(course.system)
  // Initial states that are alike are one in the graph.
  const firsts = [...initials.keys()].filter((i) => initials.findIndex((one) => same(one, initials[i])) === i)
  const { words, givenUp } = different(
    { flat, states: graph.states, starts: firsts.length, arrivals, number: asked.number },
    order,
  )
  const runs = words.map(({ initial, word }) => {
    const names = word.map((index) => course.system.transitions[index]!.name)
    const run = replay(course.system, firsts[initial]!, names)
    if (run.stuck)
      throw new Error(`the reference execution cannot follow the compiled search after ${run.run.steps.length} steps`)
    return plain(system, asked, withFewestSwitches(insisted(course, run.run)))
  })
  return { runs, states: graph.states, ...(cut && { cut }), ...(givenUp && { givenUp }) }
}

/** Marks the states in which a run has arrived. */
function arrivalsIn(graph: Graph, { trap, dead, system }: Course): Uint8Array {
  const { expander, states, expanded } = graph
  const [arrived, goal, when] = expander.findings.collected
  const marks = new Uint8Array(states)
  const reaches = trap && canReach(states, graph.edges!, goal!)
  const premise = when && new Set(when)
  if (trap && graph.cut) return marks
  for (const id of arrived!) {
    if (reaches && (reaches[id] === 1 || (premise && !premise.has(id)))) continue
    if (dead && (id >= expanded || !isDead(system, graph, id))) continue
    marks[id] = 1
  }
  return marks
}

function isDead(system: System, { expander, edges }: Graph, id: number): boolean {
  if (edges!.first.at(id) < edges!.first.at(id + 1)) return false
  const here = expander.stateOf(id)
  return enabled(system, here).length === 0 && !system.resting(here.state, asking(system, here.at))
}

/** The run as it is told: what was remembered of it for the search alone is taken out of its states. */
function plain(system: System, { property }: Asked, run: Run): Run {
  const names = run.steps.map(({ transition }) => transition.name)
  const told = replay(systemFor(system, property), run.initial, names)
  if (told.stuck)
    throw new Error(`the run that was found cannot be taken: step ${told.run.steps.length + 1}, ${told.stuck.why}`)
  return told.run
}

/** A run that the reference execution does not confirm must not be shown. */
function insisted({ arrived }: Course, run: Run): Run {
  const { state, at } = endOf(run)
  if (!guarded(name, 'it', () => arrived(state, asking(run.system, at))))
    throw new Error('the reference execution does not confirm the run that was found')
  return run
}

/** @throws Mistake where the model's code is at fault: whatever was found then is worth nothing. */
export function refuseFaulty({ cut, expander }: Graph): void {
  if (cut?.limit === 'fault')
    throw new Mistake(`model ${expander.system.model.name}`, cut.says, 'thawproof check shows the run to it')
}
