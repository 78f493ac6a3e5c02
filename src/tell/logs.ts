/** What a protocol hears in logs, beside its spec in `logs/NAME.json`: rules, and logs that are claims. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { earFor, heardIn, outcomeOf, type LogOutcome } from '../match/log/outcome.js'
import { readLog, type Log } from '../match/log/read.js'
import { Ear, targetsOf, type Rule, type Rules } from '../match/log/rules.js'
import { searched, type LogOptions } from '../match/log/searched.js'
import type { SearchOptions } from '../search/explore.js'
import { Mistake, unknownName } from '../write/mistake.js'
import { instantiate, type System } from '../write/system.js'
import type { Protocol } from './protocol.js'
import { readJson } from './schema.js'
import type { Instance } from './spec.js'

/** What an instance must do with a log. `breaks`: the properties that every run which prints it breaks, all of them. */
export type LogExpectation =
  | 'accepted'
  | { readonly verdict: 'accepted'; readonly breaks?: readonly string[] }
  | { readonly verdict: 'rejected'; readonly line: number }

/** A log as a claim. */
export interface LogClaim {
  /** Beside the rules. */
  readonly file: string
  readonly says: string
  /** Where it was published; it is shortened, and has no personal data in it. */
  readonly where: string
  readonly from?: 'start' | 'anywhere'
  readonly excerpt?: boolean
  readonly window?: number
  /** Which boot, from 1. Default: the last. */
  readonly boot?: number
  /** The instance of which the page shows what the command prints; a small one, because it is searched for that. */
  readonly shown?: string
  readonly instances: Readonly<Record<string, LogExpectation>>
}

/** The file. */
export interface LogFile extends Rules {
  readonly logs?: readonly LogClaim[]
}

const silent = (protocol: Protocol): LogFile => ({
  schema: 'thawproof/log-rules@1',
  protocol: protocol.name,
  rules: [],
})

/** Where the rules of a protocol are: beside its spec. */
const fileOf = ({ name, specFile }: Protocol): string | undefined =>
  specFile && join(dirname(specFile), 'logs', `${name}.json`)

const known = new WeakMap<Protocol, LogFile>()

/** The rules and logs of a protocol; without a file, it hears what its steps print. @throws Mistake for a rule that names nothing. */
export function logFileOf(protocol: Protocol): LogFile {
  const found = known.get(protocol)
  if (found) return found
  const file = fileOf(protocol)
  const read = file !== undefined && existsSync(file) ? rulesIn(file, protocol) : silent(protocol)
  known.set(protocol, read)
  return read
}

/** Reads rules from a file. @throws Mistake for what the schema forbids, an expression that is none, a name that means nothing. */
export function rulesIn(file: string, protocol: Protocol): LogFile {
  const read = readJson<LogFile>(file, 'logs')
  if (read.protocol !== protocol.name)
    throw new Mistake(file, `says it is of '${read.protocol}'`, `"protocol" must be "${protocol.name}"`)
  read.rules.forEach((rule, i) => refuseWrong(`${file}, rules[${i}]`, rule))
  refuseUnheard(file, read, protocol)
  const ids = protocol.spec.instances.map(({ id }) => id)
  for (const { file: log, instances } of read.logs ?? [])
    for (const id of Object.keys(instances))
      if (!ids.includes(id)) throw unknownName(`${file}, log ${log}`, 'instance', id, ids)
  return read
}

function refuseWrong(place: string, rule: Rule): void {
  const said = (['step', 'enters', 'stands', 'stack', 'own'] as const).filter((key) => rule[key] !== undefined)
  if (said.length !== 1)
    throw new Mistake(
      place,
      said.length === 0 ? 'says nothing' : `says ${said.join(' and ')}`,
      'one of step, enters, stands, stack, own',
    )
  try {
    new RegExp(rule.line, 'u')
  } catch (cause) {
    throw new Mistake(`${place}.line`, (cause as Error).message, 'write a regular expression', { cause })
  }
}

/** @throws Mistake for a target that no instance has. */
function refuseUnheard(file: string, rules: LogFile, protocol: Protocol): void {
  const variants = new Map<string, System>()
  for (const { parameters, patches } of protocol.spec.instances) {
    const key = JSON.stringify([parameters, patches])
    if (!variants.has(key)) variants.set(key, instantiate(protocol.model, { parameters, patches }))
  }
  const steps = new Set<string>()
  const places = new Set<string>()
  for (const { transitions, threads } of variants.values()) {
    for (const { step, name } of transitions) steps.add(step).add(name)
    for (const { name, labels } of threads) for (const label of labels) places.add(`${name}.${label}`)
  }
  const threads = [...new Set([...variants.values()].flatMap((system) => system.threads.map(({ name }) => name)))]
  rules.rules.forEach(({ stack }, i) => {
    if (stack !== undefined && !threads.includes(stack))
      throw unknownName(`${file}, rules[${i}]`, 'thread', stack, threads)
  })
  const ear = new Ear(rules, protocol.model)
  ear.rules.forEach(({ rule, targets }, i) => {
    const names = rule.step === undefined ? places : steps
    targetsOf(rule).forEach((target, j) => {
      if ([...names].some((name) => targets[j]!.test(name))) return
      throw unknownName(`${file}, rules[${i}]`, rule.step === undefined ? 'place' : 'step', target, [...names])
    })
  })
}

