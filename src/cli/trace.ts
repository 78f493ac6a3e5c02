/** `thawproof trace`: the counterexample of one property, found anew or replayed from a file. */

import type { Command } from 'commander'
import { builtIn, check, propertiesFor, systemFor } from '../search/check.js'
import type { Verdict } from '../search/verdict.js'
import { inevitabilities } from '../ask/inevitability.js'
import { toldRun } from '../ask/fewest-switches.js'
import { endOf, replay, type Run } from '../search/run.js'
import { stillViolates } from '../ask/counterexample.js'
import { Cache, cacheFolder } from '../tell/cache.js'
import { systemOf, type Protocol } from '../tell/protocol.js'
import { readTrace } from '../tell/recorded.js'
import type { Instance } from '../tell/spec.js'
import { counted } from '../tell/text.js'
import { traceOf, type Recorded, type Trace } from '../tell/trace.js'
import type { System } from '../write/system.js'
import { interruptible, limitsOf, Status, withChoices, withLimits, type LimitOptions } from './options.js'
import { onlyTarget, propertyNamed, protocolAt, targetsOf, type Choices, type Target } from './target.js'
import { asWritten, withFormats, type FormatOptions } from './written.js'

interface TraceOptions extends LimitOptions, Choices, FormatOptions {
  readonly replay?: string
}

/** Adds the command. */
export function traceCommand(root: Command): void {
  const command = root
    .command('trace <target> [property]')
    .description(
      'show the shortest counterexample as a swim-lane diagram; without a property, of the first that is violated',
    )
    .option('--replay <file>', 'replay a trace that was written as json or itf, by its step names')
    .action(async (target: string, property: string | undefined, options: TraceOptions) => {
      process.exitCode = await run(target, property, options)
    })
  withLimits(withChoices(withFormats(command)))
}

async function run(target: string, property: string | undefined, options: TraceOptions): Promise<number> {
  if (options.replay === undefined && property === undefined) return firstOf(target, options)
  const trace =
    options.replay === undefined ? await found(target, property!, options) : await replayed(target, property, options)
  if (typeof trace === 'string') {
    process.stdout.write(`${trace}\n`)
    return 1
  }
  const { protocol } = await protocolAt(target)
  process.stdout.write(`${asWritten([trace], protocol, options)}\n`)
  return 0
}

/** Shows the first violation of all that is meant: of its instances in their order, and of the properties in theirs. */
async function firstOf(target: string, options: TraceOptions): Promise<number> {
  const [{ protocol, instances }] = (await targetsOf([target], options)) as [Target]
  const cache = new Cache(cacheFolder())
  for (const instance of instances) {
    const verdicts = cache.recall(protocol, instance)?.verdicts ?? (await judged(protocol, instance, options))
    const first = verdicts.find(({ verdict }) => verdict === 'violated')
    const place = `${protocol.name}/${instance.id}`
    if (!first && verdicts.some(({ verdict }) => verdict === 'unknown')) {
      process.stdout.write(`nothing violated was found in ${place}, which was not searched to the end\n`)
      return 3
    }
    if (!first) continue
    const trace = await foundIn(protocol, instance, first.property, options)
    process.stdout.write(`${typeof trace === 'string' ? trace : asWritten([trace], protocol, options)}\n`)
    return typeof trace === 'string' ? 1 : 0
  }
  const [only, another] = instances
  const what = another ? counted(instances.length, 'instance') : (only?.id ?? 'nothing')
  process.stdout.write(`nothing is violated in ${what} of ${protocol.name}: there is no trace\n`)
  return 1
}

/** The verdicts of one instance. */
async function judged(protocol: Protocol, instance: Instance, options: TraceOptions): Promise<readonly Verdict[]> {
  const status = new Status()
  const { signal, done } = interruptible()
  const onProgress = status.of(`${protocol.name}/${instance.id}`)
  const { verdicts } = await check(systemOf(protocol, instance), protocol.properties, {
    ...limitsOf(options),
    signal,
    onProgress,
  })
  done()
  status.clear()
  return verdicts
}

