/** `thawproof bisect`: over a history of variants, the first one that changes a verdict. */

import type { Command } from 'commander'
import { check, type Verdict } from '../search/check.js'
import { toldRun } from '../ask/fewest-switches.js'
import { lanesOf } from '../tell/lanes.js'
import { padded, paint } from '../tell/text.js'
import { traceOf, type Trace } from '../tell/trace.js'
import { Mistake } from '../write/mistake.js'
import { columns, interruptible, withChoices } from './options.js'
import { propertyNamed, protocolOnly, variantOf, type Choices } from './target.js'

interface BisectOptions extends Choices {
  readonly json?: boolean
}

const exits = `
A variant is \`base\`, an instance, or patches joined by +.
Exit: 0 some variant changes the verdict, 1 none does, 2 misuse or a search cut by a limit, 3 one that is not known may, 130 interrupted.`

/** Adds the command. */
export function bisectCommand(root: Command): void {
  const command = root
    .command('bisect <protocol> <property> <variants...>')
    .description('find the first variant of a history, oldest first, that changes a verdict, and show why')
    .option('--json', 'print one JSON document: the history, and the trace that is shown')
    .addHelpText('after', exits)
    .action(async (name: string, property: string, variants: string[], options: BisectOptions) => {
      process.exitCode = await run(name, property, variants, options)
    })
  withChoices(command)
}

interface Found {
  readonly variant: string
  readonly verdict: Verdict
  readonly trace: Trace | null
}

async function run(
  name: string,
  property: string,
  variants: readonly string[],
  options: BisectOptions,
): Promise<number> {
  if (variants.length < 2) throw new Mistake('bisect', 'one variant has no history', 'name at least two, oldest first')
  const protocol = await protocolOnly('bisect', name)
  const history: Found[] = []
  const { signal, done } = interruptible(() => lines(history, -1, []).slice(0, -1).join('\n') + '\n')
  for (const variant of variants) {
    const { system, instance } = variantOf(protocol, variant, options)
    const asked = propertyNamed(system, protocol, property)
    const { verdicts, cut } = await check(system, asked ? [asked] : [], { signal })
    if (cut?.limit === 'interrupt') break
    const verdict = verdicts.find((one) => one.property === property)!
    if (cut && cut.limit !== 'fault') throw new Mistake(`bisect, variant ${variant}`, cut.says)
    const run = toldRun(verdict)
    history.push({ variant, verdict, trace: run ? traceOf({ instance, verdict, run, property: asked }) : null })
  }
  done()
  if (signal.aborted) process.stderr.write(`interrupted after ${history.length} of ${variants.length} variants\n`)
  const { first, open } = changeIn(history)
  const document = {
    protocol: protocol.name,
    property,
    first: history[first]?.variant ?? null,
    open: open.map((at) => history[at]!.variant),
    history: plain(history),
  }
  process.stdout.write(`${options.json ? JSON.stringify(document, null, 2) : lines(history, first, open).join('\n')}\n`)
  return signal.aborted ? 130 : open.length > 0 ? 3 : first < 0 ? 1 : 0
}

/**
 * The position of the first variant whose verdict is another than that of the last before it that is known, or -1; and those that
 * may change it too, because nothing is known of them: a search that ended in a fault changes no verdict.
 */
function changeIn(history: readonly Found[]): { readonly first: number; readonly open: readonly number[] } {
  const known = [...history.keys()].filter((at) => history[at]!.verdict.verdict !== 'unknown')
  const i = known.findIndex(
    (at, j) => j > 0 && history[at]!.verdict.verdict !== history[known[j - 1]!]!.verdict.verdict,
  )
  const [from, first] = i < 0 ? [-1, -1] : [known[i - 1]!, known[i]!]
  const isBefore = (at: number): boolean => first < 0 || (at > from && at < first)
  return { first, open: [...history.keys()].filter((at) => !known.includes(at) && isBefore(at)) }
}

/** The history as plain data. */
const plain = (history: readonly Found[]): readonly object[] =>
  history.map(({ variant, verdict: { verdict, run, why }, trace }) => ({
    variant,
    verdict,
    traceLength: run?.steps.length ?? null,
    ...(why && { why }),
    trace,
  }))

/** The history as a column of verdicts, with the trace on the violated side of the first change. */
function lines(history: readonly Found[], first: number, open: readonly number[]): string[] {
  const width = Math.max(...history.map(({ variant }) => variant.length))
  const rows = history.map(({ variant, verdict }, i) => {
    const steps = verdict.run ? ` in ${verdict.run.steps.length}` : ''
    const says = open.length > 0 ? 'changes it, unless one before it does' : 'the first that changes it'
    const mark =
      i === first ? paint('bold', `  ← ${says}`) : open.includes(i) ? paint('yellow', `  ← ${verdict.why ?? ''}`) : ''
    return `  ${padded(variant, width)}  ${verdict.verdict}${steps}${mark}`
  })
  if (first < 0) return [...rows, `no variant ${open.length > 0 ? 'is known to change' : 'changes'} the verdict`]
  const shown = [history[first]!, ...history.slice(0, first).reverse()].find(({ trace }) => trace)
  return shown?.trace ? [...rows, '', lanesOf(shown.trace, { columns: columns() })] : rows
}
