/** Whether a function of C and a thread of a model take the same ways: order and branches, never guards and effects. */

import type { System } from '../../write/system.js'
import { differences, TooManyPaths, type Arrow, type Automaton, type Difference } from './automaton.js'
import { callbackName, Roles } from './calls.js'
import type { CFile, CFunction } from './c-file.js'
import type { Findings } from './activation.js'
import { flowOf } from './flow-builder.js'
import { TooLarge, type Flow, type Site } from './flow.js'
import { filesOf, functionNamed, rootName, type Declared, type Root, type SourceMapping } from './mapping.js'
import { pathsOf, type SourceNote } from './paths.js'
import { Unreadable } from './reader.js'
import { skeletonOf } from './skeleton.js'
import { projectionOf } from './projection.js'
import { ThreadPart, type StepNote } from './thread-paths.js'
import type { Library, Tree } from './tree.js'

/** A step of a way through the source or the model, as it is told. */
export interface Passed {
  /** A call with its line, a condition that was met, a jump, or a step of the model. */
  readonly text: string
  readonly kind: 'call' | 'branch' | 'jump' | 'step'
  /** The step of the model that it stands for. */
  readonly label?: string
  readonly site?: Site
}

/** A way that one side takes and the other cannot follow. */
export interface Deviation {
  readonly in: 'source' | 'model'
  /** The last step before, or `the beginning`. */
  readonly after: string
  /** What comes then. */
  readonly then: string
  readonly expected: readonly string[]
  readonly path: readonly Passed[]
  /** Why it is there on purpose, if the mapping says so. */
  readonly declared?: string
}

/** A function that was looked into. */
export interface FunctionRead {
  readonly name: string
  readonly path: string
  readonly line: number
  readonly end: number
  readonly fingerprint: string
  readonly skeleton: string
  /** The steps that stand in it, each with the call or the assignment that it stands for. */
  readonly steps: Readonly<Record<string, string>>
}

/** What came out for one root. */
export interface Conformance {
  /** The name of the function. */
  readonly root: string
  readonly function: string
  readonly thread: string
  readonly outcome: 'agrees' | 'differs' | 'not compared'
  /** Why it was not compared, or what could not be followed. */
  readonly notFollowed: readonly string[]
  readonly deviations: readonly Deviation[]
  /** Calls that no step, no reason and no function at hand explains. */
  readonly unexplained: readonly { readonly call: string; readonly sites: readonly Site[] }[]
  /** What the mapping passes over, as far as it was met. */
  readonly passedOver: readonly { readonly what: string; readonly why: string }[]
  /** Entries of the mapping that nothing in this tree meets. */
  readonly unmet: readonly string[]
  readonly functions: readonly FunctionRead[]
}

/** A root with the system that its thread is of. */
export interface Question {
  readonly system: System
  readonly mapping: SourceMapping
  readonly root: Root
  /**
   * Names of steps that calls may stand for although the thread has none of that name: what a patch may add. If given, the
   * mapping may also name steps that the system lacks: what a patch may remove.
   */
  readonly more?: readonly string[]
}

/** The control flow of a function with its calls as steps: the same for all threads that have the same names of steps. */
export interface SourceFlow {
  readonly flow: Flow
  readonly findings: Findings
  readonly roles: Roles
}

/** A function's flow, and the part of a thread that it is held against. */
export interface SourceGraph extends SourceFlow {
  readonly part: ThreadPart
}

/** The beginning of a way, where no step was seen yet. */
export const beginning = 'the beginning'

