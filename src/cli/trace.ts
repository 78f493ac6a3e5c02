/** `thawproof trace`: the counterexample of one property, found anew or replayed from a file. */

import type { Command } from 'commander'
import { check, propertiesFor, systemFor } from '../search/check.js'
import { fates } from '../search/fate.js'
import { toldRun } from '../search/gather.js'
import { lanesOf } from '../tell/lanes.js'
import { itfOf } from '../tell/formats/itf.js'
import { mailOf } from '../tell/formats/mail.js'
import { sequenceOf } from '../tell/formats/mermaid.js'
import { timelineOf } from '../tell/formats/perfetto.js'
import { svgOf } from '../tell/formats/svg.js'
import { systemOf, type Protocol } from '../tell/protocol.js'
import { follow, readTrace } from '../tell/recorded.js'
import { traceOf, type Trace } from '../tell/trace.js'
import { Mistake } from '../write/mistake.js'
import {
  columns,
  interruptible,
  limitsOf,
  oneOf,
  Status,
  withChoices,
  withLimits,
  type LimitOptions,
} from './options.js'
import { onlyTarget, propertyNamed, protocolAt, type Choices } from './target.js'

/** How a trace can be written. */
const formats = {
  lanes: (trace, _, options) =>
    lanesOf(trace, { columns: options.wide ? Infinity : columns(), states: options.states ?? false }),
  mail: (trace, protocol) => mailOf(trace, protocol),
  mermaid: (trace) => sequenceOf(trace),
  svg: (trace) => svgOf(trace).trimEnd(),
  json: (trace) => JSON.stringify(trace, null, 2),
  itf: (trace) => JSON.stringify(itfOf(trace), null, 2),
  perfetto: (trace) => JSON.stringify(timelineOf(trace), null, 2),
} satisfies Readonly<Record<Format, (trace: Trace, protocol: Protocol, options: TraceOptions) => string>>

type Format = 'lanes' | 'mail' | 'mermaid' | 'svg' | 'json' | 'itf' | 'perfetto'

interface TraceOptions extends LimitOptions, Choices {
  readonly format: Format
  readonly json?: boolean
  readonly wide?: boolean
  readonly states?: boolean
  readonly replay?: string
}

/** Adds the command. */
export function traceCommand(root: Command): void {
  const command = root
    .command('trace <protocol/instance> [property]')
    .description('show the shortest counterexample as a swim-lane diagram')
    .addOption(oneOf('--format <name>', 'how to write it', Object.keys(formats)).default('lanes'))
    .option('--json', 'the same as --format json')
    .option('--wide', 'one line per step, however long (less -S)')
    .option('--states', 'show the whole state after every step')
    .option('--replay <file>', 'replay a trace that was written as json or itf, by its step names')
    .action(async (target: string, property: string | undefined, options: TraceOptions) => {
      process.exitCode = await run(target, property, options)
    })
  withLimits(withChoices(command))
}

async function run(target: string, property: string | undefined, options: TraceOptions): Promise<number> {
  if (options.replay === undefined && property === undefined)
    throw new Mistake(`trace ${target}`, 'no property is named', 'thawproof list PROTOCOL tells which there are')
  const trace =
    options.replay === undefined ? await found(target, property!, options) : await replayed(target, options.replay)
  if (typeof trace === 'string') {
    process.stdout.write(`${trace}\n`)
    return 1
  }
  const { protocol } = await protocolAt(target)
  process.stdout.write(`${formats[options.json ? 'json' : options.format](trace, protocol, options)}\n`)
  return 0
}

/** The trace, or a sentence that tells why there is none. */
async function found(target: string, property: string, options: TraceOptions): Promise<Trace | string> {
  const { protocol, instance } = await onlyTarget('trace', target, options)
  const system = systemOf(protocol, instance)
  const asked = propertyNamed(system, protocol, property)
  const status = new Status()
  const { signal, done } = interruptible()
  const limits = { ...limitsOf(options), signal, onProgress: status.of(target) }
  const outcome = await check(system, asked ? [asked] : [], limits)
  const verdict = outcome.verdicts.find((one) => one.property === property)!
  const run = toldRun(verdict)
  const told = run && { run, property: asked }
  const [doomed] = told && property !== 'in-domain' ? await fates(system, [told], limits) : []
  done()
  status.clear()
  if (!told) return `${property} is ${verdict.verdict}: there is no trace${verdict.why ? ` (${verdict.why})` : ''}`
  return traceOf({ instance: instance.id, verdict, ...told, doomed: doomed ?? null })
}

async function replayed(target: string, file: string): Promise<Trace> {
  const trace = readTrace(file)
  const { protocol } = await protocolAt(target)
  const system = systemOf(protocol, trace)
  const property = propertiesFor(system, protocol.properties).find(({ name }) => name === trace.property)
  const { says, why, doomed } = trace
  const verdict = { property: trace.property, says, verdict: 'violated', ...(why !== null && { why }) } as const
  return traceOf({
    instance: trace.instance,
    verdict,
    run: follow(systemFor(system, property), trace),
    property,
    doomed,
  })
}
