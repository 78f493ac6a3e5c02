/** `thawproof mutate`: do the properties notice planted errors? */

import type { Command } from 'commander'
import { teeth, type Bite, type Fate, type Teeth } from '../search/variants/teeth.js'
import { systemOf } from '../tell/protocol.js'
import { padded, paint, wrapped } from '../tell/text.js'
import { columns, interruptible, withChoices } from './options.js'
import { onlyTarget, type Choices } from './target.js'

/** Adds the command. */
export function mutateCommand(root: Command): void {
  const command = root
    .command('mutate <protocol/instance>')
    .description('plant classic errors one at a time and tell which ones no property notices')
    .option('-v, --verbose', 'name every mutant, not only those that survive')
    .action(async (name: string, options: Choices & { readonly verbose?: boolean }) => {
      const { protocol, instance } = await onlyTarget('mutate', name, options)
      const { signal, done } = interruptible()
      const found = await teeth(systemOf(protocol, instance), protocol.properties, { signal }, live)
      done()
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
      process.stdout.write(`${told(found, options.verbose ?? false).join('\n')}\n`)
    })
  withChoices(command)
}

const live = ({ mutant }: Bite, done: number, total: number): void => {
  if (process.stderr.isTTY)
    process.stderr.write(`\r\x1b[K${done} of ${total}: ${mutant.patch.name}`.slice(0, columns()))
}

function told({ bites, score }: Teeth, verbose: boolean): string[] {
  const of = (fate: Fate): readonly Bite[] => bites.filter((bite) => bite.fate === fate)
  const counted = of('noticed').length + of('survives').length
  const percent = counted === 0 ? 100 : Math.floor((100 * of('noticed').length) / counted)
  const width = Math.max(...Object.keys(score).map((name) => name.length))
  const rows = Object.entries(score).map(([name, n]) => `  ${padded(name, width)}  ${String(n).padStart(4)}`)
  const shown = verbose ? bites : bites.filter(({ fate }) => fate === 'survives' || fate === 'unknown')
  return [
    `${bites.length} mutants: ${of('noticed').length} noticed, ${of('survives').length} survive, ` +
      `${of('equivalent').length} equivalent, ${of('broken').length} broken, ${of('unknown').length} unknown; score ${percent} %`,
    '',
    paint('bold', 'noticed by'),
    ...rows,
    ...(shown.length === 0 ? [] : ['', paint('bold', verbose ? 'mutants' : 'survivors')]),
    ...shown.flatMap(({ mutant, fate, by }) =>
      wrapped(`${fate}: ${mutant.patch.says}${by.length > 0 ? ` (${by.join(', ')})` : ''}`, columns() - 2, '    ').map(
        (line) => `  ${line}`,
      ),
    ),
  ]
}
