/** `thawproof run`: a run that does what is asked for, or several that differ essentially. */

import { InvalidArgumentError, type Command } from 'commander'
import { check } from '../search/check.js'
import type { SearchOptions } from '../search/explore.js'
import { toldRun } from '../ask/fewest-switches.js'
import { isAimless, type Aim, type Course } from '../ask/runs/aim.js'
import { breaking, witnessing } from '../ask/runs/broken.js'
import { endlessRuns, isEndless } from '../ask/runs/endless.js'
import { runsFor, type Found } from '../ask/runs/found.js'
import type { Verdict } from '../search/verdict.js'
import { played, saveScenario, traceOfScenario } from '../tell/scenarios.js'
import { instanceOf, systemOf, type Protocol } from '../tell/protocol.js'
import type { Instance, Scenario } from '../tell/spec.js'
import { paint, wrapped } from '../tell/text.js'
import { traceOf, type Trace } from '../tell/trace.js'
import { Mistake, unknownName } from '../write/mistake.js'
import type { Property } from '../write/property.js'
import type { System } from '../write/system.js'
import {
  append,
  columns,
  interruptible,
  limitsOf,
  Status,
  withBounds,
  withChoices,
  type LimitOptions,
} from './options.js'
import { onlyTarget, propertyNamed, protocolAt, type Choices } from './target.js'
import { asWritten, isDocument, withFormats, type FormatOptions } from './written.js'

interface RunOptions extends LimitOptions, Choices, FormatOptions {
  readonly to?: string
  readonly through: readonly string[]
  readonly until?: string
  readonly avoid: readonly string[]
  readonly property?: string
  readonly scenario?: string
  readonly number?: number
  readonly save?: string
  readonly says?: string
}

const examples = `
Conditions speak of fields and places: state.field == 'value', dev[0].used + 1 < dev[1].used, queue.length > 0,
at(thread) == 'label', at(thread, 'one', 'other'); with ! && || and parentheses.

Exit: 0 a run was found, 1 there is none, 2 misuse, 3 a limit was hit before one was found, 130 interrupted.`

/** Adds the command. */
export function runCommand(root: Command): void {
  const command = root
    .command('run <protocol/instance>')
    .description('find a run: to a condition, through steps, to what breaks a property; or several that differ')
    .option('--to <condition>', 'it ends in a state that satisfies the condition')
    .option('--through <steps>', 'it takes these steps in this order, among others: a,b; may be repeated', commas, [])
    .option('--until <step>', 'it ends with this step')
    .option('--avoid <step>', 'it does not take this step; may be repeated', append, [])
    .option('--property <name>', 'it breaks the property; if that holds, it shows what the property speaks of')
    .option('--scenario <name>', 'the run of a scenario of the spec')
    .option(
      '--number <n>',
      'so many runs: each has another last step, or another order of steps that do not commute',
      few,
    )
    .option('--save <name>', 'keep it as a scenario of the spec')
    .option('--says <sentence>', 'what happens in the scenario')
    .addHelpText('after', examples)
    .action(async (target: string, options: RunOptions) => {
      process.exitCode = await run(target, options)
    })
  withBounds(withFormats(withChoices(command)))
}

const commas = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  // A comma within a step's arguments is none between steps.
  ...value.split(/,(?![^(]*\))/),
]

function few(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 100) throw new InvalidArgumentError('wants 1 to 100')
  return value
}

async function run(target: string, options: RunOptions): Promise<number> {
  const { to, through, until, avoid, property: name, scenario } = options
  const aim: Aim = { to, through, until, avoid }
  if (isAimless(aim) && name === undefined && scenario === undefined)
    throw new Mistake(
      `run ${target}`,
      'nothing is asked for',
      `--to 'CONDITION', --through STEPS, --until STEP, or --property NAME`,
    )
  const named = scenario === undefined ? undefined : await scenarioOf(target, scenario)
  const { protocol, instance } = named ?? (await onlyTarget('run', target, options))
  const system = systemOf(protocol, instance)
  const property = name === undefined ? undefined : propertyNamed(system, protocol, name)
  const status = new Status()
  const { signal, done } = interruptible()
  const limits: SearchOptions = { ...limitsOf(options), signal, onProgress: status.of(target) }
  const asked = { protocol, instance, system, aim, property, options, limits }
  const found = named ? await again(asked, named.scenario) : await look(asked)
  done()
  status.clear()
  const { traces, said, cut } = found
  // What is said of runs is no part of a document.
  const out = isDocument(options) ? process.stderr : process.stdout
  for (const line of said) out.write(`${wrapped(line, columns(), '  ').join('\n')}\n`)
  if (traces.length > 0)
    process.stdout.write(
      `${said.length > 0 && out === process.stdout ? '\n' : ''}${asWritten(traces, protocol, options)}\n`,
    )
  if (options.save !== undefined && traces.length > 0) keep(protocol, instance, aim, traces[0]!, options)
  if (signal.aborted) return 130
  return traces.length > 0 ? 0 : cut ? 3 : 1
}

