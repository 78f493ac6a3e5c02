/**
 * The runs behind violated claims, as `record` keeps them beside a spec, in `traces/NAME.json`: step names, replayed by the reference
 * execution. So pages are made, and a check compared, without another search.
 */

import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { builtIn, propertiesFor, systemFor } from '../search/check.js'
import { hasFewestSwitches, toldRun } from '../ask/fewest-switches.js'
import { endOf, loopStates, replay, type Run } from '../search/run.js'
import type { Verdict } from '../search/verdict.js'
import { Mistake } from '../write/mistake.js'
import type { System } from '../write/system.js'
import { writeWhole } from './file.js'
import { systemOf, type Protocol } from './protocol.js'
import { readJson } from './schema.js'
import type { Instance } from './spec.js'
import { commandLine, traceOf, type Trace } from './trace.js'

/** What is enough to show a violation again: a run by the names of its steps, and what no replay tells. */
export interface RecordedRun {
  /** Index of the initial state; absent: the first. */
  readonly initial?: number
  readonly steps: readonly string[]
  /** Of a run that goes on for ever: how many steps come before those that repeat. */
  readonly loop?: number
  /** After how many steps the violation could no longer be avoided; absent if that is not known. */
  readonly doomed?: number
  readonly why?: string
}

/** The runs of one instance, by property. */
export type InstanceRuns = Readonly<Record<string, RecordedRun>>

/** The file. */
interface RunsFile {
  readonly schema: 'thawproof/runs@1'
  readonly protocol: string
  readonly runs: Readonly<Record<string, InstanceRuns>>
}

/** The folder of runs and diagrams, beside the specs. */
export const tracesFolder = 'traces'

const fileOf = ({ name, specFile }: Protocol): string | undefined =>
  specFile && join(dirname(specFile), tracesFolder, `${name}.json`)

const read = new WeakMap<Protocol, RunsFile['runs']>()

/** The recorded runs of a protocol, by instance: none if nothing was ever recorded. @throws Mistake for what the schema forbids. */
export function recordedRuns(protocol: Protocol): Readonly<Record<string, InstanceRuns>> {
  const known = read.get(protocol)
  if (known) return known
  const runs = runsIn(fileOf(protocol))
  read.set(protocol, runs)
  return runs
}

const runsIn = (file: string | undefined): RunsFile['runs'] =>
  file !== undefined && existsSync(file) ? readJson<RunsFile>(file, 'runs').runs : {}

/**
 * Writes the recorded runs of a protocol, each in a line of its own; no file if there are none. Of instances that were not recorded
 * it keeps what is in the file by now.
 */
export function writeRuns(protocol: Protocol, ids: readonly string[], runs: ReadonlyMap<string, InstanceRuns>): void {
  const file = fileOf(protocol)!
  const kept = runsIn(file)
  const told = ids
    .map((id) => [id, runs.get(id) ?? kept[id] ?? {}] as const)
    .filter(([, own]) => Object.keys(own).length > 0)
  read.set(protocol, Object.fromEntries(told))
  if (told.length === 0) return rmSync(file, { force: true })
  const instances = told.map(([id, own]) => {
    const lines = Object.entries(own).map(([name, run]) => `      ${JSON.stringify(name)}: ${JSON.stringify(run)}`)
    return `    ${JSON.stringify(id)}: {\n${lines.join(',\n')}\n    }`
  })
  mkdirSync(dirname(file), { recursive: true })
  const head = `  "schema": "thawproof/runs@1",\n  "protocol": ${JSON.stringify(protocol.name)},\n`
  writeWhole(file, `{\n${head}  "runs": {\n${instances.join(',\n')}\n  }\n}\n`)
}

/** What is recorded of a trace. */
export const recordedOf = ({ initial, steps, loop, doomed, why }: Trace): RecordedRun => ({
  ...(initial > 0 && { initial }),
  steps: steps.map(({ name }) => name),
  ...(loop !== null && { loop }),
  ...(doomed !== null && { doomed }),
  ...(why !== null && { why }),
})

