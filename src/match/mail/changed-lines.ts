/** What a patch changes on the lines of functions that a protocol reads: which steps it touches, and what no step stands for. */

import type { SourceGraph } from '../source/conformance.js'
import type { Library, Tree } from '../source/tree.js'
import { Unreadable } from '../source/reader.js'
import { changesOn, type Change } from './changes.js'
import type { Touched } from './touched.js'

/** What stands on changed lines. */
export interface ChangedLines {
  /** Steps whose calls stand there. */
  readonly steps: readonly string[]
  /** Steps whose result a condition there tests. */
  readonly tested: readonly string[]
  /** Steps that stand in functions called there, each function's together: they go where the call goes. */
  readonly groups: readonly (readonly string[])[]
  /** Whether a condition or a jump stands there. */
  readonly turns: boolean
  /** What no step stands for. */
  readonly unmodelled: readonly Unmodelled[]
  /** Lines on which steps or turns stand, those that go as numbered before, those that come as numbered after. */
  readonly places: readonly Place[]
  /** Functions that are called there, and that nothing explains. */
  readonly open: readonly string[]
  /** Functions that are called there without standing for a step, whatever they are then. */
  readonly stepless: readonly string[]
  /** How many calls stand for steps. */
  readonly covered: number
  /** Calls that come or go, rather than move, and would be told if a way that the model goes had them. */
  readonly seen: readonly Unmodelled[]
}

/** A change that no step stands for, or none where it is made. */
export interface Unmodelled {
  readonly place: string
  readonly says: string
}

/** A line of a function that goes or comes. */
export interface Place {
  readonly file: string
  readonly function: string
  readonly line: number
  readonly comes: boolean
}

/** The graphs of a root before and after. */
interface Graphs {
  readonly before: { readonly graph: SourceGraph }
  readonly after: { readonly graph: SourceGraph }
}

interface Trees {
  readonly before: Tree
  readonly after: Tree
  readonly library: Library
}

/** Reads the changed lines of the functions that the roots of the graphs read. */
export function changedLines(graphs: readonly Graphs[], touched: readonly Touched[], trees: Trees): ChangedLines {
  const tally = new Tally(graphs)
  for (const one of touched) {
    const gone = changesIn(one, trees.before, trees.library, 'removed')
    const come = changesIn(one, trees.after, trees.library, 'added')
    for (const change of gone) tally.note(change, one, 'before', moves(change, come))
    for (const change of come) tally.note(change, one, 'after', moves(change, gone))
  }
  return tally.told()
}

/** Whether the same stands on the other side, too: then it is only moved. */
const moves = ({ kind, text }: Change, others: readonly Change[]): boolean =>
  others.some((other) => other.kind === kind && other.text === text)

/** What was found line by line. */
class Tally {
  private readonly steps = new Set<string>()
  private readonly tested = new Set<string>()
  private readonly groups = new Map<string, readonly string[]>()
  private readonly places = new Map<string, Place>()
  private readonly open = new Set<string>()
  private readonly stepless = new Set<string>()
  private readonly unmodelled = new Map<string, Unmodelled>()
  private readonly seen: Unmodelled[] = []
  private turns = false
  private covered = 0

  constructor(private readonly graphs: readonly Graphs[]) {}

  note(change: Change, { file, name }: Touched, side: 'before' | 'after', moved: boolean): void {
    const roles = this.graphs.map((graph) => roleOf(graph[side].graph, change, name))
    const covered = roles.flatMap((role) => (role?.kind === 'steps' ? role.steps : []))
    const inner = change.kind === 'call' ? stepsWithin(this.graphs, change.call.callee) : []
    const turning = change.kind === 'condition' || change.kind === 'jump'
    for (const step of [...covered, ...inner]) this.steps.add(step)
    if (covered.length === 0 && inner.length > 0) this.groups.set(change.text, inner)
    if (change.kind === 'call') this.noteCall(change.call.callee, covered.length > 0, roles)
    if (change.kind === 'condition') for (const callee of change.tests) this.noteTest(callee)
    this.turns ||= turning
    const comes = side === 'after'
    const place = `${file}:${change.line}`
    if (covered.length + inner.length > 0 || turning)
      this.places.set(`${side} ${place}`, { file, function: name, line: change.line, comes })
    // What is only moved is no change of its own.
    if (moved) return
    const does = comes ? 'adds' : 'takes away'
    if (change.kind === 'call' && (covered.length > 0 || (inner.length === 0 && this.looksInto(change.call.callee))))
      this.seen.push({ place, says: `${does} ${change.text}, where no way that the model goes shows it` })
    const says = covered.length > 0 ? undefined : unmodelledText(change, roles)
    if (says !== undefined) this.unmodelled.set(`${place} ${says}`, { place, says: `${does} ${says}` })
  }

