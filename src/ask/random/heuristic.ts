/** What walkers are told beforehand: which steps are rare, which touch what the properties read, and how far it is. */

import { isDeepStrictEqual } from 'node:util'
import type { Arg, Model } from '../../write/model.js'
import { Mistake } from '../../write/mistake.js'
import type { Properties } from '../../write/property.js'
import { asking } from '../../write/standing.js'
import { instantiate, type Choice, type System } from '../../write/system.js'
import { propertiesFor } from '../../search/check.js'
import type { Watch } from '../../search/expander.js'
import { explore } from '../../search/explore.js'
import { flatten, type FlatEdges, type Graph } from '../../search/graph.js'
import { RunJudge } from './run-judge.js'
import type { SystemState } from '../../search/reference.js'

/** Advice by names, so that it holds for instances of any size. */
export interface Heuristic {
  /** How much a step is worth taking, 1 for an ordinary one; by its spelling without arguments. */
  readonly weight: (step: string) => number
  /** How many steps at least it seems to be to a violation. */
  readonly distance: (here: SystemState) => number
  /** Whether distances were learned: a smaller instance was found in which something is violated. */
  readonly knowing: boolean
}

/** States of a smaller instance, and of the instance itself, that are looked at. */
const small = 20_000
const prefix = 1_000

/** States in which predicates are watched while they read. */
const readings = 40

/** Searches a smaller instance exhaustively, within limits, and draws advice from it; the same for the same input. */
export async function heuristicOf(
  model: Model,
  properties: Properties,
  choice: Choice,
  wanted: (name: string) => boolean,
): Promise<Heuristic> {
  const whole = instantiate(model, choice)
  for (const parameters of smaller(model, whole)) {
    const system = tried(model, { ...choice, parameters })
    if (!system) continue
    const judge = new RunJudge(system, propertiesFor(system, properties), wanted)
    const search = await explore(judge.graph.system, judge.watched(), { maxStates: small, keepEdges: true })
    const distances = distancesIn(search, judge)
    if (distances) return guideFrom(search, judge.watched(), distances)
  }
  const judge = new RunJudge(whole, propertiesFor(whole, properties), wanted)
  const start = await explore(judge.graph.system, judge.watched(), { maxStates: prefix, keepEdges: true })
  return guideFrom(start, judge.watched(), undefined)
}

/** Numbers at the least of their ranges: all of them, then all but one. Nothing if that makes nothing smaller. */
function smaller(model: Model, { parameters }: System): Readonly<Record<string, Arg>>[] {
  const least = Object.entries(model.declared.parameters ?? {}).flatMap(([name, { domain }]) =>
    domain.shape.kind === 'int' && Number(parameters[name]) > domain.shape.lo ? [[name, domain.shape.lo] as const] : [],
  )
  const lowered = (names: readonly (readonly [string, Arg])[]): Readonly<Record<string, Arg>> => ({
    ...parameters,
    ...Object.fromEntries(names),
  })
  if (least.length === 0) return []
  return [
    lowered(least),
    ...(least.length > 1 ? least.map((kept) => lowered(least.filter((one) => one !== kept))) : []),
  ]
}

/** Not every combination of parameters makes a system. */
function tried(model: Model, choice: Choice): System | undefined {
  try {
    return instantiate(model, choice)
  } catch (error) {
    if (error instanceof Mistake) return undefined
    throw error
  }
}

/** Per state the least number of steps to a state that breaks something, or undefined if none does. */
function distancesIn(graph: Graph, judge: RunJudge): Int32Array | undefined {
  const { states, steps, dead } = graph.expander.findings
  const goals = [
    ...[...states.broken].filter((id, watch) => id >= 0 && judge.looksFor('state', watch)),
    ...[...steps.broken].filter((id, watch) => id >= 0 && judge.looksFor('step', watch)),
    ...[...dead].filter((id) => id >= 0 && judge.looksFor('dead', 0)),
  ]
  if (goals.length === 0) return undefined
  return backwards(graph.states, flatten(graph.edges!), goals)
}

function backwards(states: number, { first, target }: FlatEdges, goals: readonly number[]): Int32Array {
  const into: number[][] = Array.from({ length: states }, () => [])
  for (let id = 0; id + 1 < first.length; id++)
    for (let edge = first[id]!; edge < first[id + 1]!; edge++) into[target[edge]!]!.push(id)
  const distance = new Int32Array(states).fill(-1)
  for (const goal of goals) distance[goal] = 0
  const queue = [...new Set(goals)]
  for (const here of queue)
    for (const before of into[here]!)
      if (distance[before]! < 0) {
        distance[before] = distance[here]! + 1
        queue.push(before)
      }
  return distance
}

function guideFrom(graph: Graph, watch: Watch, distances: Int32Array | undefined): Heuristic {
  const { expander } = graph
  const sample = spread(graph.expanded, readings).map((id) => expander.stateOf(id))
  const fields = [...new Set(sample.flatMap((here) => fieldsRead(expander.system, watch, here)))]
  const weights = weightsIn(graph, fields)
  const table = distances && new Signs(graph, fields, distances)
  return {
    weight: (step) => weights.get(step) ?? 2,
    distance: (here) => table?.distance(here) ?? 0,
    knowing: table !== undefined,
  }
}

