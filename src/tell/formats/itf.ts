/** Traces in the Informal Trace Format (Apalache's ADR-015), with the step names where Quint's model-based tests look for them. */

import { Mistake } from '../../write/mistake.js'
import { stateAfter } from '../states.js'
import type { Recorded, Trace } from '../trace.js'

/** A trace in the format; `states` has one more than there are steps. */
export interface Itf {
  readonly '#meta': { readonly format: 'ITF'; readonly thawproof: Omit<Recorded, 'steps' | 'loop'> } & Record<
    string,
    unknown
  >
  readonly params: readonly string[]
  readonly vars: readonly string[]
  /** Index of the state that the last one leads back to. */
  readonly loop?: number
  readonly states: readonly Readonly<Record<string, unknown>>[]
}

const action = 'mbt::actionTaken'
const threads = 'threads'

/** Writes a trace: integers as `#bigint`, absent values as Quint's `None`, program counters as the map `threads`. */
export function itfOf(trace: Trace): Itf {
  const { protocol, instance, parameters, patches, property, says, verdict, why, initial, doomed, asked } = trace
  let at: Readonly<Record<string, string>> = trace.at
  const states = [null, ...trace.steps].map((step, i) => {
    if (step?.goes) at = { ...at, [step.goes.thread]: step.goes.label }
    const fields = Object.entries(stateAfter(trace, i) as object)
    return {
      '#meta': { index: i, ...(step && { actor: step.actor }) },
      ...Object.fromEntries(fields.map(([name, value]) => [name, expression(value)])),
      [threads]: { '#map': Object.entries(at) },
      [action]: step?.name ?? 'init',
    }
  })
  return {
    '#meta': {
      format: 'ITF',
      'format-description': 'https://apalache-mc.org/docs/adr/015adr-trace.html',
      description: `${property}: ${says}`,
      thawproof: {
        ...{ protocol, instance, parameters, patches, property, says, verdict, why, initial, doomed },
        ...(asked && { asked }),
      },
    },
    params: [],
    vars: [...Object.keys(trace.start as object), threads, action],
    ...(trace.loop !== null && { loop: trace.loop }),
    states,
  }
}

function expression(value: unknown): unknown {
  if (value === null) return { tag: 'None', value: { '#tup': [] } }
  if (typeof value === 'number') return { '#bigint': String(value) }
  if (Array.isArray(value)) return value.map(expression)
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, expression(inner)]))
}

/** Whether a document says that it is in the format. */
export const isItf = (document: unknown): document is Itf =>
  (document as Partial<Itf> | null)?.['#meta']?.format === 'ITF'

/** What is needed to replay. @throws Mistake for a trace that another program wrote: it does not say of what it is one. */
export function recordedIn(itf: Itf, file: string): Recorded {
  const { thawproof } = itf['#meta'] as { thawproof?: Itf['#meta']['thawproof'] }
  if (!thawproof)
    throw new Mistake(
      file,
      'does not say which instance it is a trace of',
      'write one with `thawproof trace … --format itf`',
    )
  const steps = itf.states.slice(1).map((state) => ({ name: String(state[action]) }))
  return { ...thawproof, steps, loop: itf.loop ?? null }
}
