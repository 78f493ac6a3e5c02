/** What identifies a system across threads and runs. */

import { createHash } from 'node:crypto'
import type { System } from '../../write/system.js'

/**
 * A digest of everything that decides the state space: domains, initial states, parameters, patches, threads, and every
 * transition with the source text of its guards and effects. What such a function refers to elsewhere is not seen.
 */
export function digestOf(system: System): string {
  const { model, parameters, patches, shape, threads, transitions, initials } = system
  const hash = createHash('sha256')
  // In whatever order patches are named, they make the same system.
  hash.update(JSON.stringify([model.name, parameters, [...patches].sort(), shape, threads, initials]))
  hash.update(String(model.declared.resting))
  for (const { name, thread, from, to, args, guards, effects } of transitions)
    hash.update(JSON.stringify([name, thread, from, to, args, guards.map(String), effects.map(String)]))
  return hash.digest('hex')
}