  private looksInto(callee: string): boolean {
    return this.graphs.some(({ before, after }) => [before, after].some(({ graph }) => graph.findings.read.has(callee)))
  }

  private noteCall(callee: string, covered: boolean, roles: readonly (Role | undefined)[]): void {
    if (covered) this.covered++
    else this.stepless.add(callee)
    if (roles.some((role) => role?.kind === 'open')) this.open.add(callee)
  }

  private noteTest(callee: string): void {
    for (const { before, after } of this.graphs)
      for (const { graph } of [before, after]) for (const step of stepsOfCallee(graph, callee)) this.tested.add(step)
  }

  told(): ChangedLines {
    const { turns, covered, seen } = this
    return {
      steps: [...this.steps],
      tested: [...this.tested],
      groups: [...this.groups.values()],
      turns,
      unmodelled: [...this.unmodelled.values()],
      places: [...this.places.values()],
      open: [...this.open],
      stepless: [...this.stepless],
      covered,
      seen,
    }
  }
}

/** The steps of a function that is looked into, and of those that it calls, in the order of the code. */
function stepsWithin(graphs: readonly Graphs[], callee: string): readonly string[] {
  for (const { before, after } of graphs)
    for (const { graph } of [after, before]) {
      if (!graph.findings.read.has(callee)) continue
      const inside = new Set([callee])
      for (const name of inside)
        for (const called of callsIn(graph, name)) if (graph.findings.read.has(called)) inside.add(called)
      const found = graph.flow.edges.flatMap((edges) =>
        edges.flatMap(({ label, site }) => (label !== undefined && site && inside.has(site.function) ? [label] : [])),
      )
      return [...new Set(found)]
    }
  return []
}

function callsIn({ findings }: SourceGraph, name: string): readonly string[] {
  const function_ = findings.read.get(name)!
  const all = Array.from({ length: function_.end - function_.line + 1 }, (_, i) => function_.line + i)
  return changesOn(function_, all).flatMap((one) => (one.kind === 'call' ? [one.call.callee] : []))
}

function changesIn(one: Touched, tree: Tree, library: Library, side: 'removed' | 'added'): readonly Change[] {
  const lines = one[side]
  const found = lines.length === 0 ? undefined : library.file(tree, one.file)?.named(one.name)[0]
  try {
    return found ? changesOn(found, lines) : []
  } catch (error) {
    if (error instanceof Unreadable) return []
    throw error
  }
}

type Role = ReturnType<SourceGraph['roles']['of']>

function roleOf({ roles, findings }: SourceGraph, change: Change, caller: string): Role | undefined {
  if (change.kind === 'assignment') return roles.ofAssignment(change.text, caller)
  if (change.kind !== 'call') return undefined
  const role = roles.of(change.call, caller)
  // A function at hand is looked into: what it does is compared, not that it is called.
  return role.kind === 'open' && findings.read.has(change.call.callee) ? { kind: 'quiet' } : role
}

/** The steps that some call of a function stands for, wherever it is made. */
const stepsOfCallee = ({ flow }: SourceGraph, callee: string): readonly string[] =>
  flow.edges.flatMap((edges) =>
    edges.flatMap(({ label, text }) => (label !== undefined && text?.startsWith(`${callee}(`) ? [label] : [])),
  )

/** What is said of a change that no step stands for; undefined where there is nothing to say. */
function unmodelledText(change: Change, roles: readonly (Role | undefined)[]): string | undefined {
  switch (change.kind) {
    case 'call': {
      if (roles.every((role) => role === undefined || role.kind === 'quiet')) return undefined
      const ignored = roles.find((role) => role?.kind === 'ignored')
      return ignored ? `${change.text}, which is passed over on purpose` : change.text
    }
    case 'condition':
    case 'assignment':
    case 'unread':
      return change.text
    case 'jump':
      return undefined
  }
}