/** The trace that a search finds, or a sentence that tells why there is none. */
export async function found(
  target: string,
  property: string,
  options: LimitOptions & Choices,
): Promise<Trace | string> {
  const { protocol, instance } = await onlyTarget('trace', target, options)
  return foundIn(protocol, instance, property, options)
}

async function foundIn(
  protocol: Protocol,
  instance: Instance,
  property: string,
  options: LimitOptions,
): Promise<Trace | string> {
  const system = systemOf(protocol, instance)
  const asked = propertyNamed(system, protocol, property)
  const status = new Status()
  const { signal, done } = interruptible()
  const spent = { since: performance.now(), states: 0, bytes: 0 }
  const limits = { ...limitsOf(options), spent, signal, onProgress: status.of(`${protocol.name}/${instance.id}`) }
  const outcome = await check(system, asked ? [asked] : [], limits)
  const verdict = outcome.verdicts.find((one) => one.property === property)!
  const run = toldRun(verdict)
  const told = run && { run, property: asked }
  const [doomed] = told && property !== 'in-domain' ? await inevitabilities(system, [told], limits) : []
  done()
  status.clear()
  if (!told) return `${property} is ${verdict.verdict}: there is no trace${verdict.why ? ` (${verdict.why})` : ''}`
  return traceOf({ instance: instance.id, verdict, ...told, doomed: doomed ?? null, picture: protocol.picture })
}

/**
 * The run of a file, taken by the variant that is named, or by the one that the file tells of if only a protocol is; and judged there:
 * what a file says of itself is not believed. Or a sentence that tells why it shows nothing.
 */
async function replayed(target: string, asked: string | undefined, options: TraceOptions): Promise<Trace | string> {
  const trace = readTrace(options.replay!)
  const { protocol, id } = await protocolAt(target)
  const isNamed = id !== undefined || options.parameter.length + options.patch.length > 0
  const variant = isNamed ? (await onlyTarget('trace', target, options)).instance : recordedIn(protocol, trace)
  const system = systemOf(protocol, variant)
  const name = asked ?? trace.property
  const property = propertyNamed(system, protocol, name)
  const taken = systemFor(system, property)
  const names = trace.steps.map((step) => step.name)
  const { run, stuck } = replay(taken, trace.initial, names)
  if (stuck) return `step ${run.steps.length + 1}, ${stuck.name}, is blocked: ${blockedBy(taken, run, stuck.name)}`
  const whole = trace.loop === null ? run : { ...run, loop: trace.loop }
  const known = { property: name, initial: trace.initial, names, ...(trace.loop !== null && { loop: trace.loop }) }
  if (!stillViolates(system, propertiesFor(system, protocol.properties), known))
    return `the run can be taken, and does not show that ${name} is violated`
  const says = property?.says ?? builtIn[name as keyof typeof builtIn]
  const told = { run: whole, property }
  const { signal, done } = interruptible()
  const [doomed] = await inevitabilities(system, [told], { ...limitsOf(options), signal })
  done()
  const verdict = { property: name, says, verdict: 'violated' } as const
  return traceOf({ instance: variant.id ?? null, verdict, ...told, doomed: doomed ?? null, picture: protocol.picture })
}

/** The variant that a file tells of; fairness is that of the instance of the same name. */
function recordedIn({ spec }: Protocol, { instance, parameters, patches }: Recorded): Parameters<typeof systemOf>[1] {
  const { fairness } = spec.instances.find(({ id }) => id === instance) ?? {}
  return { id: instance ?? 'base', parameters, patches, ...(fairness && { fairness }) }
}

/** Why a step cannot be taken after a run. */
function blockedBy({ transitions, threads, model }: System, run: Run, name: string): string {
  const transition = transitions.find((one) => one.name === name)
  if (!transition) return `${model.name} has no such step here`
  const thread = threads[transition.thread]
  const { at } = endOf(run)
  if (!thread || at[thread.name] === thread.labels[transition.from]) return 'its guard is false'
  return `${thread.name} stands at '${at[thread.name]}', not at '${thread.labels[transition.from]}'`
}