/** Holds a root against a tree. @throws Mistake for a mapping that does not fit its model; never for what the tree has. */
export async function conform(question: Question, tree: Tree, library: Library): Promise<Conformance> {
  const { root, mapping } = question
  const base = { root: rootName(root), function: root.function, thread: root.thread }
  const nothing = { deviations: [], unexplained: [], passedOver: [], unmet: [], functions: [] }
  let graph: SourceGraph
  try {
    const made = sourceGraph(question, tree, library)
    if (typeof made === 'string') return { ...base, ...nothing, outcome: 'not compared', notFollowed: [made] }
    graph = made
  } catch (cause) {
    return { ...base, ...nothing, outcome: 'not compared', notFollowed: [reasonOf(cause)] }
  }
  const { findings, roles } = graph
  const told = {
    ...base,
    passedOver: passedOver(root, mapping, roles, findings),
    unmet: unmetIn(root, roles, findings),
    functions: [...findings.read.values()].map((one) => ({
      ...functionRead(one, question, tree, library),
      steps: stepsIn(one.name, graph.flow),
    })),
  }
  try {
    const source = pathsOf(graph.flow, graph.part.returns)
    const unexplained = [...source.unexplained].map(([call, sites]) => ({ call, sites }))
    const { deviations, limits } = await deviationsOf(source, graph.part, root.differs ?? [])
    const open = deviations.some(({ declared }) => declared === undefined)
    const notFollowed = [...findings.notFollowed, ...limits]
    const outcome = open || unexplained.length > 0 ? 'differs' : notFollowed.length > 0 ? 'not compared' : 'agrees'
    const unmet = [...told.unmet, ...undeclared(root, deviations)]
    return { ...told, outcome, notFollowed, deviations, unexplained, unmet }
  } catch (cause) {
    const notFollowed = [reasonOf(cause), ...findings.notFollowed]
    return { ...told, outcome: 'not compared', notFollowed, deviations: [], unexplained: [] }
  }
}

/** What stopped a comparison, as a sentence. Whatever else is thrown is no answer, and goes on. */
function reasonOf(cause: unknown): string {
  if (cause instanceof TooLarge || cause instanceof TooManyPaths || cause instanceof Unreadable) return cause.message
  throw cause
}

/** The part of a thread that a root is about. @throws Mistake for what the mapping names and the thread lacks. */
export const partOf = ({ system, mapping, root, more }: Question): ThreadPart =>
  new ThreadPart(system, root, `mapping of ${mapping.protocol}, ${root.function}`, more === undefined)

/** The graph of a root's function with calls as steps; a sentence if the tree does not have it. @throws TooLarge, Unreadable */
export function sourceGraph(question: Question, tree: Tree, library: Library): SourceGraph | string {
  const part = partOf(question)
  const made = sourceFlow(question, part, tree, library)
  if (typeof made === 'string') return made
  tellApart(part, made)
  return { ...made, part }
}

/** Tells a part which of its alternatives calls stand for by themselves. */
export function tellApart(part: ThreadPart, { flow }: SourceFlow): void {
  for (const edges of flow.edges) for (const { label } of edges) if (label?.includes('/')) part.tellApart(label)
}

/** The flow of a root's function; a sentence if the tree does not have it. @throws TooLarge, Unreadable */
export function sourceFlow(question: Question, part: ThreadPart, tree: Tree, library: Library): SourceFlow | string {
  const { mapping, root, more = [] } = question
  const roles = new Roles(root, mapping, [...part.stepNames(), ...more])
  const { path, name } = functionNamed(root.function)
  const files = filesAt(root, tree, library)
  if (!files.has(path)) return `${tree.name} has no file ${path}`
  const functionOf = (wanted: string): CFunction | undefined => {
    for (const file of files.values()) {
      const found = file.named(wanted)[0]
      if (found) return found
    }
    return undefined
  }
  const function_ = files.get(path)!.named(name)[0]
  if (!function_) {
    const large = files.get(path)!.tooLarge
    return large.length > 0
      ? `${path}: what begins at line ${large.join(', ')} is too large to parse`
      : `${path} has no function ${name}`
  }
  const outcomesOf = part.outcomesOf.bind(part)
  return { ...flowOf({ root, roles, functionNamed: functionOf, outcomesOf }, function_), roles }
}

/** The files of a root that the tree has, those of its callbacks included. */
function filesAt(root: Root, tree: Tree, library: Library): ReadonlyMap<string, CFile> {
  const named = Object.values(root.runs ?? {}).flatMap((runs) =>
    runs.function.includes(':') ? [functionNamed(runs.function).path] : [],
  )
  const files = new Map<string, CFile>()
  for (const path of [...filesOf(root), ...named]) {
    const file = library.file(tree, path, root.configuration)
    if (file) files.set(path, file)
  }
  return files
}

