/** `thawproof fix`: all minimal sets of patches that are enough. */

import type { Command } from 'commander'
import { builtIn, propertiesFor } from '../search/check.js'
import {
  leavingOut,
  patchesWith,
  spelled,
  sufficientFixes,
  type Enough,
  type Fixes,
  type Ground,
  type Trial,
} from '../ask/fixes.js'
import type { Protocol } from '../tell/protocol.js'
import type { Instance } from '../tell/spec.js'
import { counted, paint, wrapped } from '../tell/text.js'
import { scalarsOf } from '../write/domain.js'
import { Mistake, unknownName } from '../write/mistake.js'
import type { Arg } from '../write/model.js'
import { instantiate, type Choice } from '../write/system.js'
import { append, columns, interruptible, withChoices } from './options.js'
import { parametersOf, targetsOf, type Choices } from './target.js'

interface FixOptions extends Choices {
  readonly candidate: readonly string[]
  readonly each: readonly string[]
  readonly property: readonly string[]
  readonly except: readonly string[]
  readonly history?: boolean
  readonly thorough?: boolean
  readonly json?: boolean
}

const examples = `
Examples:
  thawproof fix PROTOCOL/INSTANCE                       every fix that can be applied is a candidate
  thawproof fix PROTOCOL/INSTANCE --each N              enough for every value of the parameter N
  thawproof fix 'PROTOCOL/old-*' --except no-deadlock   on several instances; one property need not hold

Exit: 0 some set is enough, 1 none is, 2 misuse or a search cut by a limit, 130 interrupted.`

/** Adds the command. */
export function fixCommand(root: Command): void {
  const command = root
    .command('fix <targets...>')
    .description(
      'find all minimal sets of candidate patches under which no property is violated, on every instance given',
    )
    .option('--candidate <name>', 'a patch to try; may be repeated; default: every fix that can be applied', append, [])
    .option(
      '--each <parameter[=a,b]>',
      'take each instance with every value, or each of these; may be repeated',
      append,
      [],
    )
    .option('--property <name>', 'a property that has to hold; may be repeated; default: all', append, [])
    .option('--except <name>', 'a property that need not hold; may be repeated', append, [])
    .option('--history', 'what leaves out an era that every instance has is a candidate, too: -ERA')
    .option('--thorough', 'judge every set by every property: no combination that breaks something goes unnoticed')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples)
    .action(async (names: string[], options: FixOptions) => {
      process.exitCode = await run(names, options)
    })
  withChoices(command)
}

