/** The command line: reads the arguments, runs a command, turns what went wrong into a message and an exit code. In a thread of its own. */

import { Command, CommanderError } from 'commander'
import { readFileSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { watchedAt } from '../search/pulse.js'
import { asCalled, called, colour, visible } from '../tell/text.js'
import { Mistake } from '../write/mistake.js'
import { standardStreams } from './streams.js'
import { lookAtTypes, type TypeErrors } from './types.js'
import { warnBy } from './warnings.js'

/** What the process ends with, where no command says. */
const exitCodes = { met: 0, misuse: 2, ours: 70 } as const

const examples = `
Examples:
  thawproof check                                  the models of this folder, or every shipped protocol
  thawproof check PROTOCOL/INSTANCE                one of them: thawproof list tells which there are
  thawproof check ./my-model.ts                    your own model, no build step
  thawproof trace PROTOCOL/INSTANCE PROPERTY       the shortest run that breaks it
  thawproof run PROTOCOL/INSTANCE --to CONDITION   the shortest run that gets there, broken or not
  thawproof compare PROTOCOL base PATCH            what a patch fixes, breaks and leaves open
  thawproof walk PROTOCOL/INSTANCE                 random runs, where check would take too long
  thawproof new my-protocol                        a model to start from; watch checks it whenever it is saved

Exit: 0 all claims met, 1 some not met, 2 misuse or broken model, 3 a limit was hit, 130 interrupted.`

/** The commands, in the order of the help, each with what adds it. */
const commands: Readonly<Record<string, () => Promise<(root: Command) => void>>> = {
  check: async () => (await import('./check.js')).checkCommand,
  watch: async () => (await import('./watch.js')).watchCommand,
  trace: async () => (await import('./trace.js')).traceCommand,
  run: async () => (await import('./run.js')).runCommand,
  step: async () => (await import('./step.js')).stepCommand,
  log: async () => (await import('./log.js')).logCommand,
  diagnose: async () => (await import('./diagnose.js')).diagnoseCommand,
  walk: async () => (await import('./walk.js')).walkCommand,
  why: async () => (await import('./why.js')).whyCommand,
  compare: async () => (await import('./compare.js')).compareCommand,
  fix: async () => (await import('./fix.js')).fixCommand,
  review: async () => (await import('./review.js')).reviewCommand,
  bisect: async () => (await import('./bisect.js')).bisectCommand,
  mutate: async () => (await import('./mutate.js')).mutateCommand,
  explore: async () => (await import('./explore.js')).exploreCommand,
  graph: async () => (await import('./graph.js')).graphCommand,
  list: async () => (await import('./list.js')).listCommand,
  monitor: async () => (await import('./monitor.js')).monitorCommand,
  reproduce: async () => (await import('./reproduce.js')).reproduceCommand,
  facts: async () => (await import('./facts.js')).factsCommand,
  mcp: async () => (await import('./mcp.js')).mcpCommand,
  source: async () => (await import('./source.js')).sourceCommand,
  record: async () => (await import('./record.js')).recordCommand,
  docs: async () => (await import('./docs.js')).docsCommand,
  new: async () => (await import('./new.js')).newCommand,
  completion: async () => (await import('./completion.js')).completionCommand,
}

/** The program with the command that is wanted: loading all takes longer than many of them run. With all of them if it is none. */
async function program(wanted: string | undefined): Promise<Command> {
  const version = (JSON.parse(readFileSync(packageFile(), 'utf8')) as { version: string }).version
  const root = new Command('thawproof')
    .description('Checks suspend, cancel and resume protocols exhaustively.')
    .version(version)
    .option('--color <when>', 'colours: auto, always or never', 'auto')
    .option('--no-types', "do not look at the types of one's own file")
    .addHelpText('after', examples)
    .showHelpAfterError('(thawproof --help tells more)')
    .hook('preAction', (command) => {
      const { color, types } = command.opts<{ color: string; types: boolean }>()
      colour(wantsColour(color))
      warnBy((what) => void process.stderr.write(`warning: ${visible(what)}\n`))
      if (types) lookAtTypes(holdBack)
      else process.stderr.write('the types are not looked at: --no-types\n')
    })
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
async function main(argv: readonly string[]): Promise<number> {
  try {
    const root = await program(argv[0])
    await root.parseAsync(argv, { from: 'user' })
    return Number(process.exitCode ?? exitCodes.met)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.met : exitCodes.misuse
    if (error instanceof Mistake) {
      await held
      const { toldMistake } = await import('../tell/place.js')
      process.stderr.write(`thawproof: ${visible(asCalled(toldMistake(error)))}\n`)
      return exitCodes.misuse
    }
    const shown = error instanceof Error ? error.stack : String(error)
    process.stderr.write(
      `thawproof: this is our fault, not yours; please report it with the command that you ran\n${shown}\n`,
    )
    return exitCodes.ours
  }
}

/** What the thread is started with. */
export interface Start {
  readonly argv: readonly string[]
  /** What was typed to call this program: `npx thawproof`. */
  readonly as: string
  readonly pulse: Float64Array
  /** Columns of the terminals, where there are any. */
  readonly columns: readonly [number | undefined, number | undefined]
}

/** Has nothing printed before it is known that the types are right; if they are not, that is all that is told. */
function holdBack(looking: Promise<TypeErrors>): void {
  const release = output.hold()
  held = Promise.all([
    held,
    looking.then((errors) => {
      if (errors.length === 0) return release()
      process.stderr.write(`thawproof: ${errors.join('\n')}\n`)
      process.exit(exitCodes.misuse)
    }),
  ])
}

let held: Promise<unknown> = Promise.resolve()

const { argv, as, pulse, columns } = workerData as Start
called(as)
watchedAt(pulse)
const output = standardStreams(columns)

// Nothing is left to do, and yet the program waits: what it waits for was no promise.
process.once('beforeExit', () => {
  if (isFinished) return
  process.stderr.write(
    'thawproof: the model never finished loading: it waits for an object that has a `then` and is no promise\n' +
      '  the fields of a step are such an object: let no async function return them, and export nothing called `then`\n',
  )
  process.exit(exitCodes.misuse)
})

let isFinished = false
const code = await main(argv)
await held
isFinished = true
process.exitCode = code
