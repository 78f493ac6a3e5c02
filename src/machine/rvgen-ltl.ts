/** What a monitor says of one event, as the formula of linear temporal logic that the kernel's `rvgen` reads, where one can say it. */

import { Mistake, unknownName } from '../write/mistake.js'
import { eventsOf } from './minimal.js'
import type { Monitor } from './monitor.js'

/**
 * After an event, none of those that may not come next, until one that may. Events are pulses. `until` wants that one to come, of which a monitor of
 * a running machine reports nothing: it says what must not happen. One formula for each event: of two together rvgen makes 36 states, and the kernel
 * keeps 32. @throws Mistake if no event or an unknown one is named, if what may follow depends on what came before, and if anything may.
 */
export function rvgenLtl({ name, automaton }: Pick<Monitor, 'name' | 'automaton'>, after: string | undefined): string {
  const where = `monitor ${name}`
  const events = eventsOf(automaton)
  if (after === undefined)
    throw new Mistake(where, 'a formula is of one event', `name it: --after, one of ${events.join(', ')}`)
  if (!events.includes(after)) throw unknownName(where, 'event', after, events)
  const alike = events.filter((one) => events.some((other) => other !== one && atomOf(other) === atomOf(one)))
  if (alike.length > 0)
    throw new Mistake(where, `${alike.join(' and ')} are one atom of a formula`, 'rename one of them')
  const behind = new Set(automaton.states.flatMap((row) => (row.has(after) ? [row.get(after)!] : [])))
  if (behind.size > 1)
    throw new Mistake(
      where,
      `no formula without the past says it: what may follow ${after} depends on what came before it`,
      'take the automaton (--format dot), or fewer events',
    )
  const row = automaton.states[[...behind][0]!]!
  const next = events.filter((one) => row.has(one))
  const wrong = events.filter((one) => !row.has(one))
  if (wrong.length === 0) throw new Mistake(where, `after ${after} anything may happen`, 'there is nothing to watch')
  const waits = next.length === 0 ? `always (not ${either(wrong)})` : `(not ${either(wrong)}) until ${either(next)}`
  return `RULE = always (${atomOf(after)} imply (next (${waits})))\n`
}

const atomOf = (event: string): string => event.toUpperCase()

const either = (given: readonly string[]): string => given.map(atomOf).reduce((left, right) => `(${left} or ${right})`)
