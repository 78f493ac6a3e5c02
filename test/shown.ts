/** Traces as they are recorded: what tests draw, write and read without a search. */

import assert from 'node:assert/strict'
import { instanceOf, loadProtocol, type Protocol } from '../src/tell/protocol.js'
import { recordedTraces } from '../src/tell/runs.js'
import type { Trace } from '../src/tell/trace.js'

/** The recorded trace of a violated property; of the first one that is recorded of the instance, if none is named. */
export async function shownTrace(
  name: string,
  id: string,
  property?: string,
): Promise<{ readonly protocol: Protocol; readonly trace: Trace }> {
  const protocol = await loadProtocol(name)
  const traces = recordedTraces(protocol, [instanceOf(protocol, id)])
  const trace = traces.find((one) => property === undefined || one.property === property)
  assert.ok(trace, `${name}/${id} ${property ?? ''}`)
  return { protocol, trace }
}
