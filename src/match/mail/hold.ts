/** Source held against a thread whose parts are still being chosen: by control flow alone, so that many can be tried. */

import { Mistake } from '../../write/mistake.js'
import { env, type Edit, type Model, type Part } from '../../write/model.js'
import { applied } from '../../write/patch.js'
import { instantiate, type System } from '../../write/system.js'
import { differences, TooManyPaths, type Arrow } from '../source/automaton.js'
import {
  beginning,
  partOf,
  sourceFlow,
  tellApart,
  type Question,
  type SourceFlow,
  type SourceGraph,
} from '../source/conformance.js'
import { TooLarge } from '../source/flow.js'
import type { End, Root, SourceMapping } from '../source/mapping.js'
import { pathsOf, type Paths } from '../source/paths.js'
import { Unreadable } from '../source/reader.js'
import { ThreadPart } from '../source/thread-paths.js'
import type { Library, Tree } from '../source/tree.js'
import type { Gap } from './derive.js'

/** What is held against each other, but for the tree and the thread's variant. */
export interface Subject {
  readonly model: Model
  readonly mapping: SourceMapping
  readonly root: Root
  readonly library: Library
  /** Names of steps of other threads that calls on changed lines may stand for. */
  readonly more?: readonly string[]
}

/** What was found for one root in one tree. */
export interface Held {
  readonly graph: SourceGraph
  readonly gaps: readonly Gap[]
}

const systems = new WeakMap<Model, Map<string, System>>()

/** The system of a root: its parameters, and a variant of the code; made once. @throws Mistake for patches that do not fit. */
export function systemOf({ model, root }: Subject, variant: readonly string[]): System {
  const patches = [...new Set([...(root.patches ?? []), ...variant])]
  const key = JSON.stringify([root.parameters ?? {}, patches])
  const known = systems.get(model) ?? new Map<string, System>()
  systems.set(model, known)
  const made =
    known.get(key) ?? instantiate(model, { ...(root.parameters && { parameters: root.parameters }), patches })
  known.set(key, made)
  return made
}

const mark = 'begins:'

/**
 * Model and mapping with a step of its own before each step at which a root begins: that step may be moved away or
 * removed, and the root begins where it did.
 */
export function marked(
  model: Model,
  mapping: SourceMapping,
): { readonly model: Model; readonly mapping: SourceMapping } {
  const marks = mapping.roots.flatMap(({ begins, thread }, i) =>
    begins.startsWith('after ') ? [] : [{ root: i, thread, before: begins, name: `${mark}${i}` }],
  )
  const silent = Object.fromEntries(marks.map(({ name }) => [name, 'where the function begins']))
  const roots = mapping.roots.map((root, i): Root => {
    const own = Object.fromEntries(
      Object.entries(silent).filter(([name]) => marks.some((one) => one.name === name && one.thread === root.thread)),
    )
    const begins = marks.find((one) => one.root === i)?.name ?? root.begins
    return { ...root, begins, ends: endsOf(model, root, begins), silent: { ...root.silent, ...own } }
  })
  const { declared } = model
  const parts: Model['declared']['parts'] = (parameters) =>
    marks.reduce<readonly Part[]>((now, { thread, before, name }) => {
      const has = now.some(
        (part) => part.kind === 'thread' && part.name === thread && part.steps.some((one) => one.name === before),
      )
      if (!has) return now
      const steps = [{ name, declared: { origin: env('where the function begins') } }]
      const edits: readonly Edit[] = [{ kind: 'before', target: `${thread}.${before}`, steps }]
      return applied(model.name, now, { name: 'marks', kind: 'era', says: 'Marks.', edits })
    }, declared.parts(parameters))
  return { model: { ...model, declared: { ...declared, parts } }, mapping: { ...mapping, roots } }
}

/** The ends of a root by the steps at which they stand: a step that `after` names may go, and the end stays. */
function endsOf(model: Model, root: Root, begins: string): Root['ends'] {
  try {
    const { parameters = {}, patches = [] } = root
    const part = new ThreadPart(instantiate(model, { parameters, patches }), root, root.function, false)
    return part.system.threads[part.thread]!.labels.flatMap((label, place): readonly End[] => {
      const endings = part.endingsAt(place)
      if (!endings) return []
      // Who ends where it begins goes round: the mark comes first on that way.
      const at = label === root.begins ? begins : label
      const returns = endings.length > 1 ? 'any' : endings[0] === 'returns zero' ? 'zero' : 'nonzero'
      return [part.returns ? { at, returns } : at]
    })
  } catch (error) {
    if (error instanceof Mistake) return root.ends
    throw error
  }
}

