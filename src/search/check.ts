/** The judge: explores a system once, decides every property, and backs each violation with a replayed run. */

import { Mistake } from '../write/mistake.js'
import {
  selects,
  type Always,
  type Kind,
  type Live,
  type Possible,
  type Properties,
  type Property,
  type Reachable,
  type Step,
} from '../write/property.js'
import type { System } from '../write/system.js'
import { audit } from './audit.js'
import type { StateTest, Watch } from './expander.js'
import { explore, type SearchOptions } from './explore.js'
import { canReach, type Cut, type Graph } from './graph.js'
import { decideLive, Field } from './live.js'
import { guarded, type Fault } from './reference.js'
import { endOf, extend, runTo, type Run } from './run.js'
import type { Found, Verdict } from './verdict.js'

export type { Judgement, Verdict } from './verdict.js'

/** What a check found. */
export interface Outcome {
  readonly system: System
  readonly complete: boolean
  readonly cut?: Cut
  readonly states: number
  readonly transitions: number
  readonly depth: number
  readonly verdicts: readonly Verdict[]
  /** Steps, alternatives and actions that were never taken. */
  readonly unfired: readonly string[]
  /** A fault of the model's code, with the run that led to it. */
  readonly fault?: { readonly fault: Fault; readonly run: Run }
}

/** The requirement of the two properties that every model has. */
const builtIn = {
  'no-deadlock': 'Something can always happen, except in a declared resting state.',
  'in-domain': 'No step writes a value outside its declared domain.',
} as const

/** The properties of a protocol for given parameters. @throws Mistake for a duplicate or reserved name. */
export function propertiesFor(system: System, properties: Properties): readonly Property[] {
  const list = typeof properties === 'function' ? properties(system.parameters) : properties
  const seen = new Set<string>(Object.keys(builtIn))
  for (const { name, says } of list) {
    const where = `properties of ${system.model.name}`
    if (seen.has(name)) throw new Mistake(where, `'${name}' is declared twice`, 'rename one of them')
    if (says.trim() === '') throw new Mistake(where, `'${name}' has no requirement`, 'say in words what must hold')
    seen.add(name)
  }
  return list
}

/** Explores a system and judges all properties in one search. */
export async function check(system: System, properties: Properties, options: SearchOptions = {}): Promise<Outcome> {
  const list = propertiesFor(system, properties)
  const plan = planFor(list)
  const graph = await explore(system, plan.watch, {
    ...options,
    keepEdges: list.some(({ kind }) => kind === 'possible' || isLive(kind)),
  })
  const steady = graph.fault ? undefined : audit(graph)
  const found = steady ? faulty(graph, steady) : graph
  const field = list.some(({ kind }) => isLive(kind)) ? new Field(found) : undefined
  const verdicts = [...builtInVerdicts(found), ...list.map((property) => judge(found, plan, property, field))]
  return {
    system,
    complete: !found.cut,
    ...(found.cut && { cut: found.cut }),
    states: found.states,
    transitions: found.transitions,
    depth: found.depth,
    verdicts,
    unfired: unfired(found),
    ...(found.fault && { fault: { fault: found.fault.fault, run: runTo(found.expander, found.fault.id) } }),
  }
}

/** A search whose model turned out not to be a function of its state proves nothing. */
function faulty(graph: Graph, fault: NonNullable<Graph['fault']>): Graph {
  return { ...graph, fault, cut: { limit: 'fault', says: `the model is at fault: ${fault.fault.message}` } }
}

/** Which watch belongs to which property. */
interface Plan {
  readonly watch: Watch
  readonly at: ReadonlyMap<Property, number>
  /** Where the premise of a `possible` or a `leadsTo` is collected. */
  readonly premise: ReadonlyMap<Property, number>
}

function planFor(list: readonly Property[]): Plan {
  const states: Watch['states'][number][] = []
  const steps: Watch['steps'][number][] = []
  const collects: StateTest[] = []
  const at = new Map<Property, number>()
  const premise = new Map<Property, number>()
  for (const property of list)
    switch (property.kind) {
      case 'always':
        at.set(property, states.push({ when: property.when, holds: property.holds }) - 1)
        break
      case 'reachable': {
        // The first state that breaks the opposite is the witness.
        const wanted = property.holds as StateTest
        at.set(property, states.push({ when: undefined, holds: (state, where) => !wanted(state, where) }) - 1)
        break
      }
      case 'step':
        at.set(
          property,
          steps.push({
            selects: ({ step }) => selects(property.on, step),
            when: property.when,
            holds: property.holds,
          }) - 1,
        )
        break
      case 'possible':
        at.set(property, collects.push(property.holds) - 1)
        if (property.when) premise.set(property, collects.push(property.when) - 1)
        break
      case 'leadsTo':
        at.set(property, collects.push(property.to) - 1)
        premise.set(property, collects.push(property.from) - 1)
        break
      case 'eventually':
      case 'alwaysEventually':
      case 'eventuallyAlways':
        at.set(property, collects.push(property.holds) - 1)
        break
    }
  return { watch: { states, steps, collects }, at, premise }
}

