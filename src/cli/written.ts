/** How traces are written on the command line: the formats, and the options that choose among them. */

import type { Command } from 'commander'
import { lanesOf } from '../tell/lanes.js'
import { itfOf } from '../tell/formats/itf.js'
import { mailOf } from '../tell/formats/mail.js'
import { sequenceOf } from '../tell/formats/mermaid.js'
import { timelineOf } from '../tell/formats/perfetto.js'
import { svgOf } from '../tell/formats/svg.js'
import { systemOf, type Protocol } from '../tell/protocol.js'
import { replay } from '../search/run.js'
import { Mistake } from '../write/mistake.js'
import { mochaTest } from '../tell/formats/mocha.js'
import type { Trace } from '../tell/trace.js'
import { columns, oneOf } from './options.js'

/** Those formats whose text is one document. */
const documents = {
  json: (trace) => trace,
  itf: (trace) => itfOf(trace),
  perfetto: (trace) => timelineOf(trace),
} satisfies Readonly<Record<string, (trace: Trace) => unknown>>

/** The others. */
const texts = {
  lanes: (trace, _, options) =>
    lanesOf(trace, {
      columns: options.wide ? Infinity : columns(),
      states: options.states ?? false,
      drawn: options.draw ?? false,
    }),
  mail: (trace, protocol) => mailOf(trace, protocol),
  mermaid: (trace) => sequenceOf(trace),
  mocha: (trace, protocol) => mochaOf(trace, protocol),
  svg: (trace) => svgOf(trace).trimEnd(),
} satisfies Readonly<Record<string, (trace: Trace, protocol: Protocol, options: FormatOptions) => string>>

/** How a trace can be written. */
export type Format = keyof typeof texts | keyof typeof documents

/** The options as commander leaves them. */
export interface FormatOptions {
  readonly format: Format
  readonly json?: boolean
  readonly wide?: boolean
  readonly states?: boolean
  readonly draw?: boolean
}

/** Adds the options to a command. */
export const withFormats = (command: Command): Command =>
  command
    .addOption(
      oneOf('--format <name>', 'how to write it', [...Object.keys(texts), ...Object.keys(documents)]).default('lanes'),
    )
    .option('--json', 'the same as --format json')
    .option('--wide', 'one line per step, however long (less -S)')
    .option('--states', 'show the whole state after every step')
    .option('--draw', 'draw the state after every step, where the model has a picture')

/** Whether what is written is a document for programs, that nothing else may stand beside. */
export const isDocument = ({ format, json = false }: FormatOptions): boolean => json || format in documents

/** Traces as text; several as a list where the format is that of a document. */
export function asWritten(traces: readonly Trace[], protocol: Protocol, options: FormatOptions): string {
  const format = options.json ? 'json' : options.format
  if (format in texts)
    return traces.map((trace) => texts[format as keyof typeof texts](trace, protocol, options)).join('\n\n')
  const made = traces.map((trace) => documents[format as keyof typeof documents](trace))
  return JSON.stringify(made.length === 1 ? made[0] : made, null, 2)
}

/** A trace as a test. @throws Mistake for a run of more than the model itself, as those with a cancel are. */
function mochaOf(
  { instance, parameters, patches, property, verdict, initial, steps }: Trace,
  protocol: Protocol,
): string {
  const { fairness } = protocol.spec.instances.find(({ id }) => id === instance) ?? {}
  const choice = { parameters, patches, ...(fairness && { fairness }) }
  const names = steps.map(({ name }) => name)
  const { run, stuck } = replay(systemOf(protocol, choice), initial, names)
  if (stuck)
    throw new Mistake(
      `trace of ${property}`,
      `${stuck.name} is no step of the model alone`,
      'write it as json, and replay that',
    )
  return mochaTest({
    title:
      verdict === 'violated' ? `${instance ?? 'base'} breaks ${property}` : `${instance ?? 'base'} can take this run`,
    protocol: protocol.name,
    address: protocol.address,
    choice,
    initial,
    names,
    at: run.steps.at(-1)?.after.at ?? run.start.at,
  })
}
