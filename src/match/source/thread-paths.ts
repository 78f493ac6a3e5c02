/** The paths of a model's thread, as an automaton over its steps: control flow, or what its whole system allows. */

import { instantiate, type System, type Transition } from '../../write/system.js'
import { unknownName } from '../../write/mistake.js'
import type { Arrow, Automaton } from './automaton.js'
import { atOf, type Returned, type Root } from './mapping.js'
import { endingOf } from './paths.js'
import { anything, negative, nonzero, positive, zero, type Signs } from './signs.js'

/** What is told of an arrow of the model: the step with its alternative. */
export interface StepNote {
  readonly step: string
}

/** What the name of a step ends with that a patch of the source puts where the thread has no such step yet. */
export const copied = ':derived'
const copies = new RegExp(`(?:${copied})+(?=/|$)`)

/** The part of a thread that a root is about. */
export class ThreadPart {
  readonly thread: number
  readonly begins: readonly number[]
  private readonly ends = new Map<number, Returned>()
  private readonly own: readonly Transition[]
  /** Alternatives that calls stand for by themselves: `out_resume/xs_resume`. */
  private readonly toldApart = new Set<string>()
  /** Whether ends are told apart by what is returned. */
  readonly returns: boolean

  /**
   * @param strict whether every step that the mapping names has to be there: variants and what a patch makes may lack some.
   * @throws Mistake for a thread, a step or an end that the model does not have.
   */
  constructor(
    readonly system: System,
    private readonly root: Root,
    private readonly where: string,
    strict = true,
  ) {
    const names = system.threads.map(({ name }) => name)
    this.thread = names.findIndex((name) => name === root.thread || name.startsWith(`${root.thread}(`))
    if (this.thread < 0) throw unknownName(where, 'thread', root.thread, names)
    this.own = system.transitions.filter(({ thread }) => thread === this.thread)
    this.begins = this.placesOf(root.begins)
    this.returns = root.ends.some((end) => typeof end !== 'string')
    for (const end of root.ends)
      for (const place of this.placesOf(atOf(end))) this.ends.set(place, typeof end === 'string' ? 'any' : end.returns)
    const named = [
      ...Object.keys({ ...root.silent, ...root.outcomes, ...root.alike }),
      ...Object.values(root.alike ?? {}),
      ...Object.values(root.covers ?? {}).flat(),
    ]
    if (strict) for (const step of named) this.refuseUnknown(step)
  }

  /** The program counters of `step`, `after step`, `end`; after a step there may be several. */
  private placesOf(spelled: string): readonly number[] {
    const { labels } = this.system.threads[this.thread]!
    const step = spelled.replace(/^after /, '')
    const [name, alternative] = step.split('/')
    const at = labels.indexOf(name!)
    if (at < 0) throw unknownName(this.where, `step of ${this.root.thread}`, name!, labels)
    if (step === spelled) return [at]
    const taken = this.own.filter(
      ({ from, step: full }) => from === at && (!alternative || full.endsWith(`/${alternative}`)),
    )
    return [...new Set(taken.map(({ to }) => to))]
  }

  /** A step that a patch brings, or takes away, may be named: where it is missing, what stands for it differs. */
  private refuseUnknown(step: string): void {
    const { model, parameters, patches, threads } = this.system
    const [name] = step.split('/')
    if (broughtByPatches(this.system).has(name!)) return
    if (patches.length > 0 && !threads[this.thread]!.labels.includes(name!)) {
      const base = instantiate(model, { parameters })
      if (base.threads.some(({ labels }) => labels.includes(name!))) return
    }
    const [at] = this.placesOf(step)
    const alternatives = this.own.filter(({ from }) => from === at).map((one) => this.fullOf(one))
    if (step.includes('/') && !alternatives.includes(step) && patches.length === 0)
      throw unknownName(this.where, `alternative of ${this.root.thread}`, step, alternatives)
  }

  /** All that a comparison sees of the thread before it asks for guards: its ways, by the names of its steps. */
  seen(): string {
    const { labels } = this.system.threads[this.thread]!
    return JSON.stringify([labels, this.own.map((one) => [one.from, one.to, this.fullOf(one)])])
  }

  /** All that the flow of the source takes from the thread: which steps this part has, and which alternatives each step. */
  names(): string {
    return JSON.stringify([this.stepNames(), [...new Set(this.own.map((one) => this.fullOf(one)))].sort()])
  }

