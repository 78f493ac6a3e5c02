/**
 * A patch of the model derived from a patch of the source: the fewest edits of one thread after which it goes the ways of
 * the patched functions. Edits are proposed where the two part, and kept if then they part no more.
 */

import { applied, editedStep } from '../../write/patch.js'
import { Mistake } from '../../write/mistake.js'
import type { Edit, Part, Step, Thread } from '../../write/model.js'
import { isEnding } from '../source/automaton.js'
import { copied } from '../source/thread-paths.js'

/** A place where source and thread part; steps are named without their thread. */
export interface Gap {
  /** Whose path the other cannot follow. */
  readonly side: 'source' | 'thread'
  /** The steps up to there. */
  readonly path: readonly string[]
  /** What comes next on that side: a step, or an end as automata spell it. */
  readonly next: string
  /** What the other side could do instead. */
  readonly expected: readonly string[]
}

/** What a derivation works on. */
export interface Question {
  readonly model: string
  /** The parts of the model that fits the source before, whose thread is to be changed. */
  readonly parts: readonly Part[]
  readonly thread: string
  /** How source and thread part once the parts are these. */
  readonly gaps: (parts: readonly Part[]) => readonly Gap[]
  /** Those that were there before the patch: they need not close. */
  readonly known: readonly Gap[]
  /** Steps whose calls stand on lines that the patch adds or takes away: only these are moved, removed, inserted. */
  readonly touched: ReadonlySet<string>
  /** Whether a condition or a jump stands on such a line: only then are ways led elsewhere. */
  readonly turns: boolean
  /** Steps whose call's result such a condition tests: where it turns away, the call has failed. */
  readonly tested: ReadonlySet<string>
  /** The step at which the thread goes on after an end, or `end`; undefined if there is none. */
  readonly endOf: (ending: string) => string | undefined
  /** Steps that one call stands for, in order: they go together. */
  readonly groups: readonly (readonly string[])[]
  /** Steps that a call may stand for though the thread has none of that name: of other threads, of patches. */
  readonly elsewhere: ReadonlyMap<string, Step>
}

/** A derived patch: its edits, a sentence for each, and what is taken for granted. */
export interface Derivation {
  readonly edits: readonly Edit[]
  readonly says: readonly string[]
  readonly assumes: readonly string[]
}

/** A few edits that belong together. */
interface Proposal {
  readonly edits: readonly Edit[]
  readonly says: string
  readonly assumes?: string
}

/** Proposals one after the other, the parts that they make, and the gaps that are left. */
interface Attempt {
  readonly proposals: readonly Proposal[]
  readonly parts: readonly Part[]
  readonly gaps: readonly Gap[]
}

/** No patch of a few hunks takes more edits, and no look-out goes further. */
const longest = 6
const kept = 4
const patience = 400

/** The step that a name stands for, copies included. */
export const stepNamed = (name: string): string => name.replace(/\/.*$/, '').replace(/(?::derived)+$/, '')

/**
 * The fewest edits that close all new gaps, the first proposed of as few; undefined if none were found among a few hundred.
 * Each attempt costs one comparison of source and thread.
 */
export function derive(question: Question): Derivation | undefined {
  const { parts } = question
  const first: Attempt = { proposals: [], parts, gaps: fresh(question, question.gaps(parts)) }
  if (first.gaps.length === 0) return derivationOf([])
  let frontier: readonly Attempt[] = [first]
  let tries = 0
  const seen = new Set<string>()
  for (let depth = 0; depth < longest; depth++) {
    const next: Attempt[] = []
    for (const attempt of frontier)
      for (const proposal of attempt.gaps.flatMap((gap) => proposalsFor(question, attempt.parts, gap))) {
        const says = [...attempt.proposals.map((one) => one.says), proposal.says].sort().join('; ')
        if (seen.has(says) || tries >= patience) continue
        seen.add(says)
        tries++
        const made = tried(question, attempt, proposal)
        if (!made) continue
        if (made.gaps.length === 0) return derivationOf(made.proposals)
        next.push(made)
      }
    frontier = next.sort(byPromise).slice(0, kept)
  }
  return undefined
}

const derivationOf = (proposals: readonly Proposal[]): Derivation => ({
  edits: proposals.flatMap(({ edits }) => edits),
  says: proposals.map(({ says }) => says),
  assumes: [...new Set(proposals.flatMap(({ assumes }) => assumes ?? []))],
})

/** Fewer gaps first; of as many, those where the first comes later. */
function byPromise(a: Attempt, b: Attempt): number {
  const first = ({ gaps }: Attempt): number => Math.min(...gaps.map(({ path }) => path.length))
  return a.gaps.length - b.gaps.length || first(b) - first(a)
}

