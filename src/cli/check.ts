/** `thawproof check`: the main job. */

import type { Command } from 'commander'
import { availableParallelism } from 'node:os'
import { checkClaim, type Claim } from '../tell/claim.js'
import { lanesOf } from '../tell/lanes.js'
import { claimLines, reportOf, summaryLine } from '../tell/report.js'
import { paint } from '../tell/text.js'
import { traceOf } from '../tell/trace.js'
import type { Instance } from '../tell/spec.js'
import type { Protocol } from '../tell/protocol.js'
import { checkpointOf, columns, interruptible, Status, withChoices, withLimits, type LimitOptions } from './options.js'
import { targetsOf, type Choices } from './target.js'

interface CheckOptions extends LimitOptions, Choices {
  readonly json?: boolean
  readonly verbose?: boolean
  readonly certify?: boolean
}

/** Adds the command. */
export function checkCommand(root: Command): void {
  const command = root
    .command('check [targets...]')
    .description('check claims: of everything, of a protocol, of protocol/instance, or of your own ./model.ts')
    .option('--json', 'print one JSON document')
    .option('--certify', 'have every complete search confirmed by an independent verifier')
    .option('-v, --verbose', 'name the steps that were never taken')
    .action(async (targets: string[], options: CheckOptions) => {
      process.exitCode = await run(targets, options)
    })
  withLimits(withChoices(command))
}

async function run(names: readonly string[], options: CheckOptions): Promise<number> {
  const targets = await targetsOf(names, options)
  const total = targets.reduce((sum, { instances }) => sum + instances.length, 0)
  const status = new Status()
  const interrupt = interruptible()
  const claims: Claim[] = []
  for (const { protocol, instances } of targets) {
    if (!options.json) print(paint('bold', protocol.name) + paint('dim', `  ${protocol.model.declared.question}`))
    for (const instance of instances) {
      if (interrupt.signal.aborted) break
      const what = `${protocol.name}/${instance.id} (${claims.length + 1} of ${total})`
      const claim = await one(protocol, instance, options, interrupt.signal, status.of(what))
      status.clear()
      claims.push(claim)
      if (!options.json) tell(claim, options.verbose ?? false)
    }
  }
  interrupt.done()
  print(options.json ? JSON.stringify(reportOf(claims), null, 2) : summaryLine(claims))
  if (interrupt.signal.aborted) process.stderr.write(`interrupted after ${claims.length} of ${total} instances\n`)
  return exitCode(claims, interrupt.signal.aborted)
}

function one(
  protocol: Protocol,
  instance: Instance,
  options: CheckOptions,
  signal: AbortSignal,
  onProgress: ReturnType<Status['of']>,
): Promise<Claim> {
  const { maxStates, maxMemory, maxSeconds, stopAtFirst, workers = availableParallelism() } = options
  const checkpoint = checkpointOf(options, protocol.name, instance.id)
  return checkClaim(protocol, instance, {
    ...(maxStates !== undefined && { maxStates }),
    ...(maxMemory !== undefined && { maxMemory }),
    ...(maxSeconds !== undefined && { maxSeconds }),
    ...(stopAtFirst && { stopAtFirst }),
    workers,
    ...(options.certify && { certify: true }),
    ...(checkpoint && { checkpoint }),
    signal,
    onProgress,
  })
}

function tell(claim: Claim, verbose: boolean): void {
  for (const line of claimLines(claim, columns(), verbose)) print(line)
  const { fault } = claim.outcome
  if (!fault || claim.differences.length === 0) return
  const verdict = {
    property: 'the model',
    kind: 'in-domain',
    says: 'Guards and effects are pure, deterministic, and stay in their domains.',
    verdict: 'violated',
    why: fault.fault.message,
  } as const
  print(lanesOf(traceOf({ instance: claim.instance.id, verdict, run: fault.run }), { columns: columns() }))
}

function exitCode(claims: readonly Claim[], interrupted: boolean): number {
  if (interrupted) return 130
  if (claims.some(({ outcome }) => outcome.fault && outcome.fault.fault.kind !== 'out of domain')) return 2
  const unmet = claims.filter(({ differences }) => differences.length > 0)
  if (unmet.some((claim) => !onlyUnknown(claim))) return 1
  return unmet.length > 0 || claims.some(({ outcome }) => limited(outcome.cut?.limit)) ? 3 : 0
}

const limited = (limit: string | undefined): boolean => limit !== undefined && limit !== 'fault'

/** Whether nothing was found against a claim, only a limit was hit. */
const onlyUnknown = ({ outcome, instance }: Claim): boolean =>
  limited(outcome.cut?.limit) &&
  outcome.verdicts.every(({ property, verdict }) => {
    const expected = instance.expect[property]
    return verdict === 'unknown' || verdict === (typeof expected === 'object' ? expected.verdict : expected)
  })

const print = (line: string): void => void process.stdout.write(`${line}\n`)
