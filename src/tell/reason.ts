/** Why a trace ends where it does, in sentences: what is violated, since when it could not be avoided, and by what. */

import type { Because, Cause } from './explanation.js'
import { shown } from './text.js'
import { fatefulStep, type Trace } from './trace.js'

/** `no-revoke-in-use is violated in 12 steps` */
export const headline = ({ property, verdict, steps, ends }: Trace): string =>
  ends === 'misses'
    ? `${property} is ${verdict}: no run gets there`
    : ends === 'arrives'
      ? `${property}: ${steps.length === 1 ? '1 step' : `${steps.length} steps`}`
      : `${property} is ${verdict} in ${steps.length === 1 ? '1 step' : `${steps.length} steps`}`

/** What stands before the sentence of a trace: it requires something, or says what is shown. */
export const saysWord = ({ ends }: Pick<Trace, 'ends'>): 'required' | 'shown' =>
  ends === 'arrives' ? 'shown' : 'required'

/** When the violation became inevitable; null if that is not known. */
export function fateText(trace: Trace): string | null {
  if (trace.doomed === null) return null
  const step = fatefulStep(trace)
  if (step === null) return 'only with the last step; before it there was another way on'
  const from = step === 0 ? 'from the start' : `after step ${step} (!)`
  return `${from}; no way on keeps the requirement and comes to rest`
}

/** Whose condition is false: what the causes are listed under. */
export const becauseText = ({ of }: Because): string =>
  of.startsWith('the ') ? `${of} fails because` : `${of} is blocked because`

/** One cause; `mark` follows the number of its step. */
export function causeText({ field, earlier, value, step, mends }: Cause, mark = ''): string {
  const was = earlier ? 'was, before the last step,' : 'is'
  const since = step === null ? 'from the start' : `since step ${step}${mark}`
  const some = [...mends.slice(0, 5).map(quoted), ...(mends.length > 5 ? ['…'] : [])].join(' or ')
  const instead = mends.length === 0 || earlier ? '' : `; it would not with ${some}`
  return `${field} ${was} ${quoted(value)} ${since}${instead}`
}

/** A value within a sentence: words that could be taken for the sentence's own stand in quotes. */
export const quoted = (value: unknown): string =>
  typeof value === 'string' && /[\s,]/.test(value) ? `"${value}"` : shown(value)

/** `domain is`, and of a place `suspend is at`: what a value follows. */
export const whatIs = (field: string): string => (field.startsWith('at ') ? `${field.slice(3)} is at` : `${field} is`)