/** The text of a log that is a claim. */
export function logText(protocol: Protocol, { file }: LogClaim): string {
  const path = join(dirname(fileOf(protocol)!), file)
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Mistake(path, 'cannot be read', 'a log lies beside the rules that name it', { cause })
  }
}

/** The logs that an instance is held against, as they are claimed. */
export const logsOf = (protocol: Protocol, { id }: Instance): readonly LogClaim[] =>
  (logFileOf(protocol).logs ?? []).filter(({ instances }) => Object.hasOwn(instances, id))

/** Holds the logs of an instance against it. @returns every way in which a claim is not met, as sentences. */
export async function logDifferences(
  protocol: Protocol,
  instance: Instance,
  system: System,
  search: SearchOptions,
): Promise<readonly string[]> {
  const claims = logsOf(protocol, instance)
  if (claims.length === 0) return []
  const { maxStates, maxMemory, maxSeconds, signal } = search
  const limits = {
    ...(maxStates !== undefined && { maxStates }),
    ...(maxMemory !== undefined && { maxMemory }),
    ...(maxSeconds !== undefined && { maxSeconds }),
    ...(signal && { signal }),
  }
  const found = await searched(system, limits)
  const ear = earFor(logFileOf(protocol), protocol.model, found)
  const told: string[] = []
  for (const claim of claims) {
    const expected = claim.instances[instance.id]!
    const options = { ...optionsOf(claim), search: limits }
    const judging = typeof expected === 'object' && expected.verdict === 'accepted' && expected.breaks !== undefined
    const { heard, boot, passedOver } = heardIn(ear, readLog(logText(protocol, claim)), options)
    const outcome = await outcomeOf(found, ear, heard, {
      ...options,
      boot,
      passedOver,
      ...(judging ? { properties: protocol.properties } : { brief: true }),
    })
    const difference = differenceOf(expected, outcome)
    if (difference !== undefined) told.push(`log ${claim.file} ${difference}`)
  }
  return told
}

/** How a claim wants its log to be taken. */
export function optionsOf({ from, excerpt, window, boot }: LogClaim): LogOptions {
  return {
    ...(from && { from }),
    ...(excerpt !== undefined && { excerpt }),
    ...(window !== undefined && { window }),
    ...(boot !== undefined && { boot: boot - 1 }),
  }
}

function differenceOf(expected: LogExpectation, outcome: LogOutcome): string | undefined {
  const verdict = typeof expected === 'string' ? expected : expected.verdict
  const line = outcome.rejected?.line.number
  if (outcome.verdict !== verdict)
    return `is ${outcome.verdict}${line === undefined ? '' : ` at line ${line}`}, expected ${verdict}`
  if (typeof expected === 'string') return undefined
  if (expected.verdict === 'rejected')
    return line === expected.line ? undefined : `is rejected at line ${line}, expected line ${expected.line}`
  if (expected.breaks === undefined) return undefined
  const broken = outcome.judged.filter(({ found }) => found === 'certain').map(({ property }) => property)
  const [now, then] = [broken.toSorted().join(', ') || 'nothing', expected.breaks.toSorted().join(', ') || 'nothing']
  return now === then ? undefined : `breaks ${now} for certain, expected ${then}`
}

/** Bytes of a log beyond which it is not read. */
const largest = 400 * 2 ** 20

/** Reads a log from a file or from standard input. @throws Mistake for what is no text, or too much of it. */
export function logFrom(file: string): Log {
  let bytes: Buffer
  try {
    bytes = readFileSync(file === '-' ? 0 : file)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new Mistake(
      file,
      code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`,
      'name a log, or - for standard input',
      { cause },
    )
  }
  if (bytes.length > largest)
    throw new Mistake(
      file,
      `has ${bytes.length} bytes`,
      `at most ${largest} are read: cut out the attempt, for example by its time`,
    )
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe
  const text = bytes.toString(wide ? 'utf16le' : 'utf8')
  if (text.includes('\u0000'))
    throw new Mistake(
      file,
      'is not a text',
      'journals and traces are written as text first: journalctl -k, trace-cmd report',
    )
  if (text.trim() === '') throw new Mistake(file, 'is empty', 'name a log with the messages of the attempt')
  return readLog(text)
}
