/** `thawproof bisect`: over a history of variants, the first one that changes a verdict. */

import type { Command } from 'commander'
import { check, type Verdict } from '../search/check.js'
import { toldRun } from '../search/gather.js'
import { lanesOf } from '../tell/lanes.js'
import { padded, paint } from '../tell/text.js'
import { traceOf, type Trace } from '../tell/trace.js'
import { Mistake } from '../write/mistake.js'
import { columns, withChoices } from './options.js'
import { propertyNamed, protocolAt, variantOf, type Choices } from './target.js'

/** Adds the command. */
export function bisectCommand(root: Command): void {
  const command = root
    .command('bisect <protocol> <property> <variants...>')
    .description('find the first variant of a history, oldest first, that changes a verdict, and show why')
    .action(async (name: string, property: string, variants: string[], options: Choices) => {
      process.exitCode = await run(name, property, variants, options)
    })
  withChoices(command)
}

interface Found {
  readonly variant: string
  readonly verdict: Verdict
  readonly trace: Trace | null
}

async function run(name: string, property: string, variants: readonly string[], options: Choices): Promise<number> {
  if (variants.length < 2) throw new Mistake('bisect', 'one variant has no history', 'name at least two, oldest first')
  const { protocol } = await protocolAt(name)
  const history: Found[] = []
  for (const variant of variants) {
    const { system, instance } = variantOf(protocol, variant, options)
    const asked = propertyNamed(system, protocol, property)
    const { verdicts, cut } = await check(system, asked ? [asked] : [])
    const verdict = verdicts.find((one) => one.property === property)!
    if (cut && cut.limit !== 'fault') throw new Mistake(`bisect, variant ${variant}`, cut.says)
    const run = toldRun(verdict)
    history.push({ variant, verdict, trace: run ? traceOf({ instance, verdict, run, property: asked }) : null })
  }
  process.stdout.write(`${lines(history).join('\n')}\n`)
  return 0
}

/** The history as a column of verdicts, with the trace on the violated side of the first change. */
function lines(history: readonly Found[]): string[] {
  const width = Math.max(...history.map(({ variant }) => variant.length))
  const first = history.findIndex(({ verdict }, i) => i > 0 && verdict.verdict !== history[i - 1]!.verdict.verdict)
  const rows = history.map(({ variant, verdict }, i) => {
    const steps = verdict.run ? ` in ${verdict.run.steps.length}` : ''
    const mark = i === first ? paint('bold', '  ← the first that changes it') : ''
    return `  ${padded(variant, width)}  ${verdict.verdict}${steps}${mark}`
  })
  if (first < 0) return [...rows, 'no variant changes the verdict']
  const shown = [history[first]!, history[first - 1]!].find(({ trace }) => trace)
  return shown?.trace ? [...rows, '', lanesOf(shown.trace, { columns: columns() })] : rows
}