function tried(question: Question, before: Attempt, proposal: Proposal): Attempt | undefined {
  try {
    const edits = { name: 'derived', kind: 'fix', says: proposal.says, edits: proposal.edits } as const
    const parts = applied(question.model, before.parts, edits)
    return { proposals: [...before.proposals, proposal], parts, gaps: fresh(question, question.gaps(parts)) }
  } catch (error) {
    // A proposal that makes no model is none.
    if (error instanceof Mistake) return undefined
    throw error
  }
}

/** The gaps that were not there before the patch. What leads to one may have changed: where it is counts, and what it is. */
const fresh = ({ known }: Question, gaps: readonly Gap[]): readonly Gap[] =>
  gaps.filter((gap) => !known.some((one) => placeOf(one) === placeOf(gap)))

const placeOf = ({ side, path, next }: Gap): string => `${side} ${path.at(-1) ?? ''} ${next}`

function proposalsFor(question: Question, parts: readonly Part[], gap: Gap): readonly Proposal[] {
  const thread = parts.find((part): part is Thread => part.kind === 'thread' && part.name === question.thread)
  if (!thread) return []
  const desk = new Desk(question, thread)
  const last = gap.path.at(-1)
  const { side, next, expected } = gap
  const instead = expected.filter((one) => !isEnding(one))
  const isStep = !isEnding(next)
  if (side === 'source')
    return [
      ...(isStep ? desk.hither(next, instead, last) : []),
      ...instead.flatMap((step) => desk.without(step)),
      ...(last === undefined ? [] : desk.leading(last, next)),
    ]
  return [
    ...(isStep ? [...instead.flatMap((step) => desk.thither(next, step)), ...desk.without(next)] : []),
    ...(isStep ? instead.flatMap((step) => desk.hither(step, [next], last)) : []),
    ...(last === undefined ? [] : [...desk.closing(last), ...expected.flatMap((to) => desk.leading(last, to))]),
  ]
}

/** Where a step comes to stand: beside which one, and on which of its ways. */
interface Place {
  readonly side: 'before' | 'after'
  readonly anchor: string
  readonly way: string
}

/** Makes proposals for one thread. */
class Desk {
  constructor(
    private readonly question: Question,
    private readonly thread: Thread,
  ) {}

  private readonly full = (step: string): string => `${this.thread.name}.${step}`

  private find(label: string): Step | undefined {
    const name = label.replace(/\/.*$/, '')
    return this.thread.steps.find((step) => step.name === name)
  }

  private touched(label: string): boolean {
    return this.question.touched.has(stepNamed(label))
  }

  /** The steps that go with one, itself included, as far as the thread has them. */
  private group(label: string): readonly string[] {
    const name = label.replace(/\/.*$/, '')
    const group = this.question.groups.find((steps) => steps.includes(name)) ?? [name]
    return group.filter((step) => this.find(step))
  }

  /** A step comes here: before one of those that would, or after the one that was; one that the thread lacks is inserted. */
  hither(label: string, before: readonly string[], after: string | undefined): readonly Proposal[] {
    if (!this.touched(label)) return []
    const name = stepOf(label)
    const places: Place[] = [
      ...before.map((step): Place => ({ side: 'before', anchor: stepOf(step), way: step })),
      ...(after === undefined ? [] : [{ side: 'after', anchor: stepOf(after), way: after } as const]),
    ]
    return places
      .filter(({ anchor }) => this.find(anchor))
      .flatMap((place) => [
        ...(this.find(name) && place.anchor !== name ? [this.moved(name, place)] : []),
        ...this.inserted(name, place),
      ])
  }

  /** A step goes behind another one. */
  thither(label: string, after: string): readonly Proposal[] {
    const [name, anchor] = [stepOf(label), stepOf(after)]
    if (!this.touched(label) || !this.find(name) || !this.find(anchor) || name === anchor) return []
    return [this.moved(name, { side: 'after', anchor, way: after })]
  }

  private moved(name: string, { side, anchor }: Place): Proposal {
    const group = this.group(name)
    const [first = name, ...more] = group
    const { goto, ...declared } = this.find(first)!.declared
    // A step that leads elsewhere by name goes on with its new neighbour, so it is put there anew.
    if (goto !== undefined && group.length === 1) {
      const edits: Edit[] = [
        { kind: 'remove', target: this.full(first) },
        { kind: side, target: this.full(anchor), steps: [{ name: first, declared }] },
      ]
      return { edits, says: `${this.full(first)} moves ${side} ${this.full(anchor)}` }
    }
    const edits = [
      { kind: 'move', target: this.full(first), to: sided(side, this.full(anchor)) } as const,
      ...more.map(
        (step, i) => ({ kind: 'move', target: this.full(step), to: { after: this.full(group[i]!) } }) as const,
      ),
    ]
    return {
      edits,
      says: `${group.map(this.full).join(', ')} ${group.length > 1 ? 'move' : 'moves'} ${side} ${this.full(anchor)}`,
    }
  }

