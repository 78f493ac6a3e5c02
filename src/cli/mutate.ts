/** `thawproof mutate`: do the properties notice planted errors? */

import type { Command } from 'commander'
import { atomicity, type Atomicity, type Seam } from '../ask/atomicity.js'
import { mutationScore, type MutantResult, type MutationScore } from '../ask/mutation-score.js'
import type { Protocol } from '../tell/protocol.js'
import { excusesOf, groundOf, groundsOf, percent, scoreOf } from '../tell/score.js'
import { readSpec, writeSpec, type Score } from '../tell/spec.js'
import { count, padded, paint, wrapped } from '../tell/text.js'
import { commandLine } from '../tell/trace.js'
import { Mistake } from '../write/mistake.js'
import { columns, interruptible, withChoices } from './options.js'
import { targetsOf, type Choices } from './target.js'

interface MutateOptions extends Choices {
  readonly verbose?: boolean
  readonly record?: boolean
  readonly cut?: boolean
}

/** Adds the command. */
export function mutateCommand(root: Command): void {
  const command = root
    .command('mutate [targets...]')
    .description('plant classic errors one at a time and tell which ones no property notices')
    .option('-v, --verbose', 'name every mutant, not only those that survive')
    .option('--record', 'have each mutant judged by every property, and write the score into the spec')
    .option('--cut', 'cut each step in two instead, and tell which verdicts need it to be one')
    .action(async (names: string[], options: MutateOptions) => {
      process.exitCode = await (options.cut ? cut : run)(names, options)
    })
  withChoices(command)
}

async function run(names: readonly string[], options: MutateOptions): Promise<number> {
  const targets = await targetsOf(names, options)
  const { record = false, verbose = false } = options
  const part = targets.find(({ protocol, instances }) => instances.length < protocol.spec.instances.length)
  if (record && part)
    throw new Mistake(
      'mutate --record',
      'scores whole protocols',
      commandLine(['mutate', part.protocol.address, '--record']),
    )
  const bites: MutantResult[] = []
  const { signal, done } = interruptible(() =>
    bites.map(({ mutant, fate }) => `${fate}: ${mutant.patch.says}\n`).join(''),
  )
  const isOver = (): boolean => signal.aborted
  for (const { protocol, instances } of targets) {
    if (isOver()) break
    const whole = instances.length === protocol.spec.instances.length
    const one = { grounds: instances.map((instance) => groundOf(protocol, instance)), effort: Infinity }
    const { grounds, effort } = whole ? groundsOf(protocol) : one
    const found = await mutationScore(
      grounds,
      protocol.properties,
      { signal, thorough: record, effort },
      (bite, at, total) => {
        bites.push(bite)
        live(bite, at, total)
      },
    )
    bites.length = 0
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    if (isOver()) process.stderr.write(`interrupted; what follows is incomplete\n`)
    process.stdout.write(`${(await told(protocol, found, verbose)).join('\n')}\n`)
    if (record && !isOver()) await write(protocol, found)
  }
  done()
  return isOver() ? 130 : 0
}

/** Every step in two, between each two of its writes, as if a lock were let go there. */
async function cut(names: readonly string[], options: MutateOptions): Promise<number> {
  if (options.record) throw new Mistake('mutate --cut', 'is no score', 'leave out --record')
  const { signal, done } = interruptible()
  for (const { protocol, instances } of await targetsOf(names, options)) {
    const whole = instances.length === protocol.spec.instances.length
    const grounds = whole ? groundsOf(protocol).grounds.slice(0, 1) : instances.map((one) => groundOf(protocol, one))
    for (const { name, system } of grounds) {
      const found = await atomicity(system, protocol.properties, { signal }, (target, at, total) => {
        if (process.stderr.isTTY)
          process.stderr.write(`\r\x1b[K${name}: ${at} of ${total}: ${target}`.slice(0, columns()))
      })
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
      if (signal.aborted) process.stderr.write('interrupted; what follows is incomplete\n')
      process.stdout.write(`${seams(`${protocol.name}/${name}`, found).join('\n')}\n`)
    }
    if (signal.aborted) break
  }
  done()
  return signal.aborted ? 130 : 0
}

