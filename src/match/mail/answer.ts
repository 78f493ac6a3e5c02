/** What a patch does to one protocol: does the source go with its model as before, with another variant, with a derived one, or with none. */

import type { Edit, Model, Part, Patch, Step } from '../../write/model.js'
import { adopt } from '../../write/family.js'
import { Mistake } from '../../write/mistake.js'
import { instantiate } from '../../write/system.js'
import { isEnding } from '../source/automaton.js'
import type { Root } from '../source/mapping.js'
import type { Tree } from '../source/tree.js'
import { changedLines, type ChangedLines } from './changed-lines.js'
import { derive, editedSteps, stepNamed, type Derivation, type Gap } from './derive.js'
import { endOf, frozen, held, isUnexplained, marked, systemOf, type Subject } from './hold.js'
import {
  closest,
  fittingVariants,
  freshOf,
  knows,
  readBy,
  sidesOf,
  systemIf,
  type Matter,
  type Side,
  type Variant,
} from './sides.js'
import type { Touched } from './touched.js'

/** What was found. */
export interface Answered {
  readonly answer: 'conforms' | 'closer' | 'variant' | 'derived' | 'differs' | 'not compared'
  readonly roots: readonly Root[]
  /** The touched functions that these roots read. */
  readonly reads: readonly Touched[]
  readonly before: Variant | null
  readonly after: Variant | null
  readonly alike: readonly Variant[]
  readonly derived: Derived | null
  /** The gaps that are new, each with its root. */
  readonly gaps: readonly { readonly root: Root; readonly gap: Gap }[]
  readonly known: number
  readonly changed: ChangedLines
  readonly limits: readonly string[]
}

/** A derivation, and the model that it makes: its base is the variant before, its one patch what was derived. */
export interface Derived {
  /** Whether it is the code before the patch that was derived, since the code after it goes with a variant that is known. */
  readonly backwards: boolean
  readonly derivation: Derivation
  readonly model: Model
  readonly patch: Patch
}

/** The name of the patch that is derived. */
export const derivedName = 'derived-from-the-patch'

/** Answers; null if no thread of the protocol reads a touched function. Some hundred comparisons at most. */
export function answer(asked: Matter): Answered | null {
  const matter: Matter = { ...asked, ...marked(asked.model, asked.mapping) }
  const { model, mapping, library, touched } = matter
  const limits: string[] = []
  const subjects = mapping.roots.map((root) => ({ model, mapping, root, library }))
  const readers = subjects.filter((subject) => readBy(subject, matter, limits).length > 0)
  if (readers.length === 0) return null
  const read = touched.filter((one) => readers.some((subject) => readBy(subject, matter, []).includes(one)))
  const common = { roots: readers.map(({ root }) => root), reads: read, limits }
  const before = closest(readers, matter.variants, matter.before)
  if (typeof before === 'string') return { ...common, ...nothing, limits: [before, ...limits] }
  const first = sidesOf(readers, before, matter)
  if (typeof first === 'string') return { ...common, ...nothing, before, limits: [first, ...limits] }
  const elsewhere = stepsOf(model, first, matter.variants)
  const more = stepsForNew(changedLines(first, read, matter).open, elsewhere)
  // Held anew where a call that comes may stand for a step of another thread.
  const sides =
    more.length === 0
      ? first
      : sidesOf(
          readers.map((one) => ({ ...one, more })),
          before,
          matter,
        )
  if (typeof sides === 'string') return { ...common, ...nothing, before, limits: [sides, ...limits] }
  const changedUnder = (variant: Variant): ChangedLines | undefined => {
    const made = sidesOf(readers, variant, matter)
    return typeof made === 'string' ? undefined : changedLines([...made, ...sides], read, matter)
  }
  const told = { ...common, ...nothing, before, ...knownOf(sides), changed: changedLines(sides, read, matter) }
  const covers = (variant: Variant): number => changedUnder(variant)?.covered ?? 0
  const made = outcome(sides, before, told.changed, elsewhere, asked, covers)
  // What the variant of after has a step for is modelled.
  const changed = (made.answer === 'variant' && made.after && changedUnder(made.after)) || told.changed
  // A step whose call comes or goes without any difference stands on a way that the model leaves out.
  const unseen = made.answer === 'conforms' ? changed.seen : []
  return { ...told, ...made, changed: { ...changed, unmodelled: [...changed.unmodelled, ...unseen] } }
}

