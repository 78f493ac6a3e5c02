/** A report as one HTML file that needs nothing else: opened from disk, it lets one search, filter, and step through traces. */

import { readFileSync } from 'node:fs'
import { having, type Settled } from '../settled.js'
import { count } from '../text.js'

/** Writes the report of claims that were settled with their traces; `questions` has what each protocol is to answer. */
export function htmlOf(claims: readonly Settled[], questions: Readonly<Record<string, string>>): string {
  const traces = claims.flatMap(({ protocol, instance, traces: own = [] }) =>
    own.map((trace) => [`${protocol}/${instance.id}/${trace.property}`, trace] as const),
  )
  const data = {
    met: claims.every(({ differences }) => differences.length === 0),
    summary: summary(claims),
    questions,
    claims: claims.map(({ protocol, instance, differences, states, complete, patches, verdicts }) => ({
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
      verdicts: verdicts.map(({ property, verdict, traceLength }) => ({ property, verdict, traceLength })),
    })),
    traces: Object.fromEntries(traces),
  }
  const template = readFileSync(new URL('./report.html', import.meta.url), 'utf8')
  // A `<` in the data could end the script that holds it.
  const json = JSON.stringify(data).replaceAll('<', '\\u003c')
  return template.replace(/(<script id="data"[^>]*>)/, (open) => open + json)
}

function summary(claims: readonly Settled[]): string {
  const unmet = claims.filter(({ differences }) => differences.length > 0).length
  const states = claims.reduce((sum, claim) => sum + claim.states, 0)
  const violated = claims.reduce((sum, claim) => sum + having(claim, 'violated').length, 0)
  const verdict = unmet === 0 ? 'All claims met' : `${unmet} of ${claims.length} claims not met`
  return `${verdict}: ${claims.length} instances, ${count(states)} states; ${violated} violations found.`
}