  private inserted(name: string, { side, anchor, way }: Place): readonly Proposal[] {
    const step = this.find(name) ?? this.question.elsewhere.get(stepNamed(name))
    if (!step) return []
    let fresh = name
    while (this.find(fresh)) fresh += copied
    const declared = { ...step.declared }
    delete declared.goto
    // What stands behind a step that leads elsewhere is put on that way.
    const on = side === 'after' ? this.leads(way) : undefined
    const edits: Edit[] = [
      {
        kind: side,
        target: this.full(anchor),
        steps: [{ name: fresh, declared: on ? { ...declared, goto: on.goto } : declared }],
      },
      ...(on ? [{ kind: 'replace', target: on.target, fields: { goto: fresh } } as const] : []),
    ]
    return [
      {
        edits,
        says: `${this.full(fresh)} is inserted ${side} ${this.full(on ? way : anchor)}`,
        assumes: `${stepNamed(name)} does here what it does elsewhere in the model, and no requirement that names that step is about this one`,
      },
    ]
  }

  /** Where a step, or one of its ways, leads by name: to what, and what is to be replaced for another place. */
  private leads(label: string): { readonly target: string; readonly goto: string } | undefined {
    const { declared } = this.find(label)!
    const way = /\/(.*)$/s.exec(label)?.[1]
    const own = way === undefined ? undefined : declared.either?.[way]?.goto
    const goto = own ?? declared.goto
    if (goto === undefined || goto === 'end') return undefined
    return { target: this.full(own === undefined ? stepOf(label) : label), goto }
  }

  without(label: string): readonly Proposal[] {
    if (!this.touched(label) || !this.find(label)) return []
    const group = this.group(label)
    return [
      {
        edits: group.map((step) => ({ kind: 'remove', target: this.full(step) }) as const),
        says: `${group.map(this.full).join(', ')} ${group.length > 1 ? 'are' : 'is'} removed`,
      },
    ]
  }

  /** The ways out of a step lead elsewhere: one that is there, or a new one. */
  leading(label: string, to: string): readonly Proposal[] {
    const name = stepOf(label)
    const step = this.find(name)
    const goto = isEnding(to) ? this.question.endOf(to) : stepOf(to)
    if (!this.question.turns || !step || goto === undefined || (goto !== 'end' && !this.find(goto))) return []
    const { either } = step.declared
    const led = (target: string): Proposal => ({
      edits: [{ kind: 'replace', target, fields: { goto } }],
      says: `${target} goes to ${goto}`,
    })
    return [
      ...(either ? Object.keys(either).map((way) => led(`${this.full(name)}/${way}`)) : [led(this.full(name))]),
      this.another(step, goto),
    ]
  }

  /** A new way out: of a call that fails without having done anything, or of a test that says nothing of the call. */
  private another(step: Step, goto: string): Proposal {
    const { either, then } = step.declared
    const failed = this.question.tested.has(stepNamed(step.name))
    const way = failed ? 'fails' : 'turns_away'
    const name = either && Object.hasOwn(either, way) ? `${way}:derived` : way
    const goes = then ? { then } : {}
    const fields: Partial<Step['declared']> =
      either === undefined
        ? {
            then: nothing,
            either: { [failed ? 'ok' : 'goes_on']: goes, [name]: failed ? { goto } : { ...goes, goto } },
          }
        : { either: { ...either, [name]: { goto } } }
    return {
      edits: [{ kind: 'replace', target: this.full(step.name), fields }],
      says: `${this.full(step.name)} gets a way ${name} to ${goto}`,
      assumes: failed
        ? `where ${stepNamed(step.name)} fails, it has changed nothing`
        : `the new test after ${stepNamed(step.name)} may come out either way`,
    }
  }

  /** A way out is closed. */
  closing(label: string): readonly Proposal[] {
    const step = this.find(label)
    const ways = Object.keys(step?.declared.either ?? {})
    if (!this.question.turns || !step || ways.length < 2) return []
    return ways.map((way) => ({
      edits: [{ kind: 'remove', target: `${this.full(step.name)}/${way}` }],
      says: `${this.full(step.name)} has no way ${way} any more`,
    }))
  }
}

const nothing = (): void => undefined

const stepOf = (label: string): string => label.replace(/\/.*$/, '')

const sided = (side: 'before' | 'after', anchor: string): { before: string } | { after: string } =>
  side === 'before' ? { before: anchor } : { after: anchor }

/** The steps that edits name, in order, each once. */
export const editedSteps = (edits: readonly Edit[]): readonly string[] => [
  ...new Set(edits.flatMap((edit) => editedStep(edit) ?? [])),
]