const nothing = {
  answer: 'not compared',
  before: null,
  after: null,
  alike: [],
  derived: null,
  gaps: [],
  known: 0,
  changed: {
    steps: [],
    tested: [],
    groups: [],
    turns: false,
    unmodelled: [],
    places: [],
    open: [],
    stepless: [],
    covered: 0,
    seen: [],
  },
} as const satisfies Partial<Answered>

const knownOf = (sides: readonly Side[]): { readonly known: number } => ({
  known: sides.reduce(
    (n, { before, after }) => n + after.gaps.filter((gap) => !isUnexplained(gap) && knows(before.gaps, gap)).length,
    0,
  ),
})

type Outcome = Pick<Answered, 'answer' | 'after'> & Partial<Pick<Answered, 'alike' | 'derived' | 'gaps'>>

/** A variant, and for how many calls on changed lines it has steps. */
interface Covering {
  readonly variant: Variant
  readonly covered: number
}

/** Which of the answers it is. */
function outcome(
  sides: readonly Side[],
  before: Variant,
  changed: ChangedLines,
  elsewhere: ReadonlyMap<string, Step>,
  asked: Matter,
  covers: (variant: Variant) => number,
): Outcome {
  const fresh = sides.flatMap((side) => freshOf(side, side.after.gaps).map((gap) => ({ root: side.subject.root, gap })))
  // Where nothing is new, a variant that has a step for a call on a changed line may still be nearer.
  const known = fresh.length === 0 && stepsForNew(changed.stepless, elsewhere).length === 0
  const best = (known ? [] : fittingVariants(sides, asked))
    .map((variant) => ({ variant, covered: covers(variant) }))
    .reduce<Covering | undefined>((a, b) => (a && a.covered >= b.covered ? a : b), undefined)
  if (fresh.length === 0 && (!best || best.covered <= changed.covered)) {
    if (!sides.some(({ before: was, after }) => was.gaps.some((gap) => !knows(after.gaps, gap))))
      return { answer: 'conforms', after: before }
    // The code before went with no variant, the code after does: what it was is derived, looking back.
    const back = sides.map(({ subject, before: was, after }) => ({ subject, before: after, after: was }))
    const was = derivedFor(back, before, changed, elsewhere, { ...asked, after: asked.before })
    return was
      ? { answer: 'derived', after: before, derived: { ...was, backwards: true } }
      : { answer: 'closer', after: before }
  }
  if (best) {
    const { variant } = best
    const alike = fittingVariants(sides, asked).filter(
      (one) => one !== variant && editsPart(one, variant, sides, asked.model),
    )
    return { answer: 'variant', after: variant, alike }
  }
  const derived = derivedFor(sides, before, changed, elsewhere, asked)
  return derived ? { answer: 'derived', after: null, derived } : { answer: 'differs', after: null, gaps: fresh }
}

/** Whether a variant edits a step of the functions in question beyond what another one does; else it is that one there. */
function editsPart(one: Variant, other: Variant, sides: readonly Side[], model: Model): boolean {
  const more = one.patches.filter((name) => !other.patches.includes(name))
  const edited = editedSteps(
    (model.declared.patches ?? []).flatMap(({ name, edits }) => (more.includes(name) ? edits : [])),
  )
  return sides.some(({ subject: { root }, after }) =>
    after.graph.part.stepNames().some((step) => edited.includes(`${root.thread}.${step}`)),
  )
}

/** Steps of other threads, or of patches, that are named like calls that nothing explains. */
const stepsForNew = (calls: readonly string[], elsewhere: ReadonlyMap<string, Step>): readonly string[] =>
  [...elsewhere.keys()].filter((name) => calls.includes(name.replace(/:.*$/, '')))

