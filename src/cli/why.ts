/** `thawproof why`: what would have avoided a violation. */

import type { Command } from 'commander'
import { why, type Why } from '../search/variants/why.js'
import { systemOf } from '../tell/protocol.js'
import { paint, wrapped } from '../tell/text.js'
import { columns, interruptible, withChoices } from './options.js'
import { onlyTarget, propertyNamed, type Choices } from './target.js'

/** Adds the command. */
export function whyCommand(root: Command): void {
  const command = root
    .command('why <protocol/instance> <property>')
    .description('tell which other order of the same steps, and which guard, would have avoided a violation')
    .action(async (name: string, property: string, options: Choices) => {
      const { protocol, instance } = await onlyTarget('why', name, options)
      const system = systemOf(protocol, instance)
      propertyNamed(system, protocol, property)
      const { signal, done } = interruptible()
      const found = await why(system, protocol.properties, property, { signal })
      done()
      process.stdout.write(`${[...told(found), '', `the run: thawproof trace ${name} ${property}`].join('\n')}\n`)
    })
  withChoices(command)
}

/** Moves and guards that are worth telling. */
const few = 3

function told({ verdict, moves, waits, tried }: Why): string[] {
  const { property, says, run } = verdict
  const lines = (text: string): string[] => wrapped(text, columns(), '  ')
  const guards = waits.slice(0, few).flatMap(({ name, field, value, breaks }) => {
    const rest = breaks.length === 0 ? 'and nothing else would break' : `but ${breaks.join(', ')} would not`
    return lines(`had ${name} waited while ${field} is ${String(value)}, ${property} would hold, ${rest}`)
  })
  return [
    paint('red', `${property} is violated in ${run.steps.length} steps`),
    ...lines(`required: ${says}`),
    ...(moves.length === 0
      ? ['putting off one step of it, alone or with what its thread does next, never avoids it']
      : []),
    ...moves
      .slice(0, few)
      .flatMap(({ name, behindName, step, behind }) =>
        lines(`it takes ${name} (step ${step}) before ${behindName} (${behind}): the other way round nothing breaks`),
      ),
    ...(waits.length === 0 ? [`none of ${tried} guards that one step could have waited for makes it hold`] : guards),
  ]
}