const live: readonly Kind[] = ['leadsTo', 'eventually', 'alwaysEventually', 'eventuallyAlways'] satisfies Live['kind'][]

const isLive = (kind: Kind): boolean => live.includes(kind)

function judge(graph: Graph, plan: Plan, property: Property, field: Field | undefined): Verdict {
  const { name, kind, says } = property
  const found = decide(graph, plan, property, field)
  return { property: name, kind, says, ...found }
}

function decide(graph: Graph, plan: Plan, property: Property, field: Field | undefined): Found {
  const at = plan.at.get(property)!
  switch (property.kind) {
    case 'always':
      return decideAlways(graph, property, at)
    case 'step':
      return decideStep(graph, property, at)
    case 'reachable':
      return decideReachable(graph, property, at)
    case 'possible':
      return decidePossible(graph, plan, property, at)
    default: {
      const { collected } = graph.expander.findings
      const premise = plan.premise.get(property)
      return decideLive(field!, property, collected[at]!, premise === undefined ? [] : collected[premise]!)
    }
  }
}

const unfinished = (graph: Graph): Found | undefined => graph.cut && { verdict: 'unknown', why: graph.cut.says }

function decideAlways(graph: Graph, property: Always, at: number): Found {
  const { seen, broken } = graph.expander.findings.states
  if (broken[at]! >= 0) {
    const run = runTo(graph.expander, broken[at]!)
    const { state, at: where } = endOf(run)
    insist(property, !guarded(property.name, 'it', () => property.holds(state as never, where)))
    return { verdict: 'violated', run }
  }
  return (
    unfinished(graph) ??
    (seen[at] ? { verdict: 'holds' } : { verdict: 'vacuous', why: 'no reachable state satisfies its premise' })
  )
}

function decideStep(graph: Graph, property: Step, at: number): Found {
  const { expander } = graph
  const { seen, broken, by } = expander.findings.steps
  if (broken[at]! >= 0) {
    const before = runTo(expander, broken[at]!)
    const run = extend(expander.system, before, expander.system.transitions[by[at]!]!)
    const { name, actor, args } = run.steps.at(-1)!.transition
    const holds = (): boolean => property.holds(endOf(before).state, endOf(run).state, { name, actor, args })
    insist(property, !guarded(property.name, 'it', holds))
    return { verdict: 'violated', run }
  }
  if (graph.cut || seen[at]) return unfinished(graph) ?? { verdict: 'holds' }
  const matching = expander.system.transitions.some(({ step }) => selects(property.on, step))
  return {
    verdict: 'vacuous',
    why: matching ? 'no step that it speaks of was ever taken' : 'no step here is selected by it',
  }
}

function decideReachable(graph: Graph, property: Reachable, at: number): Found {
  const witness = graph.expander.findings.states.broken[at]!
  if (graph.cut) return unfinished(graph)!
  if (witness < 0) return { verdict: 'violated', why: 'no reachable state satisfies it' }
  const { state, at: where } = graph.expander.stateOf(witness)
  insist(
    property,
    guarded(property.name, 'it', () => property.holds(state as never, where)),
  )
  return { verdict: 'holds' }
}

function decidePossible(graph: Graph, plan: Plan, property: Possible, at: number): Found {
  if (graph.cut) return unfinished(graph)!
  const { collected } = graph.expander.findings
  const premise = plan.premise.get(property)
  const asked = premise === undefined ? undefined : collected[premise]!
  if (asked?.length === 0) return { verdict: 'vacuous', why: 'no reachable state satisfies its premise' }
  const reaches = canReach(graph.states, graph.edges!, collected[at]!)
  const trap = asked ? asked.find((id) => reaches[id] === 0) : reaches.indexOf(0)
  if (trap === undefined || trap < 0) return { verdict: 'holds' }
  return {
    verdict: 'violated',
    why: 'from its last state the goal cannot be reached any more',
    run: runTo(graph.expander, trap),
  }
}

/** A verdict that the reference execution does not confirm must not be printed. */
function insist(property: Property, confirmed: boolean): void {
  if (!confirmed) throw new Error(`the reference execution does not confirm the verdict on ${property.name}`)
}

function builtInVerdicts(graph: Graph): Verdict[] {
  const { expander, fault } = graph
  const dead = expander.findings.dead[0]!
  const left = fault?.fault.kind === 'out of domain' ? fault : undefined
  const deadlock: Found =
    dead >= 0
      ? { verdict: 'violated', why: 'nothing can happen after its last step', run: runTo(expander, dead) }
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
