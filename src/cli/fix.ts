/** `thawproof fix`: all minimal sets of patches that are enough. */

import type { Command } from 'commander'
import { spelled, sufficientFixes, type Fixes, type Trial } from '../search/variants/fixes.js'
import type { Protocol } from '../tell/protocol.js'
import { paint, wrapped } from '../tell/text.js'
import { Mistake } from '../write/mistake.js'
import { instantiate, type Choice } from '../write/system.js'
import { append, columns, interruptible, withChoices } from './options.js'
import { onlyTarget, type Choices } from './target.js'

interface FixOptions extends Choices {
  readonly candidate: readonly string[]
}

/** Adds the command. */
export function fixCommand(root: Command): void {
  const command = root
    .command('fix <protocol/instance>')
    .description('find all minimal sets of candidate patches under which no property is violated')
    .option('--candidate <name>', 'a patch to try; may be repeated; default: every fix that can be applied', append, [])
    .action(async (name: string, options: FixOptions) => {
      process.exitCode = await run(name, options)
    })
  withChoices(command)
}

async function run(name: string, options: FixOptions): Promise<number> {
  const { protocol, instance } = await onlyTarget('fix', name, options)
  const { parameters, patches, fairness } = instance
  const choice = { parameters, patches, ...(fairness && { fairness }) }
  const candidates = options.candidate.length > 0 ? options.candidate : applicable(protocol, choice)
  const { signal, done } = interruptible()
  const found = await sufficientFixes(protocol.model, protocol.properties, choice, candidates, { signal }, live)
  done()
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  process.stdout.write(`${told(candidates, found).join('\n')}\n`)
  return found.minimal.length > 0 ? 0 : 1
}

const live = ({ patches }: Trial): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Ktrying ${spelled(patches)}`.slice(0, columns()))
}

/** The fixes of a protocol that fit the instance: not applied yet, and not in conflict with what is. */
function applicable(protocol: Protocol, choice: Choice): readonly string[] {
  const fixes = (protocol.model.declared.patches ?? []).filter(({ kind }) => kind === 'fix').map(({ name }) => name)
  return fixes.filter((name) => {
    try {
      instantiate(protocol.model, { ...choice, patches: [...(choice.patches ?? []), name] })
      return true
    } catch (error) {
      if (error instanceof Mistake) return false
      throw error
    }
  })
}

function told(candidates: readonly string[], found: Fixes): string[] {
  const { minimal, redundant, breaking, trials, conflicts } = found
  const base = trials[0]!
  const reused = trials.filter((trial) => trial.reused).length
  const list = (names: readonly string[]): string[] =>
    wrapped(names.join(', '), columns() - 4).map((line) => `    ${line}`)
  const enough =
    base.violated.length === 0
      ? ['  nothing is violated: no patch is needed']
      : minimal.length === 0
        ? [paint('red', '  no set of these is enough')]
        : [
            '  enough, and no smaller set within them is:',
            ...minimal.map((set) => paint('green', `    ${spelled(set)}`)),
          ]
  return [
    `${candidates.length} candidates, ${trials.length} sets tried, ${reused} of them refuted by an earlier counterexample`,
    ...(base.violated.length > 0 ? ['  violated without any:', ...list(base.violated)] : []),
    ...enough,
    ...(minimal.length > 0 && redundant.length > 0 ? ['  not needed:', ...list(redundant)] : []),
    ...breaking.flatMap(({ patches, properties }) => [
      paint('red', `  ${spelled(patches)} breaks what held:`),
      ...list(properties),
    ]),
    ...(conflicts.length > 0
      ? ['  cannot be applied together:', ...conflicts.map((set) => `    ${spelled(set)}`)]
      : []),
  ]
}
