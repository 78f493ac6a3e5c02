/** `thawproof step`: takes steps of a protocol one by one, in a terminal or from lines on standard input. */

import type { Command } from 'commander'
import { isatty } from 'node:tty'
import { createInterface } from 'node:readline'
import { propertiesFor } from '../search/check.js'
import { lanesOf } from '../tell/lanes.js'
import { saveScenario } from '../tell/scenarios.js'
import { systemOf } from '../tell/protocol.js'
import { Session } from '../tell/stepping.js'
import { columns, withChoices } from './options.js'
import { onlyTarget, type Choices } from './target.js'
import { typesLooked } from './types.js'

/** Adds the command. */
export function stepCommand(root: Command): void {
  withChoices(
    root
      .command('step <protocol/instance>')
      .description('take steps one by one, and ask why others cannot be taken; lines are read from standard input')
      .addHelpText(
        'after',
        '\nIts own words: help tells them. A line that asks for what cannot be done ends a script with exit code 1.',
      )
      .action(async (target: string, options: Choices) => {
        process.exitCode = await run(target, options)
      }),
  )
}

async function run(target: string, options: Choices): Promise<number> {
  const { protocol, instance } = await onlyTarget('step', target, options)
  const system = systemOf(protocol, instance)
  const session = new Session(system, propertiesFor(system, protocol.properties), protocol.picture)
  const isTyped = isatty(0)
  await typesLooked()
  print(session.answer('').lines)
  if (isTyped) process.stdout.write('> ')
  for await (const line of createInterface({ input: process.stdin })) {
    // What is typed is on the terminal already; a script's lines are told beside their answers.
    if (!isTyped) print([`> ${line}`])
    const { lines, failed, ends, keep } =
      line.trim() === 'trace'
        ? { lines: [lanesOf(session.trace(instance.id), { columns: columns() })] }
        : session.answer(line)
    print(lines)
    if (keep) {
      const { initial, steps } = session.run
      const names = steps.map(({ transition }) => transition.name)
      saveScenario(protocol, {
        ...keep,
        instance: instance.id,
        is: 'possible',
        ...(initial > 0 && { initial }),
        steps: names,
      })
      print([`kept as scenario ${keep.name}`])
    }
    if (ends) break
    if (failed && !isTyped) return 1
    if (isTyped) process.stdout.write('> ')
  }
  return 0
}

const print = (lines: readonly string[]): void => {
  for (const line of lines) process.stdout.write(`${line}\n`)
}
