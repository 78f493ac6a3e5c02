/** `thawproof monitor`: a model as an automaton over events that a kernel shows, to watch a real machine with. */

import { Option, type Command } from 'commander'
import { readFileSync } from 'node:fs'
import { bpftraceScript } from '../machine/bpftrace.js'
import type { Events } from '../machine/event.js'
import { eventsIn, kunitTest } from '../machine/kunit.js'
import { minimal } from '../machine/minimal.js'
import { refuseWrongName, scopes, stateNames, type Monitor, type Scope } from '../machine/monitor.js'
import { rvgenDot } from '../machine/rvgen-dot.js'
import { rvgenLtl } from '../machine/rvgen-ltl.js'
import { readRvgenDot } from '../machine/rvgen-reader.js'
import { watching } from '../machine/watching.js'
import { monitorTable } from '../tell/formats/monitor.js'
import { writeWhole } from '../tell/file.js'
import { monitorFrom, monitorNamed, monitorsOf, type MonitorDeclaration } from '../tell/monitors.js'
import { readTrace } from '../tell/recorded.js'
import { systemOf, type Protocol } from '../tell/protocol.js'
import type { Instance } from '../tell/spec.js'
import { commandLine } from '../tell/trace.js'
import { Mistake } from '../write/mistake.js'
import { append, interruptible, limitsOf, withBounds, withChoices } from './options.js'
import { onlyTarget, propertyNamed, protocolAt, type Choices } from './target.js'
import type { Limits } from '../search/explore.js'

interface Options extends Choices, Limits {
  readonly events?: readonly string[]
  readonly again: readonly string[]
  readonly property?: string
  readonly observer?: string
  readonly name: string
  readonly scope: Scope
  readonly from?: string
  readonly format: keyof typeof formats
  readonly after?: string
  readonly run?: string
  readonly out?: string
  readonly read?: string
}

const formats = {
  table: monitorTable,
  dot: rvgenDot,
  ltl: rvgenLtl,
  bpftrace: bpftraceScript,
  kunit: kunitOf,
} as const satisfies Readonly<
  Record<string, (monitor: Monitor, after: string | undefined, run: string | undefined) => string>
>

/** Adds the command. */
export function monitorCommand(root: Command): void {
  const command = root
    .command('monitor [protocol/instance] [monitor]')
    .description('write a model as a monitor: the smallest automaton over events that a kernel shows')
    .option('--events <name=step...>', 'see the model through these: suspend=pm.dpm_suspend; several steps with commas')
    .option('--again <step>', 'after this step everything begins anew; may be repeated', append, [])
    .option('--property <name>', 'allow only runs that keep this property (always, step, observer)')
    .option('--observer <name>', 'the observer by itself, without the model: it must look at steps alone')
    .option('--name <name>', 'what the monitor is called, if it is made here', 'monitor')
    .addOption(new Option('--scope <scope>', 'whom a state is kept for').choices(scopes).default('global'))
    .option('--from <file>', 'monitors of your own')
    .addOption(new Option('--format <format>', 'how it is written').choices(Object.keys(formats)).default('table'))
    .option('--after <event>', 'what a formula (ltl) is about: what may follow this')
    .option('--run <file>', 'what a test (kunit) is of: a run, as trace --json writes it')
    .option('--out <file>', 'write it there')
    .option('--read <file.dot>', 'read such a DOT strictly, and write that')
    .action(async (target: string | undefined, name: string | undefined, options: Options) => {
      const monitor = options.read === undefined ? await monitorOf(target, name, options) : readFrom(options.read)
      const text = formats[options.format](monitor, options.after, options.run)
      if (options.out === undefined) process.stdout.write(text)
      else writeWhole(options.out, text)
    })
  withBounds(withChoices(command))
}

/** @throws Mistake without a run, and for a monitor of which it is not known which steps show its events. */
function kunitOf(monitor: Monitor, _: string | undefined, run: string | undefined): string {
  if (run === undefined) throw new Mistake('--format kunit', 'is a test of a run', 'name its file: --run run.json')
  if (!monitor.events)
    throw new Mistake(
      `monitor ${monitor.name}`,
      'does not say which steps show its events',
      'take a shipped one, or --events',
    )
  const names = readTrace(run).steps.map(({ name }) => name)
  return kunitTest(monitor, eventsIn(names, monitor.events, monitor.scope))
}

