/** `thawproof compare`: what one variant fixes, breaks and leaves open against another. */

import type { Command } from 'commander'
import { check, type Outcome, type Verdict } from '../search/check.js'
import { systemOf, type Protocol } from '../tell/protocol.js'
import { count, padded, paint } from '../tell/text.js'
import type { Arg } from '../write/model.js'
import { withChoices } from './options.js'
import { parametersOf, protocolAt, type Choices } from './target.js'

/** Adds the command. */
export function compareCommand(root: Command): void {
  const command = root
    .command('compare <protocol> <a> <b>')
    .description('compare two variants, each `base`, an instance, or patches joined by +')
    .action(async (name: string, a: string, b: string, options: Choices) => {
      const { protocol } = await protocolAt(name)
      const before = await outcomeOf(protocol, a, options)
      const after = await outcomeOf(protocol, b, options)
      process.stdout.write(`${lines(a, before, b, after).join('\n')}\n`)
      const broke = after.verdicts.some((verdict) => kindOf(before, verdict) === 'breaks')
      process.exitCode = !before.complete || !after.complete ? 3 : broke ? 1 : 0
    })
  withChoices(command)
}

async function outcomeOf(protocol: Protocol, name: string, options: Choices): Promise<Outcome> {
  const instance = protocol.spec.instances.find(({ id }) => id === name)
  const own: readonly string[] = name === 'base' ? [] : name.split('+')
  const parameters: Record<string, Arg> = {
    ...instance?.parameters,
    ...parametersOf(protocol.model, options.parameter),
  }
  const patches = [...(instance?.patches ?? own), ...options.patch]
  return check(systemOf(protocol, { ...instance, parameters, patches }), protocol.properties)
}

type Change = 'fixes' | 'breaks' | 'leaves open' | 'keeps'

function kindOf(before: Outcome, now: Verdict): Change {
  const was = before.verdicts.find(({ property }) => property === now.property)
  if (now.verdict === 'holds') return was?.verdict === 'violated' ? 'fixes' : 'keeps'
  if (now.verdict !== 'violated') return 'leaves open'
  return was?.verdict === 'violated' ? 'leaves open' : 'breaks'
}

function lines(a: string, before: Outcome, b: string, after: Outcome): string[] {
  const size = ({ states, transitions }: Outcome): string => `${count(states)} states, ${count(transitions)} steps`
  const width = Math.max(...after.verdicts.map(({ property }) => property.length))
  const rows = (change: Change): string[] =>
    after.verdicts
      .filter((verdict) => kindOf(before, verdict) === change)
      .map((verdict) => {
        const was = before.verdicts.find(({ property }) => property === verdict.property)!
        return `    ${padded(verdict.property, width)}  ${told(was)} → ${told(verdict)}`
      })
  const block = (change: Change, style: 'green' | 'red' | 'yellow'): string[] => {
    const found = rows(change)
    return found.length === 0 ? [] : [`  ${paint(style, change)}`, ...found]
  }
  return [
    `${paint('bold', a)}: ${size(before)}`,
    `${paint('bold', b)}: ${size(after)}`,
    ...block('fixes', 'green'),
    ...block('breaks', 'red'),
    ...block('leaves open', 'yellow'),
    `  keeps ${rows('keeps').length} properties`,
  ]
}

const told = ({ verdict, run }: Verdict): string => (run ? `${verdict} in ${run.steps.length}` : verdict)
