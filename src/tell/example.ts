/** Examples where there is no counterexample: of what should be reachable and is not, a run that never gets there. */

import { check, propertiesFor } from '../search/check.js'
import type { SearchOptions } from '../search/explore.js'
import type { Claim } from './claim.js'
import { traceOf, type Trace } from './trace.js'

/**
 * For each violated `reachable` of a claim a shortest run that is fair to all: no run gets there, so whatever a whole run does serves as
 * an example. One more search for each.
 */
export async function examplesOf(
  { protocol, instance, outcome: { system, verdicts } }: Claim,
  options: SearchOptions = {},
): Promise<readonly Trace[]> {
  const traces: Trace[] = []
  for (const property of propertiesFor(system, protocol.properties)) {
    const verdict = verdicts.find((one) => one.property === property.name)
    if (property.kind !== 'reachable' || verdict?.verdict !== 'violated') continue
    const outcome = await check(system, [{ ...property, kind: 'eventually' }], options)
    const { run } = outcome.verdicts.find((one) => one.property === property.name)!
    if (run) traces.push(traceOf({ instance: instance.id, verdict, run, property }))
  }
  return traces
}
