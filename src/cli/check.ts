/** `thawproof check`: the main job. */

import type { Command } from 'commander'
import { availableParallelism } from 'node:os'
import type { Progress } from '../search/explore.js'
import { Cache, cacheFolder } from '../tell/cache.js'
import { checkClaim } from '../tell/claim.js'
import { declaredBy, type Declared } from '../tell/declared.js'
import { writeWhole } from '../tell/file.js'
import { annotationsOf } from '../tell/formats/annotations.js'
import { htmlOf } from '../tell/html/report.js'
import { leavesDomain, settled, tracesOf, type Settled } from '../tell/claim-result.js'
import { expectedVerdict } from '../tell/spec.js'
import { counted, sizeText } from '../tell/text.js'
import { junitText, reporterNames, reporterOf, sarifText, type Beside, type ReporterName } from './reporter.js'
import { sideBySide, type Job, type PlainOptions } from './pool.js'
import {
  checkpointOf,
  columns,
  interruptible,
  limitsOf,
  oneOf,
  refuseNowhere,
  Status,
  withChoices,
  withLimits,
  type LimitOptions,
} from './options.js'
import { targetsOf, type Choices, type Target } from './target.js'
import { typesLooked } from './types.js'

interface CheckOptions extends LimitOptions, Choices {
  readonly json?: boolean
  readonly reporter: ReporterName
  readonly verbose?: boolean
  readonly certify?: boolean
  readonly symmetry: boolean
  readonly reduce?: boolean
  readonly cache: boolean
  readonly html?: string
  readonly sarif?: string
  readonly junit?: string
}

/** Adds the command. */
export function checkCommand(root: Command): void {
  const command = root
    .command('check [targets...]')
    .description('check claims: of everything, of a protocol, of protocol/instance, or of your own ./model.ts')
    .addOption(oneOf('--reporter <name>', 'what to print', reporterNames).default('lines'))
    .option('--json', 'the same as --reporter json')
    .option('--html <file>', 'write a report to read in a browser, with every trace to step through')
    .option('--sarif <file>', 'write the violations that were not claimed as SARIF 2.1.0')
    .option('--junit <file>', 'write a test case per claim as JUnit XML')
    .option('--certify', 'have every complete search confirmed by an independent verifier')
    .option('--reduce', 'search only some orders of steps that commute (stubborn sets); not for fair runs')
    .option('--no-symmetry', 'visit every state, though members are interchangeable')
    .option('--no-cache', 'search again what an earlier check has searched, though nothing has changed')
    .option('-v, --verbose', 'print every claim, and what of it was never taken')
    .action(async (targets: string[], options: CheckOptions) => {
      process.exitCode = await run(targets, options)
    })
  withLimits(withChoices(command))
}

async function run(names: readonly string[], options: CheckOptions): Promise<number> {
  refuseNowhere(options)
  const targets = await targetsOf(names, options)
  const jobs = targets.flatMap(({ protocol, instances }) => instances.map((instance) => ({ protocol, instance })))
  const status = new Status(jobs.length)
  const claims: Settled[] = []
  const times = new WeakMap<Settled, number>()
  const beside = {
    seconds: (claim: Settled) => times.get(claim),
    declared: memo((claim: Settled) => declaredIn(targets, claim)),
  }
  const reporterName = options.json ? 'json' : options.reporter
  const reporter = reporterOf(reporterName, jobs, beside, {
    verbose: options.verbose ?? false,
    columns: columns(),
    print: (text) => void process.stdout.write(text),
    timed: process.stdout.isTTY,
  })
  const closing = (): string => {
    writeReports(targets, claims, options, beside)
    return reporter.closing(claims)
  }
  const interrupt = interruptible(closing, () => exitCode(claims, false) || null)
  reporter.next(claims)
  for await (const claim of recalled(jobs, options, interrupt.signal, status, times)) {
    status.clear()
    status.next()
    claims.push(claim)
    reporter.next(claims)
    // What is printed reaches whoever reads it before code is run that may never end.
    await typesLooked()
  }
  interrupt.done()
  // Both streams of a step are read for commands, and this one holds no document.
  if (process.env.GITHUB_ACTIONS === 'true' && reporterName !== 'github')
    for (const line of annotationsOf(claims, beside.declared)) process.stderr.write(`${line}\n`)
  process.stdout.write(closing())
  if (interrupt.signal.aborted) process.stderr.write(`interrupted after ${claims.length} of ${jobs.length} instances\n`)
  return exitCode(claims, interrupt.signal.aborted)
}

/** What earlier checks have found where nothing has changed since; the others are checked. In the order of the jobs. */
async function* recalled(
  jobs: readonly Job[],
  options: CheckOptions,
  signal: AbortSignal,
  status: Status,
  times: WeakMap<Settled, number>,
): AsyncGenerator<Settled> {
  const cache = cacheFor(options)
  const traced = wantsTraces(options)
  const known = jobs.map(({ protocol, instance }) => cache?.recall(protocol, instance, traced))
  const found = checked(
    jobs.filter((_, i) => !known[i]),
    options,
    signal,
    status,
    times,
  )
  for (const [i, { protocol, instance }] of jobs.entries()) {
    if (signal.aborted) break
    const claim = known[i] ?? (await found.next()).value
    if (!claim) break
    if (!known[i]) cache?.keep(protocol, instance, claim)
    yield claim
  }
  await found.return(undefined)
}

