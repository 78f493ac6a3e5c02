/** Names that a model's code asks for: each is looked up while the code runs on views, also on branches that no search takes. */

import { fieldsOfFamily, wordsOfFamily } from '../write/family.js'
import { Mistake, suggestion } from '../write/mistake.js'
import type { Site } from '../write/site.js'
import type { System, Transition } from '../write/system.js'
import { withPcAt, type Budget } from './decision-tree.js'
import { Probe, type Missed, type Result } from './probe.js'

/** A piece of code, and whose it is. */
export interface Piece {
  /** `step suspend.enter`, `property wakeup-not-lost`. */
  readonly where: string
  readonly site: Site | undefined
  readonly code: (probe: Probe) => () => Result
  /** The transition whose thread stands where it starts. */
  readonly at?: Transition
}

/** Runs that one piece of code may take, all pieces of a system together, and one predicate that is asked of many steps. */
const patience = { piece: 64, all: 6000, alike: 128 }

/**
 * Runs pieces of code on every valuation of what they read.
 * @param alike how many pieces are the same predicate, asked of one step each.
 * @returns whose code could not be tried whole. @throws Mistake for the first name that does not exist in any variant of the model.
 */
export function lookUp(system: System, pieces: readonly Piece[], alike = 1): readonly string[] {
  const probe = new Probe(system)
  const all: Budget = { left: alike > 1 ? patience.alike : patience.all }
  const untried = new Set<string>()
  for (const { where, site, code, at } of pieces) {
    const own: Budget = { left: Math.min(patience.piece, all.left) }
    const before = own.left
    const run = code(probe)
    const whole = at ? withPcAt(probe, system, at, () => tried(probe, run, own)) : tried(probe, run, own)
    all.left -= before - own.left
    insist(system, probe, where, site)
    if (!whole) untried.add(where)
  }
  return [...untried]
}

/** Codes of slots, in the order in which they are asked for. */
type Path = readonly (readonly [slot: number, code: number])[]

/** Runs code down every path of the slots that it asks for, those that part early first; false if that takes too many runs. */
function tried(probe: Probe, code: () => Result, budget: Budget): boolean {
  const open: Path[] = [[]]
  for (let next = 0; next < open.length; next++) {
    if (budget.left-- <= 0) return false
    const path = open[next]!
    for (const [slot, to] of path) probe.codes[slot] = to
    const asked = probe.through(code)
    const whole: Path = [...path, ...asked.map((slot) => [slot, 0] as const)]
    for (let i = path.length; i < whole.length && open.length < most; i++) {
      const slot = whole[i]![0]
      for (let to = 1; to < probe.slots.all[slot]!.values && open.length < most; to++)
        open.push([...whole.slice(0, i), [slot, to]])
    }
    for (const [slot] of whole) probe.codes[slot] = -1
    if (probe.opaque !== undefined) return false
  }
  return open.length < most
}

/** Paths that are kept open at most. */
const most = 4096

/** @throws Mistake for what was asked for in vain. */
function insist(system: System, probe: Probe, where: string, site: Site | undefined): void {
  const misspelt = probe.mistakes.find((cause) => cause instanceof Mistake)
  if (misspelt instanceof Mistake)
    throw new Mistake(where, misspelt.what, misspelt.next, {
      at: site,
      ...(misspelt.word !== undefined && { word: misspelt.word }),
    })
  for (const one of probe.missed) {
    const found = told(system, one)
    if (found) throw new Mistake(where, found.what, found.next, { at: site, word: one.key })
  }
  probe.missed.length = 0
}

function told(system: System, { node, key }: Missed): { what: string; next: string } | undefined {
  const path = node.path || 'the state'
  if (node.kind === 'leaf') {
    const words = wordsOfFamily(system.model, keysIn(node.path))
    return words.has(key) ? undefined : { what: `${path} does not take '${key}'`, next: suggestion(key, [...words]) }
  }
  if (node.kind === 'queue' || node.array) {
    const length = node.kind === 'queue' ? undefined : node.parts.length
    if (length === undefined || !/^-?\d+$/.test(key))
      return { what: `${path} is a list, and has no '${key}'`, next: 'ask for an index, or for a method of arrays' }
    return { what: `${path} has no index ${key}`, next: `there are ${length}, from 0 to ${length - 1}` }
  }
  const fields = node.parts.map(([name]) => name)
  const elsewhere = fieldsOfFamily(system.model, keysIn(node.path))
  if (elsewhere.has(key)) return undefined
  return {
    what: `there is no field '${key}' in ${path}`,
    next: suggestion(key, [...new Set([...fields, ...elsewhere])]),
  }
}

/** The keys of a path, `dev[0].used`. */
const keysIn = (path: string): readonly string[] => path.split(/[.[\]]+/).filter((key) => key !== '')
