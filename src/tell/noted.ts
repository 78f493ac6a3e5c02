/** What an observer has noted of a run, in words: those of its author, or those of its fields. */

import { statesOf, type Run } from '../search/run.js'
import type { Property } from '../write/property.js'
import { quoted } from './reason.js'
import { fieldsOf } from './states.js'
import { shown } from './text.js'

/** `tookSecond` and what it is, as somebody would say it: `took second`, `not took second`, `took second is yes`. */
function words(field: string, value: unknown): string {
  const name = field.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
  return value === true ? name : value === false ? `not ${name}` : `${name} is ${quoted(value)}`
}

/** What an observer's state says: its author's sentence, or what is so of its fields. */
export function noteOf(own: unknown, explain?: (own: never) => string): string {
  if (explain) return explain(own as never)
  const noted = fieldsOf(own).flatMap(([field, value]) =>
    value === false || value === null ? [] : [words(field, value)],
  )
  return noted.length === 0 ? 'it has noted nothing' : `it has noted: ${noted.join(', ')}`
}

/**
 * What an observer, or the observer of a cancel, has noted by the end of a run: whatever has ever changed, since which step, the earliest
 * first; or the author's own words. Undefined for what has no observer.
 */
export function notedText(property: Property | undefined, run: Run): string | undefined {
  if (property?.kind !== 'observer' && property?.kind !== 'cancel') return undefined
  const states = statesOf(run).map(({ state }) => state as Record<string, unknown>)
  const field = Object.keys(states[0]!).at(-1)!
  const last = states.at(-1)![field]
  if (property.kind === 'observer' && property.declared.explain) return property.declared.explain(last)
  const values = states.map((state) => new Map(fieldsOf(state[field])))
  const noted = fieldsOf(last).flatMap(([name, value]) => {
    const since = values.findLastIndex((one) => shown(one.get(name)) !== shown(value)) + 1
    return since === 0 ? [] : [{ since, says: words(name, value) }]
  })
  if (noted.length === 0) return 'its observer has noted nothing'
  const told = noted
    .toSorted((a, b) => a.since - b.since)
    .map(({ since, says }) => `${says} since step ${since}, ${run.steps[since - 1]!.transition.name}`)
  return `its observer has noted: ${told.join('; ')}`
}