/** The model with a variant's parts in place of its own: what is derived is laid over it, and meets no other patch. */
export function frozen(model: Model, patches: readonly string[], parts: (own: System) => readonly Part[]): Model {
  const { declared } = model
  return {
    ...model,
    declared: {
      ...declared,
      // Parameters may be watched for names that are not there: a copy is only what is chosen.
      initial: (parameters) => instantiate(model, { parameters: { ...(parameters as object) }, patches }).initials,
      parts: (parameters) => parts(instantiate(model, { parameters: { ...(parameters as object) }, patches })),
    },
  }
}

/** A function's control flow and the ways through it; a sentence if there are none. */
type Source = (SourceFlow & { readonly paths: Paths }) | string

/** What is known of a root in a tree: few variants change anything of what a comparison sees of the thread. */
interface Known {
  /** By the names of the thread's steps: all that the source's side takes from it. */
  readonly sources: Map<string, Source>
  /** By the thread's ways. */
  readonly found: Map<string, Held | string>
}

const comparisons = new WeakMap<Tree, WeakMap<Root, Known>>()

function knownOf(root: Root, tree: Tree): Known {
  const inTree = comparisons.get(tree) ?? new WeakMap<Root, Known>()
  comparisons.set(tree, inTree)
  const known = inTree.get(root) ?? { sources: new Map(), found: new Map() }
  inTree.set(root, known)
  return known
}

/** Where source and thread part in a tree, compared once; a sentence if that cannot be told. */
export function held(subject: Subject, system: System, tree: Tree): Held | string {
  const { root, mapping, library, more = [] } = subject
  return orSentence(() => {
    const { sources, found } = knownOf(root, tree)
    const question = { system, mapping, root, more }
    const part = partOf(question)
    const key = JSON.stringify([more, part.seen()])
    const before = found.get(key)
    if (before !== undefined) return before
    const names = JSON.stringify([more, part.names()])
    const source = sources.get(names) ?? orSentence(() => sourceOf(question, part, tree, library))
    sources.set(names, source)
    const made = typeof source === 'string' ? source : orSentence(() => compared(source, part, root))
    found.set(key, made)
    return made
  })
}

/** What is made; why it could not be, as a sentence. */
function orSentence<Made>(make: () => Made): Made | string {
  try {
    return make()
  } catch (cause) {
    if (cause instanceof TooLarge || cause instanceof TooManyPaths || cause instanceof Unreadable) return cause.message
    if (cause instanceof Mistake) return cause.message.split('\n')[0]!
    throw cause
  }
}

function sourceOf(question: Question, part: ThreadPart, tree: Tree, library: Library): Source {
  const flow = sourceFlow(question, part, tree, library)
  return typeof flow === 'string' ? flow : { ...flow, paths: pathsOf(flow.flow, part.returns) }
}

function compared(source: Exclude<Source, string>, part: ThreadPart, root: Root): Held {
  tellApart(part, source)
  const { paths } = source
  const thread = part.controlFlow()
  const gaps = [
    // A call whose step the thread has no more is explained by nothing: that is a gap, too.
    ...[...paths.unexplained.keys()].map((call): Gap => ({
      side: 'source',
      path: [],
      next: `${call}()`,
      expected: [],
    })),
    ...differences(paths, thread).map((one) => gapOf('source', one)),
    ...differences(thread, paths).map((one) => gapOf('thread', one)),
  ]
  return { graph: { ...source, part }, gaps: gaps.filter((gap) => !isDeclared(gap, root)) }
}

function gapOf(
  side: Gap['side'],
  { path, then, expected }: { path: readonly Arrow[]; then: string; expected: readonly string[] },
): Gap {
  return { side, path: path.flatMap(({ label }) => label ?? []), next: then, expected }
}

/** Whether the mapping says of a gap that it is there on purpose. */
const isDeclared = ({ side, path, next }: Gap, { differs = [] }: Root): boolean =>
  differs.some(
    (one) =>
      (one.in === 'source') === (side === 'source') && one.after === (path.at(-1) ?? beginning) && one.then === next,
  )

/** Whether a gap is a call that neither a step nor a reason explains. */
export const isUnexplained = ({ next }: Gap): boolean => next.endsWith('()')

/** The step at which a part goes on after an end, or `end`; undefined if it has no such end. */
export function endOf(part: ThreadPart, ending: string): string | undefined {
  const { labels } = part.system.threads[part.thread]!
  const at = labels.findIndex((_, place) => part.endingsAt(place)?.includes(ending))
  // A mark is only here: what stands behind it is meant.
  return at < 0 ? undefined : labels.slice(at).find((label) => !label.startsWith(mark))
}
