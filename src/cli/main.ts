#!/usr/bin/env node
/** The command line: reads the arguments, runs a command, turns what went wrong into a message and an exit code. */

import { Command, CommanderError } from 'commander'
import { readFileSync } from 'node:fs'
import { colour, visible } from '../tell/text.js'
import { Mistake } from '../write/mistake.js'

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

/** What {@link paint} writes. */

const ownColours = /(\x1b\[[0-9;]*m)/

/** The commands, in the order of the help, each with what adds it. */
const commands: Readonly<Record<string, () => Promise<(root: Command) => void>>> = {
  check: async () => (await import('./check.js')).checkCommand,
  trace: async () => (await import('./trace.js')).traceCommand,
  log: async () => (await import('./log.js')).logCommand,
  diagnose: async () => (await import('./diagnose.js')).diagnoseCommand,
  walk: async () => (await import('./walk.js')).walkCommand,
  why: async () => (await import('./why.js')).whyCommand,
  compare: async () => (await import('./compare.js')).compareCommand,
  fix: async () => (await import('./fix.js')).fixCommand,
  review: async () => (await import('./review.js')).reviewCommand,
  bisect: async () => (await import('./bisect.js')).bisectCommand,
  mutate: async () => (await import('./mutate.js')).mutateCommand,
  graph: async () => (await import('./graph.js')).graphCommand,
  list: async () => (await import('./list.js')).listCommand,
  source: async () => (await import('./source.js')).sourceCommand,
  record: async () => (await import('./record.js')).recordCommand,
  docs: async () => (await import('./docs.js')).docsCommand,
  new: async () => (await import('./new.js')).newCommand,
}

/** The program with the command that is wanted: loading all takes longer than many of them run. With all of them if it is none. */
async function program(wanted: string | undefined): Promise<Command> {
  const version = (JSON.parse(readFileSync(packageFile(), 'utf8')) as { version: string }).version
  const root = new Command('thawproof')
    .description('Checks suspend, cancel and resume protocols exhaustively.')
    .version(version)
    .option('--color <when>', 'colours: auto, always or never', 'auto')
    .addHelpText('after', examples)
    .showHelpAfterError('(thawproof --help tells more)')
    .hook('preAction', (command) => colour(wantsColour(command.opts<{ color: string }>().color)))
  const one = wanted !== undefined && Object.hasOwn(commands, wanted) ? [commands[wanted]!] : Object.values(commands)
  for (const load of one) (await load())(root)
  for (const command of [root, ...root.commands, ...root.commands.flatMap((one) => one.commands)])
    command.exitOverride()
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
    const root = await program(argv[0])
    await root.parseAsync(argv, { from: 'user' })
    return Number(process.exitCode ?? exitCodes.met)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.met : exitCodes.misuse
    if (error instanceof Mistake) {
      const { toldMistake } = await import('../tell/place.js')
      process.stderr.write(`thawproof: ${visible(toldMistake(error))}\n`)
      return exitCodes.misuse
    }
    const shown = error instanceof Error ? error.stack : String(error)
    process.stderr.write(
      `thawproof: this is our fault, not yours; please report it with the command that you ran\n${shown}\n`,
    )
    return exitCodes.ours
  }
}

// What an author wrote into a sentence or a name is shown and not obeyed; only our own colours are.
const write = process.stdout.write.bind(process.stdout) as (...given: readonly unknown[]) => boolean
process.stdout.write = (text: unknown, ...rest: readonly unknown[]): boolean =>
  write(
    typeof text === 'string'
      ? text
          .split(ownColours)
          .map((one, i) => (i % 2 === 0 ? visible(one) : one))
          .join('')
      : text,
    ...rest,
  )

// A reader that goes away (`thawproof list | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : exitCodes.ours))

// Nothing is left to do, and yet the program waits: what it waits for was no promise.
process.once('beforeExit', () => {
  if (finished) return
  process.stderr.write(
    'thawproof: the model never finished loading: it waits for an object that has a `then` and is no promise\n' +
      '  the fields of a step are such an object: let no async function return them, and export nothing called `then`\n',
  )
  process.exit(exitCodes.misuse)
})

let finished = false
process.exitCode = await main(process.argv.slice(2))
finished = true