/** Limits, checkpoints and certificates are about a search: with them there is one. */
function cacheFor(options: CheckOptions): Cache | undefined {
  const { cache, symmetry, maxStates, maxMemory, maxSeconds, stopAtFirst, fingerprints, certify, checkpoint } = options
  const asked = [maxStates, maxMemory, maxSeconds, stopAtFirst, fingerprints, certify, checkpoint, options.continue]
  return cache && symmetry && !options.reduce && asked.every((option) => option === undefined)
    ? new Cache(cacheFolder())
    : undefined
}

// While a guard runs that never ends there is no `process`, and what was found so far is written all the same.
const { stderr } = process

/** The reports that were asked for as files; says which were written. */
function writeReports(
  targets: readonly Target[],
  claims: readonly Settled[],
  { html, sarif, junit }: CheckOptions,
  beside: Beside,
): void {
  const write = (file: string | undefined, text: () => string): void => {
    if (file === undefined) return
    const written = text()
    writeWhole(file, written)
    stderr.write(`wrote ${file}: ${counted(claims.length, 'instance')}, ${sizeText(written)}\n`)
  }
  const questions = targets.map(({ protocol: { name, model } }) => [name, model.declared.question] as const)
  write(html, () => htmlOf(claims, Object.fromEntries(questions)))
  write(sarif, () => sarifText(claims, beside))
  write(junit, () => junitText(claims, beside))
}

function declaredIn(targets: readonly Target[], { address, instance }: Settled): Declared {
  const { protocol } = targets.find((target) => target.protocol.address === address)!
  return declaredBy(protocol, instance)
}

/** A function that is asked once for each argument. */
function memo<A extends object, B>(make: (of: A) => B): (of: A) => B {
  const made = new Map<A, B>()
  return (of) => made.get(of) ?? made.set(of, make(of)).get(of)!
}

/** Checks many small instances side by side, or one after the other each with all cores. */
async function* checked(
  jobs: readonly Job[],
  options: CheckOptions,
  signal: AbortSignal,
  status: Status,
  times: WeakMap<Settled, number>,
): AsyncGenerator<Settled, undefined> {
  const { workers = availableParallelism(), checkpoint } = options
  if (workers > 1 && jobs.length > 2 * workers && checkpoint === undefined) {
    const onProgress = (what: string, progress: Progress): void => status.show(what, progress)
    yield* sideBySide(jobs, plainOptions(options, 1), workers, signal, onProgress, times)
    return undefined
  }
  for (const { protocol, instance } of jobs) {
    if (signal.aborted) break
    const place = checkpointOf(options, protocol.name, instance.id)
    const what = `${protocol.name}/${instance.id}`
    const onProgress = (progress: Progress): void => status.show(what, progress)
    const onTrouble = (what: string): void => void process.stderr.write(`${what}\n`)
    const more = { signal, onProgress, onTrouble, ...(place && { checkpoint: place }) }
    const plain = plainOptions(options, workers)
    const start = performance.now()
    const claim = await checkClaim(protocol, instance, { ...plain, ...more })
    const told = settled(claim, plain.traces ? await tracesOf(claim, { ...limitsOf(plain), signal }) : undefined)
    times.set(told, (performance.now() - start) / 1000)
    yield told
  }
  return undefined
}

const wantsTraces = ({ html, sarif, reporter }: CheckOptions): boolean =>
  html !== undefined || sarif !== undefined || reporter === 'sarif'

/** The options of a search as plain data. */
function plainOptions(options: CheckOptions, workers: number): PlainOptions {
  const { stopAtFirst, certify, symmetry, reduce } = options
  return {
    ...limitsOf(options),
    ...(stopAtFirst && { stopAtFirst }),
    ...(certify && { certify }),
    ...(!symmetry && { symmetry }),
    ...(reduce && { reduce }),
    ...(wantsTraces(options) && { traces: true }),
    workers,
  }
}

function exitCode(claims: readonly Settled[], interrupted: boolean): number {
  if (interrupted) return 130
  if (claims.some((claim) => claim.fault && !leavesDomain(claim))) return 2
  const unmet = claims.filter(({ differences }) => differences.length > 0)
  if (unmet.some((claim) => !onlyUnknown(claim))) return 1
  return unmet.length > 0 || claims.some(({ cut }) => limited(cut?.limit)) ? 3 : 0
}

const limited = (limit: string | undefined): boolean => limit !== undefined && limit !== 'fault'

/** Whether nothing was found against a claim, only a limit was hit. */
const onlyUnknown = ({ cut, verdicts, instance, scenarios = [] }: Settled): boolean =>
  (limited(cut?.limit) || scenarios.some(({ found }) => found === null)) &&
  scenarios.every(({ found, is }) => found === null || found === (is === 'possible')) &&
  verdicts.every(({ property, verdict }) => {
    return verdict === 'unknown' || verdict === expectedVerdict(instance, property)
  })
