#!/usr/bin/env node
/** The command line: reads the arguments, runs a command, turns what went wrong into a message and an exit code. */

import { Command, CommanderError } from 'commander'
import { readFileSync } from 'node:fs'
import { colour } from '../tell/text.js'
import { Mistake } from '../write/mistake.js'
import { bisectCommand } from './bisect.js'
import { checkCommand } from './check.js'
import { compareCommand } from './compare.js'
import { docsCommand } from './docs.js'
import { fixCommand } from './fix.js'
import { graphCommand } from './graph.js'
import { listCommand } from './list.js'
import { mutateCommand } from './mutate.js'
import { newCommand } from './new.js'
import { recordCommand } from './record.js'
import { traceCommand } from './trace.js'
import { walkCommand } from './walk.js'
import { whyCommand } from './why.js'

/** What the process ends with. */
export const exitCodes = { met: 0, unmet: 1, misuse: 2, limit: 3, ours: 70, interrupted: 130 } as const

const examples = `
Examples:
  thawproof check                                  every claim of every protocol
  thawproof check PROTOCOL/INSTANCE                one of them: thawproof list tells which there are
  thawproof check ./my-model.ts                    your own model, no build step
  thawproof trace PROTOCOL/INSTANCE PROPERTY       the shortest run that breaks it
  thawproof compare PROTOCOL base PATCH            what a patch fixes, breaks and leaves open
  thawproof walk PROTOCOL/INSTANCE                 random runs, where check would take too long
  thawproof new my-protocol                        a model to start from

Exit: 0 all claims met, 1 some not met, 2 misuse or broken model, 3 a limit was hit, 130 interrupted.`

function program(): Command {
  const version = (JSON.parse(readFileSync(packageFile(), 'utf8')) as { version: string }).version
  const root = new Command('thawproof')
    .description('Checks suspend, cancel and resume protocols exhaustively.')
    .version(version)
    .option('--color <when>', 'colours: auto, always or never', 'auto')
    .addHelpText('after', examples)
    .showHelpAfterError('(thawproof --help tells more)')
    .hook('preAction', (command) => colour(wantsColour(command.opts<{ color: string }>().color)))
  for (const add of [
    checkCommand,
    traceCommand,
    walkCommand,
    whyCommand,
    compareCommand,
    fixCommand,
    bisectCommand,
    mutateCommand,
    graphCommand,
    listCommand,
    recordCommand,
    docsCommand,
    newCommand,
  ])
    add(root)
  for (const command of [root, ...root.commands]) command.exitOverride()
  return root
}

const packageFile = (): URL =>
  new URL(import.meta.url.includes('/dist/') ? '../../../package.json' : '../../package.json', import.meta.url)

function wantsColour(when: string): boolean {
  if (when === 'always' || when === 'never') return when === 'always'
  if (when !== 'auto') throw new Mistake('--color', `'${when}' is not known`, 'one of auto, always, never')
  if (process.env.NO_COLOR) return false
  return process.stdout.isTTY || Boolean(process.env.FORCE_COLOR)
}

/** Runs the command line; returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(argv, { from: 'user' })
    return Number(process.exitCode ?? exitCodes.met)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.met : exitCodes.misuse
    if (error instanceof Mistake) {
      process.stderr.write(`thawproof: ${error.message}\n`)
      return exitCodes.misuse
    }
    const shown = error instanceof Error ? error.stack : String(error)
    process.stderr.write(
      `thawproof: this is our fault, not yours; please report it with the command that you ran\n${shown}\n`,
    )
    return exitCodes.ours
  }
}

// A reader that goes away (`thawproof list | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : exitCodes.ours))

process.exitCode = await main(process.argv.slice(2))