/**
 * Every way in which the runs behind some verdicts are not those recorded, as sentences. That the steps before the last are the same is
 * enough where their order does not matter; since when it was inevitable is not compared.
 */
export const runDifferences = (recorded: InstanceRuns, verdicts: readonly Verdict[]): readonly string[] =>
  verdicts.flatMap((verdict) => {
    if (!verdict.run || verdict.verdict !== 'violated') return []
    const known = recorded[verdict.property]
    const what = known ? runDifference(known, verdict, verdict.run) : 'none recorded'
    return what === undefined ? [] : [`run of ${verdict.property}: ${what}`]
  })

function runDifference(known: RecordedRun, { kind, why }: Verdict, run: Run): string | undefined {
  const { initial = 0, steps, loop } = known
  if (initial !== run.initial) return `starts in initial state ${run.initial}, recorded ${initial}`
  if (!hasFewestSwitches(kind) || !isReordered(steps, namesOf(run))) {
    const names = namesOf(toldRun({ kind, run })!)
    const longer = names.length > steps.length ? names : steps
    const at = longer.findIndex((_, i) => names[i] !== steps[i])
    if (at >= 0) return `step ${at + 1} is ${names[at] ?? 'none'}, recorded ${steps[at] ?? 'none'}`
  }
  if (loop !== run.loop) return `repeats after step ${run.loop ?? 'none'}, recorded ${loop ?? 'none'}`
  return known.why === why ? undefined : `${why ?? 'no reason'}, recorded ${known.why ?? 'none'}`
}

const namesOf = (run: Run): readonly string[] => run.steps.map(({ transition }) => transition.name)

/** Whether two runs are made of the same steps, and end with the same one. */
const isReordered = (a: readonly string[], b: readonly string[]): boolean =>
  a.at(-1) === b.at(-1) && isDeepStrictEqual(a.toSorted(), b.toSorted())

/** The properties that an instance is claimed to violate. */
export const violatedIn = ({ expect }: Instance): readonly string[] =>
  Object.entries(expect)
    .filter(([, expected]) => (typeof expected === 'string' ? expected : expected.verdict) === 'violated')
    .map(([name]) => name)

/**
 * The traces of all violated claims that are recorded, instance after instance, in the order of their claims.
 * @throws Mistake if one can no longer be replayed: the model has changed since.
 */
export function recordedTraces(protocol: Protocol, instances = protocol.spec.instances): readonly Trace[] {
  const runs = recordedRuns(protocol)
  return instances.flatMap((instance) => {
    const own = runs[instance.id] ?? {}
    const names = violatedIn(instance).filter((name) => Object.hasOwn(own, name))
    const system = names.length > 0 ? systemOf(protocol, instance) : undefined
    return names.map((name) => replayed(protocol, instance, system!, name, own[name]!))
  })
}

function replayed(
  protocol: Protocol,
  { id }: Instance,
  system: System,
  name: string,
  { initial = 0, steps, loop, doomed, why }: RecordedRun,
): Trace {
  const where = `${fileOf(protocol)}, ${id}, ${name}`
  const stale = (what: string): Mistake =>
    new Mistake(
      where,
      what,
      `the model has changed since it was recorded: ${commandLine(['record', protocol.address])}`,
    )
  const property = propertiesFor(system, protocol.properties).find((one) => one.name === name)
  const made = systemFor(system, property)
  if (initial >= made.initials.length) throw stale(`there is no initial state ${initial}`)
  const { run, stuck } = replay(made, initial, steps)
  if (stuck) throw stale(`step ${run.steps.length + 1}, '${stuck.name}': ${stuck.why}`)
  const whole: Run = loop === undefined ? run : { ...run, loop }
  if (loop !== undefined && !isDeepStrictEqual(loopStates(whole)[0], endOf(whole)))
    throw stale(`the run does not come back to where it was after step ${loop}`)
  const says = property?.says ?? builtIn[name as keyof typeof builtIn]
  const verdict = { property: name, says, verdict: 'violated', ...(why !== undefined && { why }) } as const
  return traceOf({ instance: id, verdict, run: whole, property, doomed: doomed ?? null, picture: protocol.picture })
}
