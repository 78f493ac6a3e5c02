/** `thawproof log`: does a model have a run that prints this log? */

import type { Command } from 'commander'
import { holdLog, type LogOutcome } from '../match/log/outcome.js'
import { attributed, printSites } from '../match/log/print-sites.js'
import { anonymous, type Log } from '../match/log/read.js'
import type { LogOptions } from '../match/log/searched.js'
import { along, toldOf } from '../machine/along.js'
import { loadGrammar } from '../match/source/grammar.js'
import { treeAt, type Tree } from '../match/source/tree.js'
import { writeWhole } from '../tell/file.js'
import { logReport, outcomeText, type Held } from '../tell/formats/log.js'
import { logPage } from '../tell/html/log.js'
import { logFileOf, logFrom, rulesIn } from '../tell/logs.js'
import { readTrace, follow } from '../tell/recorded.js'
import { commandLine } from '../tell/trace.js'
import { systemFor } from '../search/check.js'
import type { Run } from '../search/run.js'
import type { System } from '../write/system.js'
import { systemOf, type Protocol } from '../tell/protocol.js'
import { wrapped } from '../tell/text.js'
import type { Limits } from '../search/explore.js'
import { Mistake } from '../write/mistake.js'
import { columns, interruptible, limitsOf, Status, withBounds, withChoices } from './options.js'
import { onlyTarget, propertyNamed, type Choices } from './target.js'
import { InvalidArgumentError, Option } from 'commander'

/** How a log is to be taken, as commander leaves it. */
export interface LogChoices extends Limits {
  readonly from: 'start' | 'anywhere'
  readonly excerpt?: boolean
  readonly window?: number
  readonly boot?: number
  readonly json?: boolean
}

interface Options extends LogChoices, Choices {
  readonly html?: string
  readonly rules?: string
  readonly tree?: string
  readonly run?: string
}

/** Adds the command. */
export function logCommand(root: Command): void {
  const command = root
    .command('log <protocol/instance> <file>')
    .description('tell whether a model has a run that prints a log (- reads standard input), and which')
    .option('--html <file>', 'write a page with the log and the run side by side')
    .option('--rules <file>', 'rules of your own: which line tells which step')
    .option('--run <file>', 'a run as json: did the machine do this one? Not whether any run prints the log')
    .option('--tree <folder>', 'a source tree: tell which function of the model printed what no rule hears')
    .action(async (name: string, file: string, options: Options) => {
      process.exitCode = await run(name, file, options)
    })
  withBounds(withChoices(withTaking(command)))
}

/** Adds how a log is to be taken. */
export function withTaking(command: Command): Command {
  return command
    .option('--json', 'print one JSON document')
    .addOption(new Option('--from <where>', 'where the log begins').choices(['start', 'anywhere']).default('start'))
    .option('--excerpt', 'it is an excerpt: a line may be missing unless others of its kind are there')
    .option('--window <seconds>', 'lines of different processors within it may be in any order', seconds)
    .option('--boot <n>', 'which boot of the log (default: the last)', whole)
}

function seconds(text: string): number {
  const value = Number(text)
  if (!(value >= 0)) throw new InvalidArgumentError('wants seconds')
  return value
}

function whole(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('wants 1 or more')
  return value
}

/** The options of the search for explanations. @throws Mistake for a boot that the log does not have. */
export function takenAs(choices: LogChoices, log: Log, search: LogOptions['search']): LogOptions {
  const { from, excerpt, window, boot } = choices
  if (boot !== undefined && boot > log.boots)
    throw new Mistake(
      `--boot ${boot}`,
      `the log has ${log.boots === 1 ? 'one boot' : `${log.boots} boots`}`,
      `1 to ${log.boots}`,
    )
  return {
    from,
    ...(excerpt && { excerpt }),
    ...(window !== undefined && { window }),
    ...(boot !== undefined && { boot: boot - 1 }),
    search: { ...limitsOf(choices), ...search },
  }
}

/** What is odd about a log, for standard error. */
export function warnOf({ boots, gaps, backwards }: Log, boot: number | undefined): void {
  const warn = (text: string): void => void process.stderr.write(`thawproof: ${text}\n`)
  if (boots > 1 && boot === undefined)
    warn(`the log is of ${boots} boots; the last is looked at (--boot 1 to ${boots})`)
  if (gaps > 0)
    warn(
      `${gaps === 1 ? 'a line says' : `${gaps} lines say`} that others are missing: there, anything may have been printed`,
    )
  if (backwards > 0)
    warn(
      `${backwards === 1 ? 'a stamp goes' : `${backwards} stamps go`} back: lines are taken in the order of the file`,
    )
}