async function run(names: readonly string[], options: FixOptions): Promise<number> {
  const { protocol, instances } = await asked(names, options)
  const grounds = instances.flatMap((instance) => groundsOf(protocol, instance, options.each))
  const candidates =
    options.candidate.length > 0 ? options.candidate : applicable(protocol, grounds, options.history ?? false)
  const trials: Trial[] = []
  const { signal, done } = interruptible(() => trials.map((trial) => `${toldTrial(trial)}\n`).join(''))
  const { model, properties } = protocol
  const wanted = wantedOf(protocol, grounds, options)
  const { thorough = false } = options
  const found = await sufficientFixes(model, properties, grounds, candidates, {
    signal,
    wanted,
    thorough,
    onTrial: (trial) => {
      trials.push(trial)
      onTrial(trial)
    },
  })
  done()
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  if (found.interrupted) process.stderr.write('interrupted; what follows is incomplete\n')
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ protocol: protocol.name, grounds, candidates, ...found }, null, 2)}\n`
      : `${told(candidates, grounds, found).join('\n')}\n`,
  )
  return found.interrupted ? 130 : found.minimal.length > 0 ? 0 : 1
}

/** The instances that are meant: all of one protocol, and named. */
async function asked(
  names: readonly string[],
  options: FixOptions,
): Promise<{ readonly protocol: Protocol; readonly instances: readonly Instance[] }> {
  const targets = await targetsOf(names, options)
  const [{ protocol }] = targets as [(typeof targets)[number]]
  const where = `fix ${names.join(' ')}`
  const other = targets.find((target) => target.protocol.name !== protocol.name)
  if (other)
    throw new Mistake(where, `${protocol.name} and ${other.protocol.name} are two protocols`, 'name instances of one')
  const open = targets.find(({ instances }, i) => instances.length > 1 && !names[i]!.includes('*'))
  if (open)
    throw new Mistake(
      where,
      'no instance is named',
      `name some, or '${names[0]}/*': ${open.instances.map(({ id }) => id).join(', ')}`,
    )
  return { protocol, instances: targets.flatMap(({ instances }) => instances) }
}

/** An instance with every combination of the values that `--each` asks for. */
function groundsOf(
  { model }: Protocol,
  { id, parameters, patches, fairness }: Instance,
  each: readonly string[],
): Ground[] {
  const declared = model.declared.parameters ?? {}
  return each.reduce<Ground[]>(
    (grounds, text) => {
      const [name, list] = text.split(/=(.*)/s) as [string, string | undefined]
      const parameter = declared[name]
      if (!parameter) throw unknownName(`model ${model.name}`, 'parameter', name, Object.keys(declared))
      const all = scalarsOf(parameter.domain.shape) as readonly Arg[]
      const values =
        list === undefined ? all : list.split(',').map((one) => parametersOf(model, [`${name}=${one}`])[name]!)
      return grounds.flatMap((ground) =>
        values.map((value) => ({
          name: `${ground.name} ${name}=${String(value)}`,
          choice: { ...ground.choice, parameters: { ...ground.choice.parameters, [name]: value } },
        })),
      )
    },
    [{ name: id, choice: { parameters, patches, ...(fairness && { fairness }) } }],
  )
}

/** Which properties count. @throws Mistake for a name that does not exist. */
function wantedOf(
  { name, model, properties }: Protocol,
  [ground]: readonly Ground[],
  { property, except }: FixOptions,
): (name: string) => boolean {
  const names = [
    ...Object.keys(builtIn),
    ...propertiesFor(instantiate(model, ground!.choice), properties).map((one) => one.name),
  ]
  for (const one of [...property, ...except])
    if (!names.includes(one)) throw unknownName(`protocol ${name}`, 'property', one, names)
  return (one) => (property.length === 0 || property.includes(one)) && !except.includes(one)
}

const toldTrial = ({ patches, on, violated }: Trial): string =>
  `${spelled(patches)} on ${on}: ${violated.length === 0 ? 'nothing is violated' : `violated: ${violated.join(', ')}`}`

const onTrial = ({ patches, on }: Trial): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Ktried ${spelled(patches)} on ${on}`.slice(0, columns()))
}

/**
 * The fixes of a protocol that fit every instance: not applied yet, and not in conflict with what is. If none does, or if that is asked for, what
 * leaves out an era: the base may be the fixed kernel, and its eras the history.
 */
function applicable({ model }: Protocol, grounds: readonly Ground[], history: boolean): readonly string[] {
  const fits = ({ choice }: Ground, name: string): boolean => {
    try {
      instantiate(model, { ...choice, patches: patchesWith(choice.patches ?? [], [name]) } satisfies Choice)
      return true
    } catch (error) {
      if (error instanceof Mistake) return false
      throw error
    }
  }
  for (const { choice } of grounds) instantiate(model, choice)
  const named = (kind: 'fix' | 'era'): readonly string[] =>
    (model.declared.patches ?? []).filter((patch) => patch.kind === kind).map(({ name }) => name)
  const fitting = (names: readonly string[]): readonly string[] =>
    names.filter((name) => grounds.every((ground) => fits(ground, name)))
  const fixes = fitting(named('fix'))
  const eras = named('era').filter((name) => grounds.every(({ choice }) => choice.patches?.includes(name)))
  return history || fixes.length === 0 ? [...fixes, ...fitting(eras.map(leavingOut))] : fixes
}

function told(candidates: readonly string[], grounds: readonly Ground[], found: Fixes): string[] {
  const { minimal, redundant, breaking, trials, conflicts } = found
  const base = trials.filter(({ patches }) => patches.length === 0)
  const on = (names: readonly string[]): string => (names.length === grounds.length ? '' : ` (on ${names.join('; ')})`)
  return [
    ...sizeOf(candidates, grounds, trials),
    // Otherwise each of them is told below, as needed or not.
    ...(minimal.length === 0 && candidates.length > 0 ? ['  candidates:', ...indented(candidates.join(', '))] : []),
    ...(base.some(({ violated }) => violated.length > 0)
      ? ['  violated without any:', ...indented(violatedIn(base))]
      : []),
    ...enough(grounds, found),
    ...(minimal.length > 0 && redundant.length > 0 ? ['  not needed:', ...indented(redundant.join(', '))] : []),
    ...breaking.flatMap(({ patches, on: where, properties }) => [
      ...wrapped(`${spelled(patches)} breaks what held${on(where)}:`, columns() - 2, '  ').map((line) =>
        paint('red', `  ${line}`),
      ),
      ...indented(properties.join(', ')),
    ]),
    ...(conflicts.length > 0
      ? ['  cannot be applied together:', ...conflicts.map((set) => `    ${spelled(set)}`)]
      : []),
  ]
}