interface Question {
  readonly protocol: Protocol
  readonly instance: Instance
  readonly system: System
  readonly aim: Aim
  readonly property: Property | undefined
  readonly options: RunOptions
  readonly limits: SearchOptions
}

interface Answer {
  readonly traces: readonly Trace[]
  readonly said: readonly string[]
  readonly cut: boolean
}

async function look(question: Question): Promise<Answer> {
  const { system, aim, property, options, limits } = question
  const number = options.number ?? 1
  if (options.property === undefined) {
    const found = await runsFor(system, { aim, number }, limits)
    return answered(question, found, { property: titleOf(aim), says: sentenceOf(aim), verdict: 'possible' })
  }
  const outcome = await check(system, property ? [property] : [], limits)
  const verdict = outcome.verdicts.find((one) => one.property === options.property)!
  return verdict.verdict === 'violated' ? broken(question, verdict, number) : shown(question, verdict, number)
}

/** Runs that break a property. */
async function broken(question: Question, verdict: Verdict, number: number): Promise<Answer> {
  const { system, aim, property, instance, limits } = question
  const course: Course | undefined = question.options.property === 'in-domain' ? undefined : breaking(system, property)
  if (course && (number > 1 || !isAimless(aim)))
    return answered(question, await runsFor(system, { aim, course, property, number }, limits), verdict)
  if (!isAimless(aim))
    throw new Mistake(
      `property ${verdict.property}`,
      `its runs cannot be chosen by conditions or steps`,
      'ask for it alone',
    )
  if (property && number > 1 && isEndless(system, property))
    return answered(question, await endlessRuns(system, { property, wanted: 'broken', number }, limits), verdict)
  const only = toldRun(verdict)
  const said = number > 1 ? [`of a property of this kind (${verdict.kind}) one run is told, the judge's own`] : []
  if (!only)
    return { traces: [], said: [`${verdict.property} is violated: ${verdict.why ?? 'no run shows it'}`], cut: false }
  return {
    traces: [traceOf({ instance: instance.id, verdict, run: only, property, picture: question.protocol.picture })],
    said,
    cut: false,
  }
}

/** Runs that show what a property speaks of. */
async function shown(
  question: Question,
  { property: name, verdict, why, says }: Verdict,
  number: number,
): Promise<Answer> {
  const { system, aim, property, limits } = question
  if (verdict === 'unknown') return { traces: [], said: [`${name} is unknown: ${why ?? ''}`], cut: true }
  if (verdict !== 'holds') return { traces: [], said: [`${name} is ${verdict}: ${why ?? ''}`], cut: false }
  const holding = `${name} holds: nothing breaks it`
  if (property?.kind === 'ltl' && isAimless(aim)) {
    const found = await endlessRuns(system, { property, wanted: 'met', number }, limits)
    const answer = answered(question, found, { property: name, says, verdict: 'possible' })
    return { ...answer, said: [`${holding}; ${shownBy(answer)} how it is kept`, ...answer.said] }
  }
  const witness = witnessing(system, property)
  if ('nothing' in witness)
    return {
      traces: [],
      said: [`${holding}, and ${witness.nothing}; ask for one yourself: --to 'CONDITION'`],
      cut: false,
    }
  const { shows, ...course } = witness
  const found = await runsFor(system, { aim, course, number }, limits)
  const answer = answered(question, found, { property: name, says, verdict: 'possible' })
  return {
    ...answer,
    said: [`${holding}; ${shownBy(answer)} how ${shows}`, ...answer.said],
  }
}