/** The steps in one function, in the order of their names, with what stands there: the callee, or an assignment as it is. */
function stepsIn(name: string, { edges }: Flow): FunctionRead['steps'] {
  const found = new Map<string, string>()
  for (const { label, site, text = '', shown } of edges.flat())
    if (label !== undefined && site?.function === name) {
      const [step = label] = label.split('/')
      const callee = shown === 'call' ? /^[\w.>-]+(?=\()/.exec(text)?.[0] : undefined
      if (!found.has(step)) found.set(step, callee ?? text)
    }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function functionRead(one: CFunction, { root }: Question, tree: Tree, library: Library): Omit<FunctionRead, 'steps'> {
  const { name, line, end, fingerprint } = one
  const path = [...filesAt(root, tree, library)].find(([, file]) => file.named(name).includes(one))?.[0] ?? ''
  return { name, path, line, end, fingerprint, skeleton: skeletonOf(one.body()) }
}

/**
 * The ways that either side takes alone. The source is held against the thread's control flow; the thread against the
 * source by its control flow, and where that differs by what its whole system allows. @throws TooLarge, TooManyPaths
 */
async function deviationsOf(
  source: Automaton<SourceNote>,
  part: ThreadPart,
  declared: readonly Declared[],
): Promise<{ readonly deviations: readonly Deviation[]; readonly limits: readonly string[] }> {
  const model = part.controlFlow()
  const alone = differences(source, model).map((one) => deviation('source', one, passedInSource, declared))
  const byControl = differences(model, source)
  const projection = byControl.length === 0 ? model : await projectionOf(part)
  const limit = typeof projection === 'string' ? [projection] : []
  const byModel = typeof projection === 'string' ? byControl : differences(projection, source)
  const missing = byModel.map((one) => deviation('model', one, passedInModel, declared))
  return { deviations: [...alone, ...missing], limits: limit }
}

function deviation<Note>(
  side: 'source' | 'model',
  { path, after = beginning, then, expected, arrow }: Difference<Note>,
  told: (arrow: Arrow<Note>) => readonly Passed[],
  declared: readonly Declared[],
): Deviation {
  const why = declared.find((one) => one.in === side && one.after === after && one.then === then)?.why
  const steps = [...path, arrow].flatMap(told)
  return { in: side, after, then, expected, path: steps, ...(why !== undefined && { declared: why }) }
}

const passedInSource = ({ label, note }: Arrow<SourceNote>): readonly Passed[] => {
  if (note) return [{ text: note.text, kind: note.shown, ...(label !== undefined && { label }), site: note.site }]
  return label === undefined ? [] : [{ text: label, kind: 'step', label }]
}

const passedInModel = ({ label, note }: Arrow<StepNote>): readonly Passed[] =>
  label === undefined ? [] : [{ text: note?.step ?? label, kind: 'step', label }]

function passedOver(
  root: Root,
  mapping: SourceMapping,
  roles: Roles,
  { assumed }: Findings,
): readonly { readonly what: string; readonly why: string }[] {
  const ignored = Object.entries({ ...mapping.ignores, ...root.ignores }).filter(([what]) => roles.met.has(what))
  const taken = Object.entries(root.assumes ?? {}).filter(([what]) => assumed.has(what))
  return [
    ...ignored.map(([what, why]) => ({ what, why })),
    ...taken.map(([what, { is, why }]) => ({ what: `if (${what}) is ${is ? 'always' : 'never'} taken`, why })),
    ...Object.entries(root.once ?? {}).map(([what, why]) => ({ what: `${what}, once`, why })),
    ...Object.entries({ ...root.silent, ...root.constant }).map(([what, why]) => ({ what, why })),
  ]
}

/** Differences that are declared and not there. */
const undeclared = ({ differs = [] }: Root, found: readonly Deviation[]): readonly string[] =>
  differs
    .filter((one) => !found.some((is) => is.in === one.in && is.after === one.after && is.then === one.then))
    .map((one) => `in the ${one.in}, after ${one.after}: ${one.then}`)

const unmetIn = (root: Root, roles: Roles, { assumed, read }: Findings): readonly string[] => [
  ...Object.keys({ ...root.covers, ...root.ignores }).filter((pattern) => !roles.met.has(pattern)),
  ...Object.keys({ ...root.assumes, ...root.once }).filter((condition) => !assumed.has(condition)),
  ...Object.entries(root.runs ?? {}).flatMap(([call, runs]) => (read.has(callbackName(runs)) ? [] : [call])),
]
