/** A run as part of an address: which variant, and which of the possible steps was taken at each state. */

import { endOf, startOf, type Run } from '../../search/run.js'
import type { System } from '../../write/system.js'
import { choicesIn } from './choices.js'
import { oneFurther, scheduleOf, type Schedule } from './schedule.js'

/** What an address tells: `#/PROTOCOL/VARIANT/0.3.1.1~5k2`. */
export interface Address {
  readonly variant: string
  /** How many of the steps are shown as taken. */
  readonly step: number
  readonly run: string
}

/** The fragment of an address; `step` stands behind `@` where it is not the whole run. */
export const fragmentOf = (protocol: string, variant: string, run: Run, step: number): string =>
  `#/${[protocol, variant].map(encodeURIComponent).join('/')}/${spelledRun(run)}${step === run.steps.length ? '' : `@${step}`}`

/** What a fragment says; undefined if it is none of this protocol. */
export function addressIn(fragment: string, protocol: string): Address | undefined {
  const match = /^#\/([^/]*)\/([^/]*)\/([^@/]*)(?:@(\d+))?$/.exec(fragment)
  if (!match || decodeURIComponent(match[1]!) !== protocol) return undefined
  return {
    variant: decodeURIComponent(match[2]!),
    run: match[3]!,
    step: match[4] === undefined ? Infinity : Number(match[4]),
  }
}

/** The initial state and, for each step, its number among those that were possible, in base 36; and a sum of the names behind `~`. */
export function spelledRun(run: Run): string {
  const numbers = run.steps.map(({ transition }, i) => {
    const here = run.steps[i - 1]?.after ?? run.start
    return choicesIn(run.system, here).possible.findIndex(({ index }) => index === transition.index)
  })
  return `${[run.initial, ...numbers].map((one) => one.toString(36)).join('.')}~${sumOf(scheduleOf(run).names)}`
}

/** The schedule that a text spells in a system. Undefined if it is none, or leads elsewhere than where it was made: the model has changed. */
export function readRun(system: System, text: string): Schedule | undefined {
  const match = /^([0-9a-z]+(?:\.[0-9a-z]+)*)~([0-9a-z]+)$/.exec(text)
  if (!match) return undefined
  const [initial, ...numbers] = match[1]!.split('.').map((one) => parseInt(one, 36))
  if (initial! >= system.initials.length) return undefined
  let run = startOf(system, initial!)
  for (const number of numbers) {
    const name = choicesIn(system, endOf(run)).possible[number]?.name
    const next = name === undefined ? undefined : oneFurther(run, name)
    if (!next || 'kind' in next) return undefined
    run = next
  }
  const schedule = scheduleOf(run)
  return sumOf(schedule.names) === match[2] ? schedule : undefined
}

/** A short sum of some names: FNV-1a, 32 bits. */
function sumOf(names: readonly string[]): string {
  let sum = 0x811c9dc5
  for (const sign of names.join('\n')) sum = Math.imul(sum ^ sign.codePointAt(0)!, 0x01000193)
  return (sum >>> 0).toString(36)
}
