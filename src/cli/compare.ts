/** `thawproof compare`: what one variant fixes, breaks and leaves open against another. */

import type { Command } from 'commander'
import { check, type Outcome, type Verdict } from '../search/check.js'
import { explore } from '../search/explore.js'
import type { Graph } from '../search/graph.js'
import { included, type Inclusion } from '../search/variants/inclusion.js'
import { count, padded, paint, wrapped } from '../tell/text.js'
import type { System } from '../write/system.js'
import { columns, withChoices } from './options.js'
import { protocolAt, variantOf, type Choices } from './target.js'

/** Adds the command. */
export function compareCommand(root: Command): void {
  const command = root
    .command('compare <protocol> <a> <b>')
    .description('compare two variants, each `base`, an instance, or patches joined by +')
    .action(async (name: string, a: string, b: string, options: Choices) => {
      const { protocol } = await protocolAt(name)
      const systems = [variantOf(protocol, a, options), variantOf(protocol, b, options)] as const
      const before = await check(systems[0], protocol.properties)
      const after = await check(systems[1], protocol.properties)
      const told = [...lines(a, before, b, after), ...(await behaviours(a, b, systems))]
      process.stdout.write(`${told.join('\n')}\n`)
      const broke = after.verdicts.some((verdict) => kindOf(before, verdict) === 'breaks')
      process.exitCode = !before.complete || !after.complete ? 3 : broke ? 1 : 0
    })
  withChoices(command)
}

/** What the second variant can do that the first cannot, and the other way round, judged on the complete graphs. */
async function behaviours(a: string, b: string, systems: readonly [System, System]): Promise<string[]> {
  const nothing = { states: [], steps: [], collects: [] }
  const graphs = [
    await explore(systems[0], nothing, { keepEdges: true }),
    await explore(systems[1], nothing, { keepEdges: true }),
  ] as const
  if (graphs.some((graph) => graph.cut)) return ['  behaviours: not compared, a search was not complete']
  const [before, after] = graphs
  return [...behaviour(`${b} adds`, after, before), ...behaviour(`${b} removes`, before, after, a)]
}

function behaviour(title: string, from: Graph, against: Graph, owner = ''): string[] {
  const found: Inclusion = included(from, against)
  if (found.kind === 'included') return [`  ${title} no behaviour`]
  if (found.kind === 'unknown') return [`  ${title}: unknown, ${found.says}`]
  const names = found.run.steps.map(({ transition }) => transition.name)
  const run = wrapped(names.join(' → '), columns() - 4).map((line) => `    ${line}`)
  return [`  ${title}${owner && ` of ${owner}`}, for example in ${names.length} steps:`, ...run]
}

type Change = 'fixes' | 'breaks' | 'leaves open' | 'keeps'

/** A violation whose premise no longer happens is fixed; a property that lost its premise is open again. */
function kindOf(before: Outcome, now: Verdict): Change {
  const was = before.verdicts.find(({ property }) => property === now.property)?.verdict
  if (now.verdict === 'violated') return was === 'violated' ? 'leaves open' : 'breaks'
  if (now.verdict === 'unknown') return 'leaves open'
  if (was === 'violated') return 'fixes'
  return now.verdict === was || now.verdict === 'holds' ? 'keeps' : 'leaves open'
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