const indented = (text: string): string[] => wrapped(text, columns() - 4).map((line) => `    ${line}`)

function sizeOf(candidates: readonly string[], grounds: readonly Ground[], trials: readonly Trial[]): string[] {
  const by = (how: Trial['by']): number => trials.filter((trial) => trial.by === how).length
  const where = grounds.length === 1 ? 'sets' : `sets on ${counted(grounds.length, 'instance')}`
  return wrapped(
    `${counted(candidates.length, 'candidate')}, ${where}: ${counted(trials.length, 'trial')}, ${by('searched')} searched, ` +
      `${by('refuted')} refuted by an earlier counterexample, ${by('same')} the same as a smaller set`,
    columns(),
    '  ',
  )
}

/** What is violated without any patch, and where, if not everywhere. */
function violatedIn(base: readonly Trial[]): string {
  const names = [...new Set(base.flatMap(({ violated }) => violated))]
  return names
    .map((name) => {
      const where = base.filter(({ violated }) => violated.includes(name)).map(({ on }) => on)
      return where.length === base.length ? name : `${name} (on ${where.join('; ')})`
    })
    .join(', ')
}

function enough(grounds: readonly Ground[], { minimal, each, trials }: Fixes): string[] {
  if (trials.length === 0) return []
  if (minimal.some((set) => set.length === 0)) return ['  nothing is violated: no patch is needed']
  const all = grounds.length === 1 ? '' : ' on all of them'
  const sets = minimal.map((set) => paint('green', `    ${spelled(set)}`))
  const same = each.every((one) => JSON.stringify(one.minimal) === JSON.stringify(minimal))
  return [
    ...(minimal.length > 0
      ? [`  enough${all}, and no smaller set within them is:`, ...sets]
      : [paint('red', `  no set of these is enough${all}`), ...left(grounds, trials)]),
    ...(same && minimal.length > 0 ? [] : grounds.length === 1 ? never(each[0]!) : each.flatMap(single)),
  ]
}

/** Sets told of where none is enough. */
const mostTold = 8

/** What the sets still violate, on all instances together: those that leave least, each with no more in it than that takes. */
function left(grounds: readonly Ground[], trials: readonly Trial[]): string[] {
  const sets = [...new Map(trials.map(({ patches }) => [patches.join('+'), patches])).values()]
  const told = sets
    .map((patches) => ({
      patches,
      violated: [
        ...new Set(trials.filter((one) => one.patches.join('+') === patches.join('+')).flatMap((one) => one.violated)),
      ],
      tried: trials.filter((one) => one.patches.join('+') === patches.join('+')).length,
    }))
    .filter(({ tried }) => tried === grounds.length)
  const least = told.filter(
    (one) =>
      !told.some(
        (other) =>
          other !== one &&
          other.violated.every((name) => one.violated.includes(name)) &&
          (other.violated.length < one.violated.length || other.patches.length < one.patches.length),
      ),
  )
  if (least.every(({ patches }) => patches.length === 0))
    return [
      `    ${sets.length > 1 ? 'none leaves less than no patch does' : 'there is none that can be applied: --candidate names others'}`,
    ]
  const sorted = least
    .filter(({ patches }) => patches.length > 0)
    .toSorted((a, b) => a.violated.length - b.violated.length || a.patches.length - b.patches.length)
  return [
    ...sorted
      .slice(0, mostTold)
      .flatMap(({ patches, violated }) => [
        ...wrapped(`with ${spelled(patches)} still violated:`, columns() - 4, '  ').map((line) => `    ${line}`),
        ...indented(violated.join(', ')).map((line) => `  ${line}`),
      ]),
    ...(sorted.length > mostTold ? [`    and ${counted(sorted.length - mostTold, 'set')} that leave no less`] : []),
  ]
}

/** What is enough on one instance. */
function single(one: Enough): string[] {
  const sets = one.minimal.length > 0 ? `  ${one.on}: ${one.minimal.map(spelled).join(', or ')}` : `  ${one.on}: none`
  return [...wrapped(sets, columns(), '      '), ...never(one)]
}

const never = ({ always }: Enough): string[] =>
  always.length > 0 ? ['    violated under every one:', ...indented(always.join(', ')).map((line) => `  ${line}`)] : []
