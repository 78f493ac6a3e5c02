/** Mermaid text, which code hosts draw: a thread as a flow chart, a trace as a sequence diagram. */

import type { Branch, Step, Thread } from '../../write/model.js'
import { shown } from '../text.js'
import { actorsOf, decisiveSteps, type Trace, type TraceStep } from '../trace.js'

/** Words that Mermaid reads as its own, and signs that end a label, are spelled as entities. */
const label = (text: string): string => text.replace(/[#;:"<>{}[\]()|`]/g, (sign) => `#${sign.charCodeAt(0)};`)

/** The steps of a thread and the ways between them, by number; -1 is the end. */
export interface Flow {
  readonly steps: readonly { readonly name: string; readonly waits: boolean }[]
  readonly ways: readonly { readonly from: number; readonly to: number; readonly name: string }[]
}

/** Where each step of a thread can go. */
export function waysOf({ steps }: Thread): Flow {
  const at = new Map([...steps.map(({ name }, i) => [name, i] as const), ['end', -1] as const])
  const ways = steps.flatMap(({ declared }, from) => {
    const ahead = steps[from + 1]?.name ?? 'end'
    const to = (branch: Pick<Branch<never, never>, 'goto'>): number => at.get(branch.goto ?? declared.goto ?? ahead)!
    const named = Object.entries(declared.either ?? {})
    if (named.length === 0) return [{ from, to: to({}), name: '' }]
    return named.map(([name, branch]) => ({ from, to: to(branch), name }))
  })
  return { steps: steps.map((step) => ({ name: step.name, waits: waits(step) })), ways }
}

/** A thread as a flow chart: steps from top to bottom, an arrow for each way on; a step that may have to wait has six sides. */
export function flowOf(thread: Thread): string {
  const { steps, ways } = waysOf(thread)
  const id = (number: number): string => (number < 0 ? 'stop' : `s${number}`)
  return [
    'flowchart TD',
    ...steps.map(({ name, waits }, i) => (waits ? `  ${id(i)}{{"${label(name)}"}}` : `  ${id(i)}["${label(name)}"]`)),
    ...(ways.some(({ to }) => to < 0) ? ['  stop(("end"))'] : []),
    ...ways.map(({ from, to, name }) => `  ${id(from)} -->${name && `|"${label(name)}"|`} ${id(to)}`),
  ].join('\n')
}

/** Whether nothing may be possible at a step. */
const waits = ({ declared }: Step): boolean =>
  declared.when !== undefined ||
  (declared.either !== undefined && Object.values(declared.either).every(({ when }) => when !== undefined))

/** A trace as a sequence diagram: a lane per actor, an arrow per signal, notes for what changed. */
export function sequenceOf(trace: Trace): string {
  const actors = actorsOf(trace)
  const lane = (actor: string): string => `a${actors.indexOf(actor)}`
  const marked = decisiveSteps(trace)
  const lines = trace.steps.flatMap((step, i) => {
    const text = label(`${i + 1}${marked.includes(i + 1) ? '*' : ''} ${step.name}`)
    const arrow = `  ${lane(step.actor)}->>${lane(step.signals ?? step.actor)}: ${text}`
    return [...(trace.loop === i ? ['  loop for ever'] : []), arrow, ...noteOf(step, lane(step.actor))]
  })
  return [
    'sequenceDiagram',
    ...actors.map((actor) => `  participant ${lane(actor)} as ${label(actor)}`),
    ...lines,
    ...(trace.loop === null ? [] : ['  end']),
    ...(actors.length === 0
      ? []
      : [
          `  Note over a0${actors.length > 1 ? `,a${actors.length - 1}` : ''}: ${label(`${trace.ends === 'arrives' ? 'shown' : 'violated'}: ${trace.says}`)}`,
        ]),
  ].join('\n')
}

function noteOf(step: TraceStep, lane: string): string[] {
  const told = [
    ...step.changes.map(({ field, before, after }) => `${field}: ${shown(before)} → ${shown(after)}`),
    ...step.log.map((line) => `» ${line}`),
  ]
  return told.length === 0 ? [] : [`  Note over ${lane}: ${told.map(label).join('<br/>')}`]
}
