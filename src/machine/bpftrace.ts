/** A monitor as a bpftrace script: for kernels as they are, without a rebuild. */

import { Mistake } from '../write/mistake.js'
import type { Condition, Probe } from './event.js'
import { eventsOf } from './minimal.js'
import type { Monitor } from './monitor.js'

/** The script. @throws Mistake for an event of which nobody has said where it is caught. */
export function bpftraceScript(monitor: Monitor): string {
  const { name, says, automaton, names, probes, scope, key } = monitor
  const events = eventsOf(automaton)
  const unknown = events.filter((event) => probes[event] === undefined)
  if (unknown.length > 0)
    throw new Mistake(
      `monitor ${name}`,
      `it is not said where ${unknown.join(', ')} ${unknown.length === 1 ? 'is' : 'are'} caught`,
      'give each event a "probe" in a file of monitors (--from): a tracepoint, a kprobe or a kretprobe',
    )
  if (scope === 'per_obj' && key === undefined)
    throw new Mistake(
      `monitor ${name}`,
      'is of each object, and no "key" tells them apart',
      'name a field of its tracepoints',
    )
  const whose = { global: '0', per_cpu: 'cpu', per_task: 'tid', per_obj: `str(args->${key!})` }[scope]
  const table = automaton.states.flatMap((row, i) =>
    [...row].map(
      ([event, to]) =>
        `\t@to[${i}, ${events.indexOf(event)}] = ${to + 1};\t// ${names[i]!} -- ${event} -> ${names[to]!}`,
    ),
  )
  const clauses = events.map((event, number) => clauseOf(event, number, probes[event]!, whose, name))
  return `${[
    '#!/usr/bin/env bpftrace',
    `// ${name}: ${says}`,
    '// It says what the model does not allow. That is a bug only where the model is held against the source of this kernel.',
    '// Start it while nothing of the kind is under way: what came before is not known to it.',
    'BEGIN',
    '{',
    ...table,
    `\tprintf("${name}: watching\\n");`,
    '}',
    ...clauses,
    'END',
    '{',
    '\tclear(@to);',
    '\tclear(@at);',
    '}',
  ].join('\n')}\n`
}

/** A state's number is kept as it is, 0 where nothing was seen; a target as its number and one, so that 0 is none. */
function clauseOf(event: string, number: number, probe: Probe, whose: string, name: string): string {
  const conditions = (probe.where ?? []).map(conditionText)
  return [
    '',
    `${probe.kind}:${probe.name}`,
    ...(conditions.length === 0 ? [] : [`/${conditions.join(' && ')}/`]),
    '{',
    `\t$next = @to[@at[${whose}], ${number}];`,
    '\tif ($next == 0) {',
    `\t\ttime("%H:%M:%S ");`,
    whose.startsWith('str(')
      ? `\t\tprintf("${name}: %s: event ${event} not expected in state %d\\n", ${whose}, @at[${whose}]);`
      : `\t\tprintf("${name}: event ${event} not expected in state %d\\n", @at[${whose}]);`,
    '\t\tprint(kstack);',
    `\t\tdelete(@at[${whose}]);`,
    '\t} else {',
    `\t\t@at[${whose}] = $next - 1;`,
    '\t}',
    '}',
  ].join('\n')
}

function conditionText({ field, is, isNot, begins, beginsNot }: Condition): string {
  const text = `args->${field}`
  const starts = (prefix: string): string => `strncmp(str(${text}), "${prefix}", ${prefix.length})`
  const equal = (value: number | string): string =>
    typeof value === 'number' ? `${text} == ${value}` : `str(${text}) == "${value}"`
  const told = [
    ...(is === undefined
      ? []
      : [
          any([is].flat().map((one: number | boolean | string) => equal(typeof one === 'boolean' ? Number(one) : one))),
        ]),
    ...(isNot === undefined ? [] : [`${text} != ${isNot}`]),
    ...(begins === undefined ? [] : [any(begins.map((prefix) => `${starts(prefix)} == 0`))]),
    ...(beginsNot ?? []).map((prefix) => `${starts(prefix)} != 0`),
  ]
  return told.join(' && ')
}

const any = (texts: readonly string[]): string => (texts.length === 1 ? texts[0]! : `(${texts.join(' || ')})`)