/** Derives for one root after the other, each on what was derived before. */
function derivedFor(
  sides: readonly Side[],
  before: Variant,
  changed: ChangedLines,
  elsewhere: ReadonlyMap<string, Step>,
  { model, after }: Matter,
): Derived | null {
  const made: Derivation[] = []
  for (const { subject, before: was, after: is } of sides) {
    const { root } = subject
    const edits = made.flatMap((one) => one.edits)
    const own = { ...subject, model: patchedModel(subject.model, before, edits) }
    const base = systemIf(() => systemOf({ ...own, root: { ...root, patches: [] } }, [derivedName]))
    if (typeof base === 'string') return null
    const derivation = derive({
      model: model.name,
      parts: base.parts,
      thread: root.thread,
      gaps: (parts) => gapsWith(own, parts, after),
      known: [...was.gaps, ...is.gaps.filter(isUnexplained)],
      touched: new Set(changed.steps.map(stepNamed)),
      turns: changed.turns,
      tested: new Set(changed.tested.map(stepNamed)),
      endOf: (ending) => endOf(was.graph.part, ending),
      groups: [...Object.values(root.covers ?? {}).filter(({ length }) => length > 1), ...changed.groups],
      elsewhere,
    })
    if (!derivation) return null
    made.push(derivation)
  }
  const all: Derivation = {
    edits: made.flatMap(({ edits }) => edits),
    says: made.flatMap(({ says }) => says),
    assumes: [...new Set(made.flatMap(({ assumes }) => assumes))],
  }
  // Its own names are those of the model: only what was derived is new, and no requirement speaks of that.
  const last = adopt(patchedModel(model, withOwn(before, sides), all.edits), model)
  return { backwards: false, derivation: all, model: last, patch: last.declared.patches!.at(-1)! }
}

/** The variant with the patches that the roots' mapping is about. */
const withOwn = (variant: Variant, sides: readonly Side[]): Variant => ({
  ...variant,
  patches: [...new Set([...sides.flatMap(({ subject }) => subject.root.patches ?? []), ...variant.patches])],
})

/** The model with the variant as its base, and one patch: what was derived. */
function patchedModel(model: Model, { patches }: Variant, edits: readonly Edit[]): Model {
  const base = frozen(model, patches, ({ parts }) => parts)
  const patch: Patch = { name: derivedName, kind: 'fix', says: 'Derived from a patch of the source.', edits }
  // Requirements may ask for places that only other patches make: these stay known.
  return { ...base, declared: { ...base.declared, patches: [...(model.declared.patches ?? []), patch] } }
}

function gapsWith(subject: Subject, parts: readonly Part[], tree: Tree): readonly Gap[] {
  const model = { ...subject.model, declared: { ...subject.model.declared, parts: () => parts, patches: [] } }
  const found = held(
    { ...subject, model },
    instantiate(model, { ...(subject.root.parameters && { parameters: subject.root.parameters }) }),
    tree,
  )
  if (typeof found === 'string') throw new Mistake(subject.root.function, found)
  return found.gaps
}

/** Steps by name that a new call may stand for: those of every thread, and those that patches put somewhere. */
function stepsOf(model: Model, sides: readonly Side[], variants: readonly Variant[]): ReadonlyMap<string, Step> {
  const found = new Map<string, Step>()
  const note = (steps: readonly Step[]): void => {
    for (const step of steps) if (!found.has(step.name)) found.set(step.name, step)
  }
  for (const { subject } of sides)
    for (const part of systemOf(subject, variants[0]!.patches).parts) if (part.kind === 'thread') note(part.steps)
  for (const { edits } of model.declared.patches ?? [])
    for (const edit of edits) if (edit.kind === 'before' || edit.kind === 'after') note(edit.steps)
  return found
}

/** A gap as a sentence. */
export function gapText({ side, path, next, expected }: Gap): string {
  const after = path.length === 0 ? 'at its beginning' : `after ${path.at(-1)}`
  const other = expected.length === 0 ? 'nothing' : expected.join(' or ')
  const [one, two] = side === 'source' ? ['the source', 'the model'] : ['the model', 'the source']
  return `${after}, ${one} ${isEnding(next) ? next : `goes on with ${next}`}; ${two} has ${other} there`
}
