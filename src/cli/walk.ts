/** `thawproof walk`: random runs, for models too large to be searched to the end. It finds violations and proves nothing. */

import { InvalidArgumentError, type Command } from 'commander'
import type { WalkFinding, WalkOutcome, WalkOptions } from '../ask/random/batch.js'
import { walk } from '../ask/random/walk.js'
import { lanesOf } from '../tell/lanes.js'
import { asCalled, count, paint, wrapped } from '../tell/text.js'
import { commandLine, traceOf } from '../tell/trace.js'
import type { Protocol } from '../tell/protocol.js'
import type { Instance } from '../tell/spec.js'
import { columns, interruptible, positive, withChoices } from './options.js'
import { choicesFor, protocolAt, targetsOf, type Choices } from './target.js'

interface WalkCommandOptions extends Choices, Omit<WalkOptions, 'property' | 'modules' | 'signal' | 'onProgress'> {
  readonly verbose?: boolean
  readonly json?: boolean
}

/** Adds the command. */
export function walkCommand(root: Command): void {
  const command = root
    .command('walk <target> [property]')
    .description('search by random runs, for what is too large for check; never says that something holds')
    .option('--seconds <s>', 'how long to walk; default 10', number)
    .option('--runs <n>', 'how many runs; with it alone the result is the same everywhere', natural)
    .option('--max-steps <n>', 'the most steps of a run; default 256', natural)
    .option('--seed <n>', 'where the random numbers start; default 1', natural)
    .option('--path <path>', 'take the run again that was printed with a seed and this path')
    .option('--vary', 'draw parameters from their ranges, but for those given with -p')
    .option('--workers <n>', 'threads that walk side by side; default 1; what is found is the same', positive)
    .option('-v, --verbose', 'name what was not covered')
    .option('--json', 'print the trace as JSON')
    .action(async (target: string, property: string | undefined, options: WalkCommandOptions) => {
      process.exitCode = await run(target, property, options)
    })
  withChoices(command)
}

function number(text: string): number {
  if (!(Number(text) > 0)) throw new InvalidArgumentError('wants a positive number')
  return Number(text)
}

function natural(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('wants a whole number')
  return Number(text)
}

async function run(name: string, property: string | undefined, options: WalkCommandOptions): Promise<number> {
  const { protocol, instance } = await meant(name, options)
  const { patches, fairness } = instance
  // What varies is what nobody has chosen by hand: the instance's own choice gives way.
  const parameters = options.vary ? given(options, instance.parameters) : instance.parameters
  const { signal, done } = interruptible()
  const { seconds, runs, maxSteps, seed, path, vary, workers } = options
  const walked = await walk(
    protocol.model,
    protocol.properties,
    { parameters, patches, ...(fairness && { fairness }) },
    {
      signal,
      onProgress: live,
      ...(property !== undefined && { property }),
      ...(seconds !== undefined && { seconds }),
      ...(runs !== undefined && { runs }),
      ...(maxSteps !== undefined && { maxSteps }),
      ...(seed !== undefined && { seed }),
      ...(path !== undefined && { path }),
      ...(vary && { vary }),
      ...(workers !== undefined && { workers }),
      ...(protocol.modules && { modules: protocol.modules }),
    },
  )
  done()
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  const { caught } = walked
  const again = ['walk', name, ...(property === undefined ? [] : [property]), ...repeated(options)]
  if (options.json && caught) {
    print(JSON.stringify(traceOf(toldOf(caught, instance.id)), null, 2))
  } else if (caught) found(caught, instance.id, again).forEach(print)
  else nothing(walked, asCalled(commandLine(['check', name, ...choicesFor(options)]))).forEach(print)
  if (!options.json) coverage(walked, options.verbose ?? false).forEach(print)
  return caught ? 1 : signal.aborted ? 130 : 3
}

/** The instance that is named, or the protocol as it is by default. */
async function meant(name: string, options: Choices): Promise<{ protocol: Protocol; instance: Walkable }> {
  const { protocol, id } = await protocolAt(name)
  if (id === undefined && options.parameter.length === 0 && options.patch.length === 0)
    return { protocol, instance: { id: 'base', parameters: {}, patches: [] } }
  const [target] = await targetsOf([name], options)
  return { protocol, instance: target!.instances[0]! }
}

type Walkable = Pick<Instance, 'id' | 'parameters' | 'patches' | 'fairness'>

/** Of the instance's parameters those that were named by hand. */
const given = ({ parameter }: Choices, all: Readonly<Record<string, string | number | boolean>>): typeof all =>
  Object.fromEntries(Object.entries(all).filter(([name]) => parameter.some((text) => text.startsWith(`${name}=`))))

const repeated = ({ vary, maxSteps, ...choices }: WalkCommandOptions): string[] => [
  ...choicesFor(choices),
  ...(vary ? ['--vary'] : []),
  ...(maxSteps === undefined ? [] : ['--max-steps', String(maxSteps)]),
]

const live = ({ runs, states }: { readonly runs: number; readonly states: number }): void => {
  if (process.stderr.isTTY && !process.env.CI)
    process.stderr.write(`\r\x1b[K${count(runs)} runs through ${count(states)} states`)
}

const toldOf = ({ verdict, property }: WalkFinding, instance: string): Parameters<typeof traceOf>[0] => ({
  instance,
  verdict,
  run: verdict.run,
  ...(property && { property }),
})

function found(caught: WalkFinding, id: string, again: readonly string[]): string[] {
  const { verdict, shortest, drawn, shrunk, seed, path } = caught
  const { length } = verdict.run.steps
  const known = shortest ? 'no run is shorter' : 'a shorter one may exist'
  return [
    lanesOf(traceOf(toldOf(caught, id)), { columns: columns() }),
    `drawn with ${drawn} steps, shrunk to ${shrunk}, shortened by exhaustive search around it to ${length}: ${known}`,
    `again: ${asCalled(commandLine([...again, '--seed', String(seed), '--path', path]))}`,
  ]
}

const nothing = ({ runs, states }: WalkOutcome, check: string): string[] => [
  `nothing found in ${count(runs)} runs through ${count(states)} states; that proves nothing (\`${check}\` would)`,
]

function coverage({ covered, left }: WalkOutcome, verbose: boolean): string[] {
  const { steps, untaken, values, missing } = covered
  const named = verbose
    ? [
        ...(untaken.length > 0 ? [`steps not taken: ${untaken.join(', ')}`] : []),
        ...missing.map(({ field, values: absent }) => `${field} was never ${absent.join(', ')}`),
      ]
    : []
  return [
    ...(left.length > 0 ? wrapped(`not looked for: ${left.join(', ')}`, columns(), '  ') : []),
    paint('dim', `covered: ${steps.met} of ${steps.all} steps, ${values.met} of ${values.all} field values`),
    ...named.flatMap((text) => wrapped(text, columns() - 2, '  ').map((line) => `  ${line}`)),
  ]
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)
