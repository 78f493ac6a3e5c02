/** Traces read back from files, and replayed. */

import { Mistake } from '../write/mistake.js'
import type { System } from '../write/system.js'
import { replay, type Run } from '../search/run.js'
import { isItf, recordedIn } from './formats/itf.js'
import { parsed } from './json.js'
import { validated } from './schema.js'
import type { Recorded, Trace } from './trace.js'

/** Reads a trace from a file. @throws Mistake for a file that is missing, or not a trace as its schema has it. */
export function readTrace(file: string): Recorded {
  const trace = parsed(file)
  if (isItf(trace)) return recordedIn(trace, file)
  if ((trace as Partial<Trace> | null)?.schema !== 'thawproof/trace@1')
    throw new Mistake(file, 'is not a thawproof/trace@1', 'write one with `thawproof trace … --format json`')
  return validated<Trace>(trace, 'trace', file)
}

/** Follows a trace by its step names in a system; declarations may have been reordered since it was written. */
export function follow(system: System, trace: Pick<Recorded, 'initial' | 'steps' | 'property' | 'loop'>): Run {
  const { run, stuck } = replay(
    system,
    trace.initial,
    trace.steps.map(({ name }) => name),
  )
  if (stuck)
    throw new Mistake(
      `trace of ${trace.property}, step ${run.steps.length + 1}`,
      `'${stuck.name}': ${stuck.why}`,
      'the model has changed since the trace was written; run `thawproof check` again',
    )
  return trace.loop === null ? run : { ...run, loop: trace.loop }
}
