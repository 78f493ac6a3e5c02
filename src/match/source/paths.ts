/** The paths through a control-flow graph that can be taken, as an automaton: a branch follows what is known of its values. */

import type { Arrow, Automaton } from './automaton.js'
import { TooLarge, type Flow, type FlowEdge, type Site } from './flow.js'
import type { Returned } from './mapping.js'
import { anything, zero, type Signs } from './signs.js'

/** What is told of an arrow of the source. */
export interface SourceNote {
  readonly text: string
  readonly shown: 'call' | 'branch' | 'jump'
  readonly site: Site
}

/** The paths, and the calls on them that nothing explains. */
export interface Paths extends Automaton<SourceNote> {
  readonly unexplained: ReadonlyMap<string, readonly Site[]>
}

/** Places with fewer signs than all, sorted by name. */
type Known = ReadonlyMap<string, Signs>

/**
 * Situations beyond which nothing is concluded, and looks at an edge or a known place, which are what finding them takes.
 * Of all functions that are mapped, in three kernels, Xen, QEMU and CRIU, the largest have 17,113 (`acpi_processor_idle`)
 * and take 252,079 (`hibernation_snapshot`); five million take some seconds.
 */
const most = 150_000
const mostLooks = 5_000_000

/**
 * The automaton of a flow. @param returns whether ends are told apart by what is returned. @throws TooLarge when there
 * are more than 150,000 situations, or finding them takes more than five million looks.
 */
export function pathsOf(flow: Flow, returns: boolean): Paths {
  const relevant = testedIn(flow, returns)
  const ids = new Map<string, number>()
  const states: { readonly node: number; readonly known: Known }[] = []
  const idOf = (node: number, known: Known): number => {
    const key = `${node}|${[...known].map(([place, signs]) => `${place}=${signs}`).join(',')}`
    let id = ids.get(key)
    if (id === undefined) {
      id = states.length
      ids.set(key, id)
      states.push({ node, known })
    }
    return id
  }
  const start = idOf(flow.start, new Map())
  const all: (readonly Arrow<SourceNote>[])[] = []
  const unexplained = new Map<string, Site[]>()
  let looked = 0
  for (let i = 0; i < states.length; i++) {
    if (states.length > most) throw new TooLarge(`more than ${most} situations in the code`)
    const { node, known } = states[i]!
    looked += flow.edges[node]!.length * (1 + known.size)
    if (looked > mostLooks) throw new TooLarge(`more than ${mostLooks} branches and values to look at in the code`)
    if (node === flow.exit) {
      all.push(endings(known.get(flow.returned) ?? anything, returns).map((label) => ({ to: i, label })))
      continue
    }
    all.push(
      flow.edges[node]!.flatMap((edge) => {
        const next = taken(edge, known, relevant)
        if (next && edge.unexplained !== undefined) note(unexplained, edge.unexplained, edge.site!)
        return next ? [{ to: idOf(edge.to, next), ...labelled(edge), ...noted(edge) }] : []
      }),
    )
  }
  return { start, arrows: (state) => all[state]!, unexplained }
}

function note(unexplained: Map<string, Site[]>, call: string, site: Site): void {
  const known = unexplained.get(call) ?? []
  const again = known.some((one) => one.function === site.function && one.line === site.line)
  if (!again) unexplained.set(call, [...known, site])
}

/** The labels of an end. */
export function endingOf(returned: Returned): readonly string[] {
  if (returned === 'any') return ['returns zero', 'returns nonzero']
  return [returned === 'zero' ? 'returns zero' : 'returns nonzero']
}

function endings(signs: Signs, told: boolean): readonly string[] {
  if (!told) return ['returns']
  return endingOf(signs === zero ? 'zero' : (signs & zero) === 0 ? 'nonzero' : 'any')
}

const labelled = ({ label }: FlowEdge): { readonly label?: string } => (label === undefined ? {} : { label })

const noted = ({ text, shown, site }: FlowEdge): { readonly note?: SourceNote } =>
  text === undefined || shown === undefined ? {} : { note: { text, shown, site: site ?? { function: '', line: 0 } } }

/** What is known after an edge, or undefined if it cannot be taken. */
function taken(edge: FlowEdge, known: Known, relevant: ReadonlySet<string>): Known | undefined {
  const { test, forgets, sets } = edge
  let now = known
  const change = (place: string, signs: Signs): void => {
    if (!relevant.has(place) || (now.get(place) ?? anything) === signs) return
    const next = new Map(now)
    if (signs === anything) next.delete(place)
    else next.set(place, signs)
    now = signs === anything || now.has(place) ? next : new Map([...next].sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  if (test) {
    const left = (now.get(test.place) ?? anything) & test.signs
    if (left === 0) return undefined
    change(test.place, left)
  }
  const value = sets && (typeof sets.to === 'string' ? (now.get(sets.to) ?? anything) : sets.to)
  if (forgets) for (const place of [...now.keys()]) if (forgets(place)) change(place, anything)
  if (sets) change(sets.place, value!)
  return now
}

/** The places that some branch asks for, and those whose value goes to one of them. */
function testedIn(flow: Flow, returns: boolean): ReadonlySet<string> {
  const asked = new Set<string>(returns ? [flow.returned] : [])
  const from = new Map<string, string[]>()
  for (const edges of flow.edges)
    for (const { test, sets } of edges) {
      if (test) asked.add(test.place)
      if (sets && typeof sets.to === 'string') from.set(sets.place, [...(from.get(sets.place) ?? []), sets.to])
    }
  for (const place of asked) for (const source of from.get(place) ?? []) asked.add(source)
  return asked
}
