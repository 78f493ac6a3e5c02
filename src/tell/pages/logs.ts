/** What a page says of logs: which lines a protocol hears, and the logs that its instances can print, or cannot. */

import { earFor, heardIn, outcomeOf } from '../../match/log/outcome.js'
import { readLog } from '../../match/log/read.js'
import { targetsOf, type Rule } from '../../match/log/rules.js'
import { searched } from '../../match/log/searched.js'
import { outcomeText } from '../formats/log.js'
import { logFileOf, logText, optionsOf, type LogClaim, type LogExpectation } from '../logs.js'
import { instanceOf, systemOf, type Protocol } from '../protocol.js'
import { block, code, prose, table, toHeading } from './markdown.js'
import { linked } from './citation.js'
import type { Ground } from './parts.js'

/** The section about logs; nothing for a protocol without rules. Searches the instances whose output is shown. */
export async function logParts(protocol: Protocol, { trees }: Pick<Ground, 'trees'>): Promise<readonly string[]> {
  const { rules, logs = [] } = logFileOf(protocol)
  if (rules.length === 0) return []
  const shown = await Promise.all(logs.map((log) => outputParts(protocol, log)))
  return [
    '## Logs',
    `These lines are heard by ${code(`thawproof log ${protocol.name}/INSTANCE FILE`)}, and by ${code('thawproof diagnose FILE')}. A line that is \`always\` there closes its step: without the line, it did not happen.`,
    ...table(['Line', 'Tells', 'There', 'Printed by'], rules.map(ruleRow)),
    ...logs.flatMap((log, i) => [
      `### ${code(log.file)}`,
      `${prose(log.says)} ${linked(log.where, trees)}.`,
      Object.entries(log.instances)
        .map(([id, expected]) => `- [${code(id)}](${toHeading(id)}) ${expectationText(expected)}`)
        .join('\n'),
      ...shown[i]!,
    ]),
  ]
}

function ruleRow(rule: Rule): string[] {
  const targets = targetsOf(rule).map(code).join(', ')
  const tells = rule.own
    ? 'what the step prints itself'
    : rule.enters !== undefined
      ? `comes to ${targets}`
      : rule.stands !== undefined
        ? `stands at ${targets}`
        : rule.stack !== undefined
          ? `${code(rule.stack)} stands in a function on the stack`
          : targets
  return [code(rule.line), tells, rule.closed ?? (rule.own ? 'always' : 'if heard'), prose(rule.printed ?? '')]
}

function expectationText(expected: LogExpectation): string {
  if (expected === 'accepted') return 'can print it'
  if (expected.verdict === 'rejected') return `cannot print its line ${expected.line}`
  const { breaks } = expected
  if (breaks === undefined) return 'can print it'
  return breaks.length === 0
    ? 'can print it, and need not break anything'
    : `can print it, and every run that does breaks ${breaks.map(code).join(', ')}`
}

/** What the command prints of the instance that is shown. */
async function outputParts(protocol: Protocol, log: LogClaim): Promise<readonly string[]> {
  if (log.shown === undefined) return []
  const instance = instanceOf(protocol, log.shown)
  const found = await searched(systemOf(protocol, instance))
  const ear = earFor(logFileOf(protocol), protocol.model, found)
  const options = optionsOf(log)
  const { heard, boot, passedOver } = heardIn(ear, readLog(logText(protocol, log)), options)
  const { properties } = protocol
  const outcome = await outcomeOf(found, ear, heard, { ...options, boot, passedOver, properties })
  const target = `${protocol.name}/${instance.id}`
  return [
    '<details><summary>What the command prints</summary>',
    block(
      'text',
      `$ thawproof log ${target} specs/logs/${log.file}\n${outcomeText({ outcome, target, instance: instance.id }, 96)}`,
    ),
    '</details>',
  ]
}