/** Rare steps weigh more, by the fourth root, and steps that change what the properties read weigh double. */
function weightsIn({ expander, edges, expanded }: Graph, fields: readonly string[]): ReadonlyMap<string, number> {
  const { system, findings } = expander
  const fired = new Map<string, number>()
  for (const { step, index } of system.transitions) fired.set(step, (fired.get(step) ?? 0) + findings.fired[index]!)
  const mean = [...fired.values()].reduce((sum, n) => sum + n, 0) / Math.max(1, fired.size)
  const touching = new Set<string>()
  const { first, target, by } = flatten(edges!)
  for (const id of spread(Math.min(expanded, first.length - 1), readings * 5)) {
    const before = expander.stateOf(id).state
    for (let edge = first[id]!; edge < first[id + 1]!; edge++) {
      const { step } = system.transitions[by[edge]!]!
      if (touching.has(step)) continue
      const after = expander.stateOf(target[edge]!).state
      if (fields.some((field) => !isDeepStrictEqual(valuesAt(before, field), valuesAt(after, field))))
        touching.add(step)
    }
  }
  return new Map(
    [...fired].map(([step, n]) => {
      const rarity = Math.min(4, Math.max(0.5, (mean / Math.max(n, 0.1)) ** 0.25))
      return [step, rarity * (touching.has(step) ? 2 : 1)]
    }),
  )
}

/** Numbers below `n`, evenly spread, at most `most` of them. */
const spread = (n: number, most: number): number[] =>
  Array.from({ length: Math.min(n, most) }, (_, i) => Math.floor((i * n) / Math.min(n, most)))

/** The fields that the watched predicates read in a state, with `*` for positions: `dev.*.vq`. */
function fieldsRead(system: System, watch: Watch, { state, at: standing }: SystemState): string[] {
  const read = new Set<string>()
  const spy = (value: unknown, path: string): unknown =>
    typeof value !== 'object' || value === null
      ? value
      : new Proxy(structuredClone(value), {
          get: (inner, key) => {
            const found = Reflect.get(inner, key) as unknown
            if (typeof key === 'symbol' || typeof found === 'function') return found
            const below = `${path}${path && '.'}${/^\d+$/.test(key) ? '*' : key}`
            if (typeof found !== 'object' && key !== 'length') read.add(below)
            return spy(found, below)
          },
        })
  const seen = spy(state, '')
  const at = asking(system, standing)
  const tests = [...watch.states, ...watch.collects] as readonly {
    when?: unknown
    holds: (...all: never[]) => unknown
  }[]
  for (const { holds } of tests) quietly(() => holds(seen as never, at as never))
  for (const { holds } of watch.steps) quietly(() => holds(seen, seen, { name: '', step: '', actor: '', args: {}, at }))
  return [...read]
}

/** What a predicate makes of a step that was never taken does not matter, only what it looks at. */
function quietly(call: () => unknown): void {
  try {
    call()
  } catch {
    return
  }
}

/** All values at a path with `*`, each once, as text. */
function valuesAt(state: unknown, field: string): string[] {
  let here: unknown[] = [state]
  for (const key of field.split('.'))
    here = here.flatMap((one) => {
      if (typeof one !== 'object' || one === null) return []
      return key === '*' ? (Object.values(one) as unknown[]) : [Reflect.get(one, key) as unknown]
    })
  return [...new Set(here.map((one) => JSON.stringify(one)))].sort()
}

/** For every sign of a state, where a thread stands and what a field holds, how near a violation was at best. */
class Signs {
  private readonly nearest = new Map<string, number>()
  private readonly farthest: number

  constructor(
    { expander }: Graph,
    private readonly fields: readonly string[],
    distances: Int32Array,
  ) {
    this.farthest = 1 + distances.reduce((most, one) => Math.max(most, one), 0)
    for (const id of spread(distances.length, 4_000)) {
      const distance = distances[id]! < 0 ? this.farthest : distances[id]!
      for (const sign of this.of(expander.stateOf(id)).flat())
        this.nearest.set(sign, Math.min(distance, this.nearest.get(sign) ?? this.farthest))
    }
  }

  /** The largest of the signs' distances; of several threads or fields of one kind, the nearest counts. */
  distance(here: SystemState): number {
    let most = 0
    for (const signs of this.of(here)) {
      let least = this.farthest
      for (const sign of signs) least = Math.min(least, this.nearest.get(sign) ?? this.farthest)
      most = Math.max(most, least)
    }
    return most
  }

  private of({ state, at }: SystemState): string[][] {
    const kinds = new Map<string, string[]>()
    for (const [name, label] of Object.entries(at)) {
      const kind = name.replace(/\(.*$/, '')
      const signs = kinds.get(kind) ?? []
      signs.push(`${kind}@${label}`)
      kinds.set(kind, signs)
    }
    const values = this.fields.map((field) => valuesAt(state, field).map((value) => `${field}=${value}`))
    return [...kinds.values(), ...values.filter((signs) => signs.length > 0)]
  }
}
