/** A run as data, a counterexample or one that was asked for: what happened, in whose lane, what it changed, where it comes from, and why it matters. */

import type { Shape } from '../write/domain.js'
import type { Arg, Origin, Standing } from '../write/model.js'
import type { Picture } from '../write/picture.js'
import type { Property } from '../write/property.js'
import type { System } from '../write/system.js'
import type { SystemState } from '../search/reference.js'
import type { Run, RunStep } from '../search/run.js'
import type { Judgement, Verdict } from '../search/verdict.js'
import { becauseOf, kindOf, type Because } from './explanation.js'
import { derivedIn, drawnIn } from './picture.js'
import { spellPath, visible } from './text.js'

/** One field that a step changed. */
export interface FieldChange {
  /** `dev[0].used` */
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}

/** One step of a trace. */
export interface TraceStep {
  /** `thread.step/alternative(args)` */
  readonly name: string
  readonly actor: string
  readonly origin: Origin
  readonly says: string | null
  readonly changes: readonly FieldChange[]
  /** Lines that a real machine would print here. */
  readonly log: readonly string[]
  /** The actor that it signals. */
  readonly signals: string | null
  /** How to make it happen on a real machine. */
  readonly provoke: string | null
  /** The named expressions of the model's picture after it, and the drawing; absent if there is none. */
  readonly derived?: Readonly<Record<string, unknown>>
  readonly drawn?: string
  /** The thread that takes it, and the label of the step that comes next there; null for an action. */
  readonly goes: { readonly thread: string; readonly label: string } | null
}

/**
 * How a trace ends. `breaks`: its last step breaks the property; `loops`: it goes round for ever; `stops`: nobody has to go on;
 * `lost`: what should stay possible is not any more; `misses`: nothing that can happen ever does what it should, this run neither;
 * `arrives`: it does what a run was asked for.
 */
export type Ending = 'breaks' | 'loops' | 'stops' | 'lost' | 'misses' | 'arrives'

/** A trace, as printed, drawn and exchanged; its JSON Schema is shipped as `thawproof/trace.schema.json`. */
export interface Trace {
  readonly schema: 'thawproof/trace@1'
  readonly protocol: string
  readonly instance: string | null
  readonly parameters: Readonly<Record<string, Arg>>
  readonly patches: readonly string[]
  /** The property that it breaks; of a run that was asked for, its name. */
  readonly property: string
  readonly says: string
  /** `possible`: nothing is broken, the run was asked for. */
  readonly verdict: string
  /** The options of `thawproof run` that ask for it; absent where it breaks a property. */
  readonly asked?: readonly string[]
  readonly why: string | null
  /** Index of the initial state, the state itself, and where each thread stands in it. */
  readonly initial: number
  readonly start: unknown
  readonly at: Standing
  /** As in {@link TraceStep}, of the initial state. */
  readonly derived?: Readonly<Record<string, unknown>>
  readonly drawn?: string
  readonly steps: readonly TraceStep[]
  /** For a run that goes on for ever: how many steps come before those that repeat. */
  readonly loop: number | null
  readonly ends: Ending
  /** After how many steps the violation could no longer be avoided; null if not known. */
  readonly doomed: number | null
  /** Why the requirement is broken, or what is blocked. */
  readonly because: readonly Because[]
}

/** What of a trace is enough to replay it. */
export interface Recorded extends Omit<Trace, 'schema' | 'start' | 'at' | 'steps' | 'ends' | 'because'> {
  readonly steps: readonly Pick<TraceStep, 'name'>[]
}

/** What a trace is told of. */
export interface Told {
  readonly instance: string | null
  readonly verdict: Pick<Verdict, 'property' | 'says' | 'why'> & { readonly verdict: Judgement | 'possible' }
  readonly run: Run
  /** The property; absent for the two that every model has. */
  readonly property?: Property | undefined
  readonly doomed?: number | null
  readonly asked?: readonly string[]
  readonly picture?: Picture<unknown> | undefined
}

/** Tells a run as a trace. */
export function traceOf({ instance, verdict, run, property, doomed, asked, picture }: Told): Trace {
  const { system } = run
  const pictured = (here: SystemState): Pictured => picturedIn(picture, system, here)
  return {
    schema: 'thawproof/trace@1',
    protocol: system.model.name,
    instance,
    parameters: system.parameters,
    patches: system.patches,
    property: verdict.property,
    says: verdict.says,
    verdict: verdict.verdict,
    ...(asked && { asked }),
    why: verdict.why ?? null,
    initial: run.initial,
    start: run.start.state,
    at: run.start.at,
    ...pictured(run.start),
    steps: run.steps.map((step, i) => ({ ...toldStep(system, stateBefore(run, i), step), ...pictured(step.after) })),
    loop: run.loop ?? null,
    ends: verdict.verdict === 'possible' ? 'arrives' : endingOf(verdict.property, property, run),
    doomed: doomed ?? null,
    because:
      verdict.verdict === 'possible'
        ? []
        : property || verdict.property === 'no-deadlock'
          ? becauseOf(property, run)
          : [],
  }
}