const seams = (where: string, { points, cuts, seams: found, undecided }: Atomicity): string[] => [
  paint('bold', where),
  `  ${points} steps with effects, cut in ${cuts} places: ${found.length} change a verdict`,
  ...found.flatMap((seam) => wrapped(seamText(seam), columns() - 4, '  ').map((line) => `  ${line}`)),
  ...(undecided.length > 0
    ? wrapped(`undecided: ${undecided.join(', ')}`, columns() - 2).map((line) => `  ${line}`)
    : []),
]

const seamText = ({ target, after, writes, breaks }: Seam): string =>
  `${target} | ${writes.length > 0 ? writes.join(', ') : `write ${after}`} |: ${breaks
    .map(({ property, verdict, steps }) => `${property} ${verdict}${steps === undefined ? '' : ` ${steps}`}`)
    .join(', ')}`

const live = ({ mutant, on }: MutantResult, done: number, total: number): void => {
  if (process.stderr.isTTY)
    process.stderr.write(`\r\x1b[K${on}: ${done} of ${total}: ${mutant.patch.name}`.slice(0, columns()))
}

/** Writes the score, and says what the author has yet to explain. */
async function write(protocol: Protocol, found: MutationScore): Promise<void> {
  const { specFile, name } = protocol
  if (!specFile) throw new Mistake(name, 'has no spec to write to', 'put a .json of the same name beside the model')
  // It took a while: what people have written since is kept.
  const { survivors, ...rest } = readSpec(specFile)
  const recorded = { ...rest, teeth: await scoreOf(protocol, found), ...(survivors && { survivors }) }
  writeSpec(specFile, recorded)
  const { missing, idle } = excusesOf({ ...protocol, spec: recorded })
  const says = [
    `${name}: score recorded`,
    ...(missing.length > 0 ? [`${missing.length} survivors are not explained in "survivors"`] : []),
    ...(idle.length > 0 ? [`explained, but no survivor any more: ${idle.join(', ')}`] : []),
  ]
  process.stdout.write(`${says.join('; ')}\n`)
}

async function told(protocol: Protocol, found: MutationScore, verbose: boolean): Promise<string[]> {
  const { fates, properties, instances } = await scoreOf(protocol, found)
  const rows = Object.entries(properties)
  const width = Math.max(...rows.map(([name]) => name.length))
  const shown = verbose ? found.bites : found.bites.filter(({ fate }) => fate === 'survives' || fate === 'undecided')
  return [
    paint('bold', protocol.name),
    ...wrapped(summary(fates), columns() - 2).map((line) => `  ${line}`),
    ...wrapped(`planted in ${instances.join(', ')}`, columns() - 4, '  ').map((line) => `  ${line}`),
    '',
    paint('bold', `  ${padded('noticed by', width)}  all  alone`),
    ...rows.map(([name, [own, alone]]) => `  ${padded(name, width)} ${pad(own, 4)}  ${pad(alone, 5)}`),
    ...(shown.length === 0 ? [] : ['', paint('bold', verbose ? '  mutants' : '  not noticed')]),
    ...shown.flatMap(({ mutant, fate, by }) =>
      wrapped(`${fate}: ${mutant.patch.says}${by.length > 0 ? ` (${by.join(', ')})` : ''}`, columns() - 4, '  ').map(
        (line) => `  ${line}`,
      ),
    ),
  ]
}

const pad = (n: number, columns: number): string => count(n).padStart(columns)

const summary = (fates: Score['fates']): string => {
  const { noticed, survives, undecided, equivalent, broken } = fates
  return `${noticed} noticed, ${survives} survive, ${undecided} undecided: score ${percent(fates)} %; left out: ${equivalent} equivalent, ${broken} broken`
}
