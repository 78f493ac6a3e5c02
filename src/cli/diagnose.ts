/** `thawproof diagnose`: which protocols, variants and bugs can have printed a log. */

import type { Command } from 'commander'
import { anonymous } from '../match/log/read.js'
import { diagnosesOf, hearing, ranked, suspectsOf, type Diagnosis, type Suspect } from '../tell/diagnosis.js'
import { logFrom } from '../tell/logs.js'
import { loadProtocol, protocolNames, type Protocol } from '../tell/protocol.js'
import { asCalled, paint, wrapped } from '../tell/text.js'
import { choicesOf, commandLine } from '../tell/trace.js'
import { takenAs, warnOf, withTaking, type LogChoices } from './log.js'
import { columns, interruptible, Status, withBounds } from './options.js'
import { protocolAt } from './target.js'

interface Options extends LogChoices {
  readonly verbose?: boolean
}

/** Adds the command. */
export function diagnoseCommand(root: Command): void {
  const command = root
    .command('diagnose <file> [protocols...]')
    .description(
      'tell which protocols, variants and bugs of the corpus can have printed a log (- reads standard input)',
    )
    .option('-v, --verbose', 'name every instance')
    .action(async (file: string, names: string[], options: Options) => {
      process.exitCode = await run(file, names, options)
    })
  withBounds(withTaking(command))
}

async function run(file: string, names: readonly string[], options: Options): Promise<number> {
  const log = logFrom(file)
  warnOf(log, options.boot)
  const protocols = await Promise.all(
    names.length === 0
      ? protocolNames().map(loadProtocol)
      : names.map(async (name) => (await protocolAt(name)).protocol),
  )
  const { signal, done } = interruptible()
  const status = new Status()
  const taken = takenAs(options, log, { signal })
  const heard = hearing(protocols, log, taken)
  const suspects: Suspect[] = []
  for (const protocol of heard) {
    const onProgress = status.of(protocol.name)
    for await (const one of suspectsOf(protocol, log, { ...taken, search: { ...taken.search, onProgress } }))
      suspects.push(one)
  }
  done()
  status.clear()
  const text = options.json
    ? JSON.stringify(asData(suspects), null, 2)
    : told(heard, suspects, file, options).join('\n')
  process.stdout.write(`${text}\n`)
  if (signal.aborted) return 130
  if (suspects.some(({ outcome }) => outcome.verdict === 'accepted')) return 0
  return suspects.some(({ outcome }) => outcome.verdict === 'unknown') ? 3 : 1
}

const targetOf = ({ protocol, instance }: Suspect): string => `${protocol.address}/${instance.id}`

/** The diagnosis as data. */
function asData(suspects: readonly Suspect[]): unknown {
  return {
    schema: 'thawproof/diagnosis@1',
    bugs: diagnosesOf(suspects).map(({ corpus, bug, fixed }) => ({
      corpus,
      target: targetOf(bug),
      fixed: fixed.map((one) => ({ target: targetOf(one), verdict: one.outcome.verdict })),
    })),
    instances: ranked(suspects).map((one) => ({
      target: targetOf(one),
      verdict: one.outcome.verdict,
      heard: one.outcome.heard.length,
      matched: one.outcome.matched,
      line: one.outcome.rejected?.line.number ?? null,
    })),
  }
}

/** Instances that are named without being asked for. */
const few = 6

function told(heard: readonly Protocol[], suspects: readonly Suspect[], file: string, { verbose }: Options): string[] {
  const lines = (text: string, indent = '    '): string[] => wrapped(text, columns(), indent)
  if (heard.length === 0)
    return lines('no protocol hears a line of this log: it has no message that a modelled step prints')
  return heard.flatMap((protocol) => {
    const own = suspects.filter((one) => one.protocol === protocol)
    const can = ranked(own).filter(({ outcome }) => outcome.verdict === 'accepted')
    const cannot = ranked(own).filter(({ outcome }) => outcome.verdict === 'rejected')
    const open = own.length - can.length - cannot.length
    const most = Math.max(0, ...own.map(({ outcome }) => outcome.heard.length))
    return [
      paint('bold', protocol.name) + paint('dim', `  hears ${most} line${most === 1 ? '' : 's'}`),
      ...diagnosesOf(own).flatMap((one) => bugLines(one, lines)),
      ...lines(
        `  ${paint('green', `${can.length} of ${own.length} instances can have printed it`)}${can.length === 0 ? '' : `: ${some(can, verbose)}`}`,
      ),
      ...(cannot.length === 0 ? [] : cannotLines(cannot, verbose).flatMap((text) => lines(text))),
      ...(open === 0 ? [] : lines(`  ${open} are too large to be told, or hear nothing`)),
      ...(can[0] === undefined ? [] : [`  the run: ${asCalled(commandLine(['log', targetOf(can[0]), file]))}`]),
    ]
  })
}

const some = (suspects: readonly Suspect[], verbose = false): string => {
  const shown = verbose ? suspects : suspects.slice(0, few)
  const rest = suspects.length - shown.length
  return shown.map(({ instance: { id } }) => id).join(', ') + (rest > 0 ? ` and ${rest} more (-v)` : '')
}

function bugLines({ corpus, bug, fixed }: Diagnosis, lines: (text: string) => string[]): string[] {
  const { instance, protocol } = bug
  const chosen = choicesOf(instance)
  const refuted = fixed.filter(({ outcome }) => outcome.verdict === 'rejected')
  return [
    ...lines(paint('red', `  ${corpus}`) + ` ${instance.says} (${targetOf(bug)}${chosen === '' ? '' : `: ${chosen}`})`),
    ...refuted.flatMap((one) => {
      const { references, patches } = one.instance
      const where = references.map((key) => protocol.spec.references[key]!.where).join('; ')
      const change = patches.length > 0 ? `+${patches.join(' +')}` : one.instance.id
      const first = one.outcome.rejected!.line
      return lines(
        `    fixed by ${change}${where === '' ? '' : ` (${where})`}: that cannot print line ${first.number}, "${anonymous(first.text)}"`,
      )
    }),
  ]
}

/** Who cannot have printed it, by the line at which that shows. */
function cannotLines(suspects: readonly Suspect[], verbose: boolean | undefined): string[] {
  const byLine = new Map<number, Suspect[]>()
  for (const one of suspects) {
    const line = one.outcome.rejected!.line.number
    byLine.set(line, [...(byLine.get(line) ?? []), one])
  }
  return [...byLine]
    .toSorted(([a], [b]) => b - a)
    .map(([line, own]) => {
      const text = anonymous(own[0]!.outcome.rejected!.line.text)
      return `  ${own.length} cannot print line ${line}, "${text}": ${some(own, verbose)}`
    })
}
