/** The judge of refinement: whether every step of a system is a step of a more abstract one, or changes nothing there. */

import { misfit } from '../write/domain.js'
import { Mistake, unknownName } from '../write/mistake.js'
import type { Standing } from '../write/model.js'
import type { Refinement } from '../write/property.js'
import { asking } from '../write/standing.js'
import { instantiate, type System } from '../write/system.js'
import { audited } from './audit.js'
import type { SearchOptions } from './explore.js'
import { flatten, type Graph } from './graph.js'
import { compose } from './compose/observer.js'
import { enabled, guarded, initialStates, take, type SystemState } from './reference.js'
import type { Prepared } from './parallel/recipe.js'
import { runTo } from './reached.js'
import { extend, statesOf, type Run } from './run.js'
import { unfinished } from './safety.js'
import type { Decided, Found } from './verdict.js'

/** The search of all states, with what the refinement remembers in `field`. */
export function remembering(system: System, { claim }: Refinement): Prepared & { readonly field: string | undefined } {
  const composed = claim.remember && compose(system, claim.remember)
  const watch = { states: [], steps: [], collects: [] }
  return { system: composed?.system ?? system, watch, field: composed?.field }
}

/** Judges a refinement, in a search of its own. Linear in states and transitions; every abstract state is expanded once. */
export async function decideRefinement(system: System, property: Refinement, options: SearchOptions): Promise<Decided> {
  const { system: composed, watch, field } = remembering(system, property)
  const graph = await audited(composed, watch, { ...options, keepEdges: true })
  return { graph, found: judged(property, graph, field) }
}

function judged(property: Refinement, graph: Graph, field: string | undefined): Found {
  const { claim, name } = property
  if (graph.cut?.limit === 'fault') return unfinished(graph)!
  const abstract = new Abstract(instantiate(claim.abstract, claim.choice), name)
  const imageIn = imageOf(graph.expander.system, property, abstract, field)
  // As far as it is looked at: a violation is often near.
  const known = new Int32Array(graph.states).fill(-1)
  const image = (id: number): number => {
    if (known[id]! < 0) known[id] = imageIn(graph.expander.stateOf(id))
    return known[id]!
  }
  const bad = firstBad(graph, image, abstract)
  if (bad.kind === 'none') {
    if (graph.cut) return unfinished(graph)!
    return bad.moved
      ? { verdict: 'holds' }
      : { verdict: 'vacuous', why: `${claim.abstract.name} never moves: every step here changes nothing there` }
  }
  if (bad.kind === 'start')
    return {
      verdict: 'violated',
      why: `it starts where ${claim.abstract.name} does not: ${abstract.spell(image(bad.id))}`,
      run: runTo(graph.expander, bad.id),
      shadow: [],
    }
  const before = runTo(graph.expander, bad.from)
  const run = extend(before, graph.expander.system.transitions[bad.by]!)
  const [from, to] = [image(bad.from), image(bad.to)]
  return {
    verdict: 'violated',
    why: `its last step leads from ${abstract.spell(from)} to ${abstract.spell(to)}, which no step of ${claim.abstract.name} does`,
    run,
    shadow: shadowOf(before, imageIn, abstract),
  }
}

/** Whether the last step of a run, or the start of one without steps, is none of the abstract system. `field`: what it remembers. */
export const departs = (property: Refinement, field: string | undefined, run: Run): boolean =>
  departures(property, field, run).at(-1)!

/** The same of the start of a run and then of each of its steps. */
export function departures(property: Refinement, field: string | undefined, run: Run): readonly boolean[] {
  const { abstract, choice } = property.claim
  const system = new Abstract(instantiate(abstract, choice), property.name)
  const imageIn = imageOf(run.system, property, system, field)
  const images = statesOf(run).map(imageIn)
  return images.map((to, i) => {
    if (i === 0) return !system.startsIn(to)
    const from = images[i - 1]!
    return from !== to && system.step(from, to) === undefined
  })
}

type Bad =
  | { readonly kind: 'none'; readonly moved: boolean }
  | { readonly kind: 'start'; readonly id: number }
  | { readonly kind: 'step'; readonly from: number; readonly to: number; readonly by: number }

/** The abstract state that a state stands for, by number. */
function imageOf(
  system: System,
  { claim, name }: Refinement,
  abstract: Abstract,
  field: string | undefined,
): (here: SystemState) => number {
  return ({ state, at }) => {
    const remembered = field === undefined ? undefined : (state as Record<string, unknown>)[field]
    const asks = asking(system, at)
    const image = guarded(name, 'its map', () => ({
      state: claim.map(state as never, asks, remembered as never),
      at: claim.at?.(state as never, asks) ?? {},
    }))
    return abstract.number({ state: image.state, at: abstract.standing(image.at, at) })
  }
}