const shownBy = ({ traces }: Answer): string => (traces.length === 1 ? 'this run shows' : 'these runs show')

async function again({ protocol, system, limits }: Question, scenario: Scenario): Promise<Answer> {
  const { run, found, why } = await played(protocol, system, scenario, limits)
  if (run) return { traces: [traceOfScenario(protocol, scenario, run)], said: [], cut: false }
  return {
    traces: [],
    said: [`${scenario.name}: there is no such run: ${why ?? ''}`, scenario.says],
    cut: found === null,
  }
}

function answered(
  { protocol: { picture }, instance, property, options, aim }: Question,
  { runs, whys, cut, states, givenUp }: Found,
  verdict: Pick<Verdict, 'property' | 'says'> & { readonly verdict: Verdict['verdict'] | 'possible' },
): Answer {
  const { number = 1 } = options
  const asked = verdict.verdict === 'possible' ? wordsOf(aim, options) : undefined
  const traces = runs.map((run, i) =>
    traceOf({
      instance: instance.id,
      verdict: { ...verdict, ...(whys && { why: whys[i]! }) },
      run,
      property: asked ? undefined : property,
      picture,
      ...(asked && { asked }),
    }),
  )
  const said = [
    ...(cut
      ? [
          paint(
            'red',
            `the search was cut: ${cut.says}; there may be ${runs.length > 0 ? 'other and shorter runs' : 'such runs'}`,
          ),
        ]
      : []),
    ...(runs.length === 0 && !cut ? [`there is no such run: all ${states} states were searched`] : []),
    ...(runs.length > 0 && runs.length < number && !cut
      ? [
          `${runs.length} of ${number}: ${givenUp ? 'looking for more was given up; longer ones may differ' : 'there are no others that differ essentially'}`,
        ]
      : []),
  ]
  return { traces, said, cut: cut !== undefined }
}

/** What was asked for, in a few words. */
const titleOf = ({ to, through = [], until, avoid = [] }: Aim): string =>
  [
    ...(to === undefined ? [] : [`to ${to}`]),
    ...(through.length === 0 ? [] : [`through ${through.join(', ')}`]),
    ...(until === undefined ? [] : [`until ${until}`]),
    ...(avoid.length === 0 ? [] : [`without ${avoid.join(', ')}`]),
  ].join(' ')

const sentenceOf = (aim: Aim): string => `A run ${titleOf(aim)}.`

/** The options that ask for it again. */
const wordsOf = ({ to, through = [], until, avoid = [] }: Aim, { property }: RunOptions): readonly string[] => [
  ...(property === undefined ? [] : ['--property', property]),
  ...(to === undefined ? [] : ['--to', to]),
  ...(through.length === 0 ? [] : ['--through', through.join(',')]),
  ...(until === undefined ? [] : ['--until', until]),
  ...avoid.flatMap((step) => ['--avoid', step]),
]

async function scenarioOf(
  target: string,
  name: string,
): Promise<{ protocol: Protocol; instance: Instance; scenario: Scenario }> {
  const { protocol } = await protocolAt(target)
  const all = protocol.spec.scenarios ?? []
  const scenario = all.find((one) => one.name === name)
  if (!scenario)
    throw unknownName(
      `protocol ${protocol.name}`,
      'scenario',
      name,
      all.map((one) => one.name),
    )
  return { protocol, instance: instanceOf(protocol, scenario.instance), scenario }
}

/** Writes a run into the spec, as a scenario that must stay possible. */
function keep(protocol: Protocol, { id }: Instance, aim: Aim, { initial, steps }: Trace, options: RunOptions): void {
  const { save: name, says } = options
  if (says === undefined)
    throw new Mistake(`--save ${name}`, 'no sentence says what happens', `--says 'A ping survives, one packet lost.'`)
  const asked = Object.entries(aim).filter(
    ([, one]) => one !== undefined && (one as string | readonly string[]).length > 0,
  )
  const run = { ...(initial > 0 && { initial }), steps: steps.map((step) => step.name) }
  saveScenario(protocol, {
    name: name!,
    says,
    instance: id,
    is: 'possible',
    ...(Object.fromEntries(asked) as Aim),
    ...run,
  })
  process.stderr.write(`kept as scenario ${name}\n`)
}
