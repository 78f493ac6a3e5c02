/** The HTML report of a check: every claim, with search, filters, a matrix, and every trace to step through. */

import { having, type Settled } from '../claim-result.js'
import { counted } from '../text.js'
import { pageOf, pageTrace } from './page.js'

/** Writes the report of claims that were settled with their traces; `questions` has what each protocol is to answer. */
export function htmlOf(claims: readonly Settled[], questions: Readonly<Record<string, string>>): string {
  const traces = claims.flatMap(({ protocol, address, instance, traces: own = [] }) =>
    own.map((trace) => [`${protocol}/${instance.id}/${trace.property}`, pageTrace(trace, address)] as const),
  )
  return pageOf({
    title: 'thawproof report',
    overview: 'report',
    data: {
      met: claims.every(({ differences }) => differences.length === 0),
      summary: summary(claims),
      questions,
      claims: claims.map(
        ({ protocol, instance, differences, states, complete, patches, verdicts, untried, scenarios = [] }) => ({
          protocol,
          instance: instance.id,
          says: instance.says,
          corpus: instance.corpus,
          form: instance.form,
          evidence: instance.evidence,
          patches,
          differences,
          states,
          complete,
          ...(untried && { untried }),
          verdicts: verdicts.map(({ property, verdict, why, traceLength }) => ({
            property,
            verdict,
            ...(verdict === 'trivial' && { why }),
            traceLength,
          })),
          scenarios: scenarios.map(({ name, says, is, found, steps }) => ({ name, says, is, found, steps })),
        }),
      ),
      traces: Object.fromEntries(traces),
    },
  })
}

function summary(claims: readonly Settled[]): string {
  const unmet = claims.filter(({ differences }) => differences.length > 0).length
  const states = claims.reduce((sum, claim) => sum + claim.states, 0)
  const violated = claims.reduce((sum, claim) => sum + having(claim, 'violated').length, 0)
  const verdict = unmet === 0 ? 'All as claimed' : `${unmet} of ${claims.length} not as claimed`
  return `${verdict}: ${counted(claims.length, 'instance')}, ${counted(states, 'state')}; ${counted(violated, 'violation')} found.`
}
