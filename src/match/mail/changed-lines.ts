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
  readonly unmodelled: readonly { readonly place: string; readonly says: string }[]
  /** Lines on which steps or turns stand, those that go as numbered before, those that come as numbered after. */
  readonly places: readonly Place[]
  /** Functions that are called there, and that nothing explains. */
  readonly open: readonly string[]
  /** Functions that are called there without standing for a step, whatever they are then. */
  readonly stepless: readonly string[]
  /** How many calls stand for steps. */
  readonly covered: number
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
  const steps = new Set<string>()
  const tested = new Set<string>()
  const places = new Map<string, Place>()
  const open = new Set<string>()
  const stepless = new Set<string>()
  let calls = 0
  const groups = new Map<string, readonly string[]>()
  const unmodelled = new Map<string, { readonly place: string; readonly says: string }>()
  let turns = false
  for (const one of touched) {
    const gone = changesIn(one, trees.before, trees.library, 'removed')
    const come = changesIn(one, trees.after, trees.library, 'added')
    for (const [change, side] of [
      ...gone.map((x) => [x, 'before'] as const),
      ...come.map((x) => [x, 'after'] as const),
    ]) {
      const roles = graphs.map((graph) => roleOf(graph[side].graph, change, one.name))
      const covered = roles.flatMap((role) => (role?.kind === 'steps' ? role.steps : []))
      const place = `${one.file}:${change.line}`
      const inner = change.kind === 'call' ? stepsWithin(graphs, change.call.callee) : []
      if (covered.length === 0 && inner.length > 0) groups.set((change as { text: string }).text, inner)
      for (const step of [...covered, ...inner]) steps.add(step)
      if (change.kind === 'call') {
        if (covered.length > 0) calls++
        else stepless.add(change.call.callee)
        if (roles.some((role) => role?.kind === 'open')) open.add(change.call.callee)
      }
      if (change.kind === 'condition')
        for (const callee of change.tests)
          for (const { after } of graphs) for (const step of stepsOfCallee(after.graph, callee)) tested.add(step)
      const turning = change.kind === 'condition' || change.kind === 'jump'
      turns ||= turning
      if (covered.length + inner.length > 0 || turning)
        places.set(`${side} ${place}`, {
          file: one.file,
          function: one.name,
          line: change.line,
          comes: side === 'after',
        })
      const says = covered.length > 0 ? undefined : unmodelledText(change, roles)
      const other = side === 'before' ? come : gone
      // What is only moved is no change of its own.
      if (says !== undefined && !other.some(({ kind, text }) => kind === change.kind && text === change.text))
        unmodelled.set(`${place} ${says}`, { place, says: `${side === 'before' ? 'takes away' : 'adds'} ${says}` })
    }
  }
  return {
    steps: [...steps],
    tested: [...tested],
    groups: [...groups.values()],
    turns,
    unmodelled: [...unmodelled.values()],
    places: [...places.values()],
    open: [...open],
    stepless: [...stepless],
    covered: calls,
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
