#!/usr/bin/env node
/** Starts a command in a thread of its own, and ends it: when it is done, on Ctrl-C, or when code of a model hangs beyond a limit. */

import { basename, delimiter, dirname, relative } from 'node:path'
import { isatty } from 'node:tty'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { clock, grace, isOverdue, lastBeat, sharedWords } from '../search/pulse.js'
import type { Start } from './command.js'
import type { Inspector } from './hang.js'
import { writeAll } from './streams.js'

// Generated functions are long, and most searches short: V8 spent half of a check's time on optimising code that had done its work by
// then. Four times its patience: a third off the time of many small searches, nothing measurable on large ones (bench/RESULTS.md).
setFlagsFromString('--interrupt-budget=528000')

const columns = [
  isatty(1) ? process.stdout.columns : undefined,
  isatty(2) ? process.stderr.columns : undefined,
] as const
const pulse = sharedWords()
/** How this program was called: commands that it prints begin with that. */
function calledAs(): string {
  const { npm_command, npm_lifecycle_event, PATH = '' } = process.env
  const script = process.argv[1]!
  const isLinked = /^thawproof$/.test(basename(script))
  if (!isLinked && !/node_modules[\\/]thawproof[\\/]/.test(script)) return `node ${relative('', script)}`
  const isNpm = npm_command === 'exec' || npm_lifecycle_event !== undefined
  return isLinked && !isNpm && PATH.split(delimiter).includes(dirname(script)) ? 'thawproof' : 'npx thawproof'
}

const start: Start = { argv: process.argv.slice(2), as: calledAs(), pulse, columns }
// Options of the whole program may come before its command, and one of them has a value.
const command = start.argv.find((word, i, words) => !word.startsWith('-') && words[i - 1] !== '--color')
// Who reads standard input needs it in the thread; nobody else waits for it.
const reads = ['step', 'mcp', 'watch'].includes(command ?? '')
const thread = new Worker(new URL('./command.js', import.meta.url), { workerData: start, stdin: reads })
if (reads) process.stdin.pipe(thread.stdin!)
// Keys are heard one by one.
if (command === 'watch' && process.stdin.isTTY) process.stdin.setRawMode(true)

/** What the process ends with if a limit of time was hit, and nothing was found against a claim before. */
const exitLimit = 3

let isEnding = false

/** Only what does not answer is looked at by the inspector: it is not even loaded before. */
const look = async (): Promise<Inspector> => new (await import('./hang.js')).Inspector()

/** What is known soon enough for the command to end within a second. */
const soon = <T>(answer: Promise<T>): Promise<T | undefined> =>
  Promise.race([answer, new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), grace))])

/** Ends the command where it is, with what it had, and says what it was at. */
async function end(
  code: number,
  why: string,
  found?: { readonly inspector: Inspector; readonly running: string },
): Promise<void> {
  if (isEnding) return
  isEnding = true
  clearInterval(watch)
  const inspector = found?.inspector ?? (await look())
  const running = found?.running ?? (await soon(inspector.running()))
  // What was found is not lost for want of patience: the name of what hangs is, on a machine that is busy otherwise.
  const had = await inspector.ask(`globalThis[Symbol.for('thawproof.had')]?.()`)
  const seconds = ((clock() - lastBeat(pulse)) / 1000).toFixed(1)
  const [text, unmet] = JSON.parse(had ?? '["", null]') as [string, number | null]
  writeAll(1, text)
  writeAll(2, `${why}${running === undefined ? '' : `: ${running} has been running for ${seconds} s`}\n`)

  await inspector.release()
  await terminated()
  process.exit(code === exitLimit ? (unmet ?? code) : code)
}

/** Told again and again: that it should end may have reached a thread while it could not listen. */
async function terminated(): Promise<void> {
  const again = setInterval(() => void thread.terminate(), grace)
  await thread.terminate()
  clearInterval(again)
}

let isAsked = false
function stop(): void {
  if (isAsked) return void end(130, 'interrupted')
  isAsked = true
  thread.postMessage('stop')
  setTimeout(() => void end(130, 'interrupted'), grace).unref()
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)

/** When to look at the earliest: what only takes long is not to be disturbed often. */
let again = 0

/** Ends a command whose thread is kept by code of the model beyond the end of its time; what is ours is left to finish. */
async function overdue(): Promise<void> {
  if (isEnding || !isOverdue(pulse) || clock() < again) return
  const beat = lastBeat(pulse)
  again = Infinity
  const inspector = await look()
  const running = await inspector.running()
  if (running !== undefined && lastBeat(pulse) === beat)
    await end(exitLimit, '--max-seconds was hit', { inspector, running })
  else again = clock() + 5000
}
const watch = setInterval(() => void overdue(), grace)

thread.on('error', (error) => {
  writeAll(
    2,
    `thawproof: this is our fault, not yours; please report it with the command that you ran\n${error.stack}\n`,
  )
  process.exitCode = 70
})
thread.on('exit', (code) => {
  clearInterval(watch)
  if (reads) process.stdin.destroy()
  if (!isEnding) process.exitCode ??= code
})