/** The first state or transition, in breadth-first order, that the abstract system does not have. */
function firstBad(graph: Graph, image: (id: number) => number, abstract: Abstract): Bad {
  const { roots } = graph.expander.store.parents
  for (let id = 0; id < roots; id++) if (!abstract.startsIn(image(id))) return { kind: 'start', id }
  const { first, target, by } = flatten(graph.edges!)
  let moved = false
  for (let from = 0; from < graph.expanded; from++)
    for (let edge = first[from]!; edge < first[from + 1]!; edge++) {
      const to = target[edge]!
      if (image(from) === image(to)) continue
      if (abstract.step(image(from), image(to)) === undefined) return { kind: 'step', from, to, by: by[edge]! }
      moved = true
    }
  return { kind: 'none', moved }
}

/** A run as the abstract system sees it: its step for each step, null where nothing changes. */
function shadowOf(run: Run, imageIn: (here: SystemState) => number, abstract: Abstract): (string | null)[] {
  const images = statesOf(run).map(imageIn)
  return images.slice(1).map((to, i) => (images[i] === to ? null : abstract.step(images[i]!, to)!))
}

/** An abstract system, explored as far as it is looked at. */
class Abstract {
  readonly name: string
  private readonly known = new Map<string, number>()
  private readonly states: SystemState[] = []
  private readonly nexts: (ReadonlyMap<number, string> | undefined)[] = []
  private readonly starts: ReadonlySet<number>

  constructor(
    private readonly system: System,
    private readonly where: string,
  ) {
    this.name = system.model.name
    this.starts = new Set(initialStates(system).map((state) => this.number(state)))
  }

  /** The number of a state; equal states have equal numbers. @throws Mistake if it is not a state of the system. */
  number({ state, at }: SystemState): number {
    // A map may pass on where every thread stands: those that this system does not have are no part of its state.
    const here = { state, at: Object.fromEntries(this.system.threads.map(({ name }) => [name, at[name]!])) }
    const key = JSON.stringify(sorted(here))
    const known = this.known.get(key)
    if (known !== undefined) return known
    const wrong = misfit(this.system.shape, here.state)
    if (wrong)
      throw new Mistake(
        `property ${this.where}, its map, field ${wrong.path}`,
        `${JSON.stringify(wrong.found)} is not in the domain of ${this.name}`,
        wrong.allowed === undefined ? `${this.name} has no such field` : `allowed: ${wrong.allowed}`,
      )
    const id = this.states.push(structuredClone(here)) - 1
    this.known.set(key, id)
    return id
  }

  /** Where all threads stand, given what is told of them and where those of the concrete system stand. @throws Mistake for names that do not exist. */
  standing(told: Standing, concrete: Standing): Standing {
    const { threads } = this.system
    const where = `property ${this.where}, its 'at'`
    const names = threads.map(({ name }) => name)
    const stray = Object.keys(told).find((name) => !names.includes(name))
    if (stray !== undefined) throw unknownName(`${where}, model ${this.name}`, 'thread', stray, names)
    return Object.fromEntries(
      threads.map(({ name, labels }) => {
        const label = told[name] ?? concrete[name]
        if (label === undefined)
          throw new Mistake(
            `property ${this.where}`,
            `it does not tell where thread ${name} of ${this.name} stands`,
            `give 'at'; labels: ${labels.join(', ')}`,
          )
        if (!labels.includes(label))
          throw unknownName(`${where}, thread ${name} of ${this.name}`, 'label', label, labels)
        return [name, label]
      }),
    )
  }

  startsIn(id: number): boolean {
    return this.starts.has(id)
  }

  /** The step that leads from one state to another, if there is one. */
  step(from: number, to: number): string | undefined {
    const next = this.nexts[from] ?? this.successors(from)
    this.nexts[from] = next
    return next.get(to)
  }

  spell(id: number): string {
    const { state, at } = this.states[id]!
    return JSON.stringify(Object.keys(at).length > 0 ? { state, at } : state)
  }

  private successors(from: number): ReadonlyMap<number, string> {
    const here = this.states[from]!
    const next = new Map<number, string>()
    for (const transition of enabled(this.system, here)) {
      const to = this.number(take(this.system, here, transition).next)
      if (!next.has(to)) next.set(to, transition.name)
    }
    return next
  }
}

/** The same data with keys in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  )
}