function endingOf(name: string, property: Property | undefined, run: Run): Ending {
  if (property?.kind === 'reachable') return 'misses'
  if (run.loop !== undefined) return 'loops'
  if (name === 'no-deadlock') return 'stops'
  switch (property && kindOf(property, run)) {
    case 'possible':
      return 'lost'
    case 'leadsTo':
    case 'eventually':
    case 'alwaysEventually':
    case 'eventuallyAlways':
    case 'ltl':
      return 'stops'
    default:
      return 'breaks'
  }
}

type Pictured = Pick<TraceStep, 'derived' | 'drawn'>

function picturedIn(picture: Picture<unknown> | undefined, system: System, here: SystemState): Pictured {
  if (!picture) return {}
  const drawn = drawnIn(picture, system, here)
  return { ...(picture.show && { derived: derivedIn(picture, system, here) }), ...(drawn !== undefined && { drawn }) }
}

const stateBefore = (run: Run, i: number): SystemState => (i === 0 ? run.start : run.steps[i - 1]!.after)

/** Tells one step: what it changed of the state before it, and what it printed. */
export function toldStep(
  { shape, threads }: System,
  { state }: SystemState,
  { transition, after }: RunStep,
): TraceStep {
  const thread = threads[transition.thread]
  return {
    name: transition.name,
    actor: transition.actor,
    origin: transition.origin,
    says: transition.says ?? null,
    changes: differences(shape, state, after.state, []),
    log: transition.log
      .flatMap((log) => (typeof log === 'string' ? [log] : log(state as never, transition.args)))
      .map(visible),
    signals: transition.signals ?? null,
    provoke: transition.provoke ?? null,
    goes: thread ? { thread: thread.name, label: thread.labels[transition.to]! } : null,
  }
}

/** What differs between two states, in declaration order; a queue is told as a whole, since its places move. */
function differences(shape: Shape, before: unknown, after: unknown, path: readonly (string | number)[]): FieldChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  if (shape.kind === 'optional' && before !== null && after !== null) return differences(shape.of, before, after, path)
  const inner = shape.kind === 'record' ? Object.entries(shape.fields) : shape.kind === 'array' ? items(shape) : []
  if (inner.length === 0) return [{ field: spellPath(path), before, after }]
  const [a, b] = [before, after] as Record<string | number, unknown>[]
  return inner.flatMap(([key, of]) => differences(of, a![key], b![key], [...path, key]))
}

const items = ({ length, of }: Shape & { kind: 'array' }): [number, Shape][] =>
  Array.from({ length }, (_, i) => [i, of])

/** The actors of a trace, in order of appearance. */
export const actorsOf = (trace: Trace): readonly string[] => [
  ...new Set(trace.steps.flatMap((step) => (step.signals === null ? [step.actor] : [step.actor, step.signals]))),
]

/** The numbers, from 1, of the steps that made a field what it must not be. */
export const decisiveSteps = (trace: Trace): readonly number[] =>
  [...new Set(trace.because.flatMap(({ causes }) => causes.flatMap(({ step }) => (step === null ? [] : [step]))))].sort(
    (a, b) => a - b,
  )

/** The step after which the violation could not be avoided any more, or null: not known, or only the last one broke it. */
export const fatefulStep = ({ doomed, steps }: Trace): number | null =>
  doomed === null || doomed >= steps.length ? null : doomed

/** `protocol/instance`, as commands want it. */
export const targetOf = ({ protocol, instance }: Trace): string =>
  instance === null ? protocol : `${protocol}/${instance}`

/** `requests=1 tool=FAST +fix` */
export const choicesOf = ({ parameters, patches }: Pick<Trace, 'parameters' | 'patches'>): string =>
  [
    ...Object.entries(parameters).map(([name, value]) => `${name}=${value}`),
    ...patches.map((patch) => `+${patch}`),
  ].join(' ')

/** The command that shows a trace again; `address` is what to type to mean its protocol. */
export const commandOf = (trace: Trace, address = trace.protocol): string => {
  const named = { ...trace, address, id: trace.instance }
  return trace.asked ? commandLine(['run', ...wordsFor(named), ...trace.asked]) : commandFor(named, trace.property)
}

/** A variant, as far as it takes to be named on a command line. */
export interface Named {
  readonly address: string
  readonly id: string | null
  readonly parameters: Readonly<Record<string, Arg>>
  readonly patches: readonly string[]
}

/** The command that shows the run behind a verdict, to be typed where this one was. */
export function commandFor(named: Named, property: string): string {
  const [target, ...choices] = wordsFor(named)
  return commandLine(['trace', target!, property, ...choices])
}

/** How a variant is named on a command line: what is meant, and what is chosen. */
export function wordsFor({ address, id, parameters, patches }: Named): readonly string[] {
  // An instance made up on the command line has no name of one word: all that it is made of is named.
  const madeUp = id === null || id.includes(' ')
  const choices = [
    ...Object.entries(parameters).flatMap(([name, value]) => ['-p', `${name}=${value}`]),
    ...patches.flatMap((patch) => ['--patch', patch]),
  ]
  if (!madeUp) return [`${address}/${id}`]
  return choices.length === 0 ? [`${address}/base`] : [address, ...choices]
}

/** A command line that a shell takes apart into these words again. */
export const commandLine = (words: readonly string[]): string => ['thawproof', ...words].map(shellWord).join(' ')

const shellWord = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
