/** What a page says of scenarios: a run that works, in full, before anything that fails; then what else must be possible, or must not. */

import { lanesOf } from '../lanes.js'
import type { Protocol } from '../protocol.js'
import { scenarioTrace } from '../scenarios.js'
import { block, code, prose, toHeading } from './markdown.js'

/** The first possible scenario step by step, and the others by their sentences. */
export function scenarioParts(protocol: Protocol): string[] {
  const { spec, name } = protocol
  const scenarios = spec.scenarios ?? []
  const first = scenarios.find(({ is, steps }) => is === 'possible' && steps !== undefined)
  const trace = first && scenarioTrace(protocol, first)
  const place = (instance: string): string => `[${code(instance)}](${toHeading(instance)})`
  const others = scenarios
    .filter((one) => one !== first)
    .map(
      ({ name: id, says, instance, is }) =>
        `- *${is === 'possible' ? 'Possible' : 'Impossible'}* in ${place(instance)}, ${code(id)}: ${prose(says)}`,
    )
  return [
    ...(first && trace
      ? [
          '## A run that works',
          prose(first.says),
          `${trace.steps.length} steps in ${place(first.instance)}; again: ${code(`thawproof run ${name} --scenario ${first.name}`)}.`,
          '<details><summary>Step by step</summary>',
          block('text', lanesOf(trace, { columns: 96 })),
          '</details>',
        ]
      : []),
    ...(others.length === 0 ? [] : ['What else must stay possible, and what must not be:', others.join('\n')]),
  ]
}