function readFrom(file: string): Monitor {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Mistake(file, 'cannot be read', 'name a DOT file', { cause })
  }
  const { automaton, names } = readRvgenDot(text, file)
  return { name: 'monitor', says: `what ${file} says`, scope: 'global', automaton, names, probes: {} }
}

async function monitorOf(target: string | undefined, name: string | undefined, options: Options): Promise<Monitor> {
  if (target === undefined)
    throw new Mistake(
      'monitor',
      'no protocol is named',
      `${commandLine(['monitor', 'PROTOCOL', 'MONITOR'])}, or --read FILE.dot`,
    )
  refuseWrongName('--name', options.name)
  const { signal, done } = interruptible()
  const limits = { ...limitsOf(options), signal }
  try {
    if (options.events === undefined && options.observer === undefined) {
      const { protocol } = await protocolAt(target)
      const all = monitorsOf(protocol, options.from)
      refuseUnnamed(protocol, name, all)
      return await monitorFrom(protocol, monitorNamed(protocol, all, name!), limits, keptOf(protocol, options))
    }
    if (name !== undefined)
      throw new Mistake('monitor', `names '${name}' and makes one up`, 'leave out the name, or --events and --observer')
    const { protocol, instance } = await onlyTarget('monitor', target, options)
    if (options.observer !== undefined) return observerOf(protocol, instance, options)
    return await monitorFrom(protocol, madeUp(instance, options), limits, keptOf(protocol, options, instance))
  } finally {
    done()
  }
}

function refuseUnnamed(protocol: Protocol, name: string | undefined, all: readonly MonitorDeclaration[]): void {
  if (name !== undefined && all.length > 0) return
  throw new Mistake(
    `protocol ${protocol.name}`,
    all.length === 0 ? 'has no monitors' : 'no monitor is named',
    all.length === 0
      ? `see it through events: ${commandLine(['monitor', protocol.address, '--events', 'NAME=STEP'])}, or --from FILE`
      : `one of ${all.map((one) => one.name).join(', ')}`,
  )
}

function keptOf(protocol: Protocol, { property }: Options, instance?: Instance) {
  if (property === undefined) return undefined
  return propertyNamed(systemOf(protocol, instance ?? { parameters: {}, patches: [] }), protocol, property)
}

/** A monitor as the command line describes it. */
function madeUp({ parameters, patches }: Instance, { events = [], again, name, scope }: Options): MonitorDeclaration {
  const declared: Record<string, Events[string]> = {}
  for (const text of events) {
    const [event, steps] = text.split(/=(.*)/s)
    if (!event || !steps) throw new Mistake(`--events ${text}`, 'does not say which step shows it', 'write NAME=STEP')
    if (declared[event]) throw new Mistake(`--events ${text}`, `'${event}' is there twice`, `${event}=STEP,STEP`)
    declared[event] = { steps: steps.split(',') }
  }
  return {
    name,
    says: 'What the model allows of these events.',
    scope,
    instances: [{ parameters, patches }],
    ...(again.length > 0 && { again }),
    events: declared,
  }
}

function observerOf(protocol: Protocol, instance: Instance, { observer, name, scope }: Options): Monitor {
  const system = systemOf(protocol, instance)
  const property = propertyNamed(system, protocol, observer!)
  if (property?.kind !== 'observer')
    throw new Mistake(
      `property ${observer!}`,
      `is of the kind ${property?.kind ?? 'always'}`,
      'observers alone can stand by themselves',
    )
  const nameOf = ({ name: spelled }: { readonly name: string }): string =>
    spelled.replace(/\W+/g, '_').replace(/_$/, '')
  const automaton = minimal(watching(system, property, nameOf))
  return { name, says: property.says, scope, automaton, names: stateNames(automaton), probes: {} }
}
