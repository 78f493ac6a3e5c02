/** Traces read back from files, and replayed. */

import { readFileSync } from 'node:fs'
import { Mistake } from '../write/mistake.js'
import type { System } from '../write/system.js'
import { replay, type Run } from '../search/run.js'
import { isItf, recordedIn } from './formats/itf.js'
import type { Recorded, Trace } from './trace.js'

/** Reads a trace from a file. @throws Mistake for a file that is missing or not a trace. */
export function readTrace(file: string): Recorded {
  const next = 'write one with `thawproof trace … --format json`'
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Mistake(file, 'cannot be read', next, { cause })
  }
  try {
    const trace = JSON.parse(text) as Partial<Trace>
    if (isItf(trace)) return recordedIn(trace, file)
    if (trace.schema === 'thawproof/trace@1' && Array.isArray(trace.steps)) return trace as Trace
  } catch (cause) {
    if (cause instanceof Mistake) throw cause
    throw new Mistake(file, `is not JSON: ${(cause as Error).message}`, next, { cause })
  }
  throw new Mistake(file, 'is not a thawproof/trace@1', next)
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