async function run(name: string, file: string, options: Options): Promise<number> {
  const { protocol, instance } = await onlyTarget('log', name, options)
  const log = logFrom(file)
  warnOf(log, options.boot)
  const rules = options.rules === undefined ? logFileOf(protocol) : rulesIn(options.rules, protocol)
  const status = new Status()
  const { signal, done } = interruptible()
  const taken = takenAs(options, log, { signal, onProgress: status.of(name) })
  const system = systemOf(protocol, instance)
  const held = options.run === undefined ? undefined : runIn(options.run, system, protocol)
  const searched = await holdLog(
    held ? along(held.system, held.initial, namesOf(held)) : system,
    protocol.model,
    rules,
    log,
    { ...taken, ...(held ? {} : { properties: protocol.properties }) },
  )
  const outcome = held ? toldOf(held.system, held.initial, searched) : searched
  done()
  status.clear()
  const told: Held = { outcome, target: targetOf(protocol, instance.id), instance: instance.id }
  process.stdout.write(`${options.json ? JSON.stringify(logReport(told), null, 2) : outcomeText(told, columns())}\n`)
  if (options.run !== undefined && !options.json) process.stdout.write(`${didIt(outcome, held!, options.run)}\n`)
  if (options.tree !== undefined && !options.json)
    for (const line of await printedLines(outcome, log, treeAt(options.tree))) process.stdout.write(`${line}\n`)
  if (options.html !== undefined) writeWhole(options.html, logPage(told, log))
  if (signal.aborted) return 130
  return { accepted: 0, rejected: 1, silent: 1, unknown: 3 }[outcome.verdict]
}

/** The run in a file, taken again. @throws Mistake for a run of another protocol, and for one that this instance cannot take. */
function runIn(file: string, system: System, protocol: Protocol): Run {
  const trace = readTrace(file)
  if (trace.protocol !== protocol.model.name)
    throw new Mistake(
      file,
      `is a run of ${trace.protocol}`,
      `write one: ${commandLine(['trace', protocol.address, 'PROPERTY', '--json'])}`,
    )
  // A run that was asked for is of no property.
  const property = trace.asked === undefined ? propertyNamed(system, protocol, trace.property) : undefined
  return follow(systemFor(system, property), trace)
}

const namesOf = ({ steps }: Run): readonly string[] => steps.map(({ transition }) => transition.name)

/** Whether the machine did a run, as far as a log can tell. */
function didIt({ verdict, heard, run }: LogOutcome, { steps }: Run, file: string): string {
  const far = Math.min(run?.steps.length ?? 0, steps.length)
  if (verdict === 'accepted')
    return far === steps.length
      ? `the machine can have done this run: all ${heard.length} lines that are heard are printed by the ${steps.length} steps of ${file} and what may come behind them`
      : `the machine can have done the first ${far} of ${steps.length} steps of ${file}, up to the last line that is heard`
  if (verdict === 'rejected')
    return `the machine did not do the run of ${file}; whether it did another one of this model: without --run`
  return 'whether the machine did this run cannot be told: nothing is heard, or a limit was hit'
}

/** Attributed messages that are shown. */
const few = 12

/** What functions of the model print according to the tree, of the messages that no rule hears. */
async function printedLines({ system, heard, boot }: LogOutcome, log: Log, tree: Tree): Promise<readonly string[]> {
  const origins = system.transitions.flatMap(({ origin }) => (origin.kind === 'source' ? [origin] : []))
  const sites = printSites(await loadGrammar(), tree, origins)
  const known = new Set(heard.map(({ line }) => line.number))
  const other = log.lines.filter(({ number, boot: of }) => of === boot && !known.has(number))
  const found = attributed(
    other.map(({ text }) => text),
    sites,
  )
  const told = other.flatMap(({ number, text }, i) => {
    const site = found[i]
    return site ? [`  ${number}: ${anonymous(text)} (${site.symbol}, ${site.file}:${site.line})`] : []
  })
  const head = `of the messages that no rule hears, ${told.length} are printed by functions that this model names (${sites.length} print sites in ${tree.name})`
  return [head, ...told.slice(0, few), ...(told.length > few ? [`  and ${told.length - few} more`] : [])].flatMap(
    (text) => wrapped(text, columns(), '    '),
  )
}

const targetOf = ({ address }: Protocol, id: string): string => `${address}/${id}`
