/** Checkpoints: an unfinished search in a file, from which it can go on. */

import { Mistake } from '../../write/mistake.js'
import type { Expander, Watch } from '../expander.js'
import { digestOf } from '../parallel/system-digest.js'
import type { Edges } from '../graph.js'
import { writeChecksummed, openChecksummed, type ChecksummedFile, type Section } from './checksummed-file.js'
import { roomIn, slotsFor } from '../store.js'

/** How far a search has come, in numbers. */
export interface Stage {
  readonly head: number
  readonly transitions: number
  readonly depth: number
  readonly levelEnd: number
}

/** A search that can be saved: everything but the numbers lies in here. */
export interface Saved {
  readonly expander: Expander
  readonly edges: Edges | undefined
}

interface Head extends Stage {
  readonly model: string
  readonly fingerprint: string
  /** What all that the model is made of hashes to; null if that cannot be known. */
  readonly basis?: string | null
  readonly watch: string
  readonly states: number
  readonly roots: number
  readonly ancestryBits: number
  readonly edges: boolean
}

/** What is watched, in words: names and the source text of the predicates. */
const spelled = ({ states, steps, collects }: Watch): string =>
  JSON.stringify(
    [...states, ...steps, ...collects].map((one) => [
      one.name,
      'when' in one ? String(one.when) : '',
      String(one.holds),
    ]),
  )

/** Saves a search between two states. @throws the error of the file system; an earlier checkpoint is intact then. */
export function save(file: string, { expander, edges }: Saved, stage: Stage, basis?: string | null): void {
  const { system, watch, store } = expander
  const { bits, length } = store.parents.saved()
  const head: Head = {
    ...stage,
    model: system.model.name,
    fingerprint: digestOf(system),
    ...(basis !== undefined && { basis }),
    watch: spelled(watch),
    states: store.count(),
    roots: store.parents.roots,
    ancestryBits: length,
    edges: edges !== undefined,
  }
  writeChecksummed(file, head, sectionsOf(expander, edges, bits))
}

function* sectionsOf(
  expander: Expander,
  edges: Edges | undefined,
  parents: Uint32Array,
): Generator<readonly [string, Section]> {
  const { store, findings } = expander
  yield ['parents', parents]
  for (const [i, segment] of store.segments.entries()) yield [`states ${i}`, usedOf(expander, segment, i)]
  for (const [name, array] of arraysOf(expander)) yield [name, array]
  for (const [i, ids] of findings.collected.entries()) yield [`collected ${i}`, Int32Array.from(ids)]
  if (edges) for (const name of ['first', 'target', 'by'] as const) yield [`edges ${name}`, edges[name].flat()]
}

/** The part of a segment that holds states. */
function usedOf({ store }: Expander, segment: Int32Array, i: number): Int32Array {
  const states = Math.min(roomIn(i + 1), store.count()) - roomIn(i)
  return segment.subarray(0, Math.max(0, states) * store.words)
}

const arraysOf = ({ findings }: Expander): (readonly [string, Section])[] => [
  ['states seen', findings.states.seen],
  ['states broken', findings.states.broken],
  ['steps seen', findings.steps.seen],
  ['steps broken', findings.steps.broken],
  ['steps by', findings.steps.by],
  ['dead', findings.dead],
  ['fired', findings.fired],
  ['first', findings.first],
]

/**
 * Fills an expander that has not begun, and its edges, with what was saved; returns how far it had come.
 * @throws Mistake if the file cannot be read, is damaged, or is of another model, instance or set of properties.
 */
export function load(file: string, { expander, edges }: Saved, basis?: string | null): Stage {
  const opened = openChecksummed(file)
  try {
    const head = opened.head as Head
    refuseOther(file, head, expander, edges !== undefined)
    refuseStale(file, head, basis)
    const { store, code, findings } = expander
    while (roomIn(store.segments.length) < head.states) code.grow()
    code.adopt(head.states, code.index())
    for (const [i, segment] of store.segments.entries()) opened.into(`states ${i}`, usedOf(expander, segment, i))
    const bits = new Uint32Array(opened.bytesOf('parents') / 4)
    opened.into('parents', bits)
    store.parents.restore(head.roots, bits, head.ancestryBits)
    for (const [name, array] of arraysOf(expander)) opened.into(name, array)
    for (const [i, ids] of findings.collected.entries())
      for (const id of integers(opened, `collected ${i}`)) ids.push(id)
    if (edges)
      for (const name of ['first', 'target', 'by'] as const)
        for (const value of integers(opened, `edges ${name}`)) edges[name].push(value)
    code.renew(slotsFor(head.states))
    code.refill(0, 1)
    const { head: at, transitions, depth, levelEnd } = head
    return { head: at, transitions, depth, levelEnd }
  } finally {
    opened.close()
  }
}

function integers(opened: ChecksummedFile, name: string): Int32Array {
  const found = new Int32Array(opened.bytesOf(name) / 4)
  opened.into(name, found)
  return found
}

/** What functions refer to elsewhere is not in the fingerprint of a system: only all modules together tell that they are the same. */
function refuseStale(file: string, head: Head, basis: string | null | undefined): void {
  if (head.basis === basis && basis !== null) return
  throw new Mistake(
    `checkpoint ${file}`,
    basis === null
      ? `cannot be known to be of this ${head.model}: that imports or asks for what is not in its text`
      : `is of another ${head.model}: its module, what that imports, or the checker has changed`,
    'start again without --continue',
  )
}

function refuseOther(file: string, head: Head, { system, watch }: Expander, edges: boolean): void {
  const refuse = (what: string): never => {
    throw new Mistake(`checkpoint ${file}`, what, 'go on with what it was made from, or start again without --continue')
  }
  if (head.model !== system.model.name) refuse(`is of the model '${head.model}', not '${system.model.name}'`)
  if (head.fingerprint !== digestOf(system))
    refuse(`is of another ${system.model.name}: the model, its parameters or its patches have changed`)
  if (head.watch !== spelled(watch) || head.edges !== edges) refuse('was made for other properties')
}