  /** The names of the steps of this part, and their alternatives: `init_vq`, `init_vq/fails`. */
  stepNames(): readonly string[] {
    const reached = new Set(this.begins)
    const names = new Set<string>()
    for (const at of reached)
      if (this.begins.includes(at) || !this.ends.has(at))
        for (const one of this.own)
          if (one.from === at) {
            const step = this.stepOf(one)
            const own = [step, this.fullOf(one)].filter((name) => !Object.hasOwn(this.root.alike ?? {}, name))
            if (!Object.hasOwn(this.root.alike ?? {}, step)) own.forEach((name) => names.add(name))
            reached.add(one.to)
          }
    return [...names]
  }

  /** A transition's step and alternative, without the thread's name; a copy of a step is called like the step. */
  fullOf({ step }: Transition): string {
    const { name } = this.system.threads[this.thread]!
    return step.slice(name.replace(/\(.*$/s, '').length + 1).replace(copies, '')
  }

  private stepOf(transition: Transition): string {
    return this.fullOf(transition).split('/')[0]!
  }

  /** The alternatives of a step by what the call returns; undefined if they are not told apart. */
  outcomesOf(step: string): readonly (readonly [label: string, signs: Signs])[] | undefined {
    const declared = this.root.outcomes?.[step]
    const alternatives = new Set(
      this.own.filter((one) => this.stepOf(one) === step).map((one) => this.fullOf(one).slice(step.length + 1)),
    )
    if (declared) {
      const told = Object.entries(declared)
      if (told.length === 0) return undefined
      return told.map(([name, returned]) => [`${step}/${name}`, signsReturned[returned]] as const)
    }
    const usual = [...alternatives].every((name) => Object.hasOwn(usualOutcomes, name)) && alternatives.size > 0
    if (!usual) return undefined
    return Object.entries(usualOutcomes).map(([name, signs]) => [`${step}/${name}`, signs] as const)
  }

  /** What is seen of a transition: its step, with the alternative where these are told apart; undefined if no call shows it. */
  labelOf(transition: Transition): string | undefined {
    const step = this.stepOf(transition)
    const full = this.fullOf(transition)
    if (Object.hasOwn(this.root.silent ?? {}, step) || Object.hasOwn(this.root.silent ?? {}, full)) return undefined
    const alike = this.root.alike?.[full]
    if (alike !== undefined) return alike
    if (this.outcomesOf(step)) return full
    return this.toldApart.has(full) ? full : (this.root.alike?.[step] ?? step)
  }

  /** Says that a call stands for an alternative, so that it is told apart from its step. */
  tellApart(label: string): void {
    this.toldApart.add(label)
  }

  /** The labels with which this part ends at a program counter; undefined where it does not end. */
  endingsAt(at: number): readonly string[] | undefined {
    const returned = this.ends.get(at)
    return returned && (this.returns ? endingOf(returned) : ['returns'])
  }

  /** The control flow of the thread, guards ignored. */
  controlFlow(): Automaton<StepNote> {
    const states = this.system.threads[this.thread]!.labels.length
    const end = states + 1
    const arrows: readonly Arrow<StepNote>[][] = Array.from({ length: states + 2 }, () => [])
    const ownArrows = (at: number): Arrow<StepNote>[] =>
      this.own
        .filter(({ from }) => from === at)
        .map((one) => {
          const label = this.labelOf(one)
          return { to: one.to, ...(label !== undefined && { label }), note: { step: this.fullOf(one) } }
        })
    for (let at = 0; at < states; at++) {
      const endings = this.endingsAt(at)
      arrows[at]!.push(...(endings ? endings.map((label) => ({ to: end, label })) : ownArrows(at)))
    }
    // Where it begins it does not end, although a thread that goes round begins where it ends.
    for (const at of this.begins) arrows[states]!.push(...ownArrows(at))
    return { start: states, arrows: (state) => arrows[state]! }
  }
}

/** The names of the steps that patches of the model insert. */
const broughtByPatches = ({ model }: System): ReadonlySet<string> =>
  new Set(
    (model.declared.patches ?? []).flatMap(({ edits }) =>
      edits.flatMap((edit) => ('steps' in edit ? edit.steps.map(({ name }) => name) : [])),
    ),
  )

const usualOutcomes: Readonly<Record<string, Signs>> = { ok: zero, fails: negative }

const signsReturned: Readonly<Record<Returned, Signs>> = {
  zero,
  nonzero,
  negative,
  positive,
  any: anything,
}
