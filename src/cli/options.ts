/** Options that several commands share: limits, choices, progress, interruption. */

import { InvalidArgumentError, Option, type Command } from 'commander'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort } from 'node:worker_threads'
import type { Checkpoint, Limits, Progress, SearchOptions } from '../search/explore.js'
import { Mistake } from '../write/mistake.js'
import { count } from '../tell/text.js'

/** The limits as commander leaves them. */
export interface LimitOptions extends Limits {
  readonly stopAtFirst?: boolean
  readonly fingerprints?: boolean
  readonly workers?: number
  /** A folder. */
  readonly checkpoint?: string
  readonly continue?: boolean
}

/** Adds the bounds of each search to a command. */
export function withBounds(command: Command): Command {
  return command
    .option('--max-states <n>', 'stop after this many states (1e6, 10M)', amount)
    .option('--max-memory <bytes>', 'stop when the states take this much memory (512M, 4G)', amount)
    .option('--max-seconds <s>', 'stop after this many seconds', amount)
}

/** Adds the limits of a search to a command, and how it is searched within them. */
export function withLimits(command: Command): Command {
  return withBounds(command)
    .option('--stop-at-first', 'stop at the first violation')
    .option('--fingerprints', 'keep a fingerprint of each state: less memory, one thread, and never `holds`')
    .option('--workers <n>', 'threads that share a large search (default: all cores)', positive)
    .option('--checkpoint <folder>', 'save unfinished searches there, every minute and when they are cut')
    .option('--continue', 'go on with the searches that were saved there')
}

/** What holds for every search, also for one that only makes a trace more telling: its limits, and how states are kept. */
export const limitsOf = ({
  maxStates,
  maxMemory,
  maxSeconds,
  fingerprints,
}: Limits & { readonly fingerprints?: unknown }): Limits & Pick<SearchOptions, 'fingerprints'> => ({
  ...(maxStates !== undefined && { maxStates }),
  ...(maxMemory !== undefined && { maxMemory }),
  ...(maxSeconds !== undefined && { maxSeconds }),
  ...(fingerprints !== undefined && { fingerprints: {} }),
})

/** Adds parameters and patches to a command. */
export function withChoices(command: Command): Command {
  return command
    .option('-p, --parameter <name=value>', 'choose a parameter; may be repeated', append, [])
    .option('--patch <name>', 'apply a patch; may be repeated', append, [])
}

/** An option whose value is one of a few names. */
export const oneOf = (flags: string, says: string, names: readonly string[]): Option =>
  new Option(flags, says).choices(names)

/** Collects the values of an option that may be repeated. */
export const append = (value: string, before: readonly string[]): readonly string[] => [...before, value]

const units = { k: 1e3, M: 1e6, G: 1e9 } as const

function amount(text: string): number {
  const match = /^(\d+(?:\.\d+)?(?:e\d+)?)([kMG])?$/.exec(text)
  const value = match ? Number(match[1]) * (match[2] ? units[match[2] as keyof typeof units] : 1) : NaN
  if (!(value > 0)) throw new InvalidArgumentError('wants a positive number, perhaps with k, M or G')
  return value
}

/** @throws Mistake if a search is to go on and there is no place to continue from. */
export function refuseNowhere({ checkpoint, continue: resume }: LimitOptions): void {
  if (resume && checkpoint === undefined)
    throw new Mistake('--continue', 'there is no place to continue from', 'name it: --checkpoint <folder>')
}

/** Where the search of one instance is saved, if that was asked for. */
export function checkpointOf(
  { checkpoint: folder, continue: resume = false }: LimitOptions,
  protocol: string,
  instance: string,
): Checkpoint | undefined {
  if (folder === undefined) return undefined
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${encodeURIComponent(protocol)}.${encodeURIComponent(instance)}.checkpoint`)
  return { file, resume, onFailure: (what) => process.stderr.write(`${what}\n`) }
}

/** A number of threads. */
export function positive(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 64) throw new InvalidArgumentError('wants 1 to 64')
  return value
}

/**
 * Turns Ctrl-C into an orderly end: the search is asked to stop; a command that does not end soon is ended, and prints `had`: what it
 * had by then, as far as it was not printed already. If a limit ended it, the process ends with `unmet` where that is a number.
 */
export function interruptible(
  had: () => string = () => '',
  unmet: () => number | null = () => null,
): {
  readonly signal: AbortSignal
  readonly done: () => void
} {
  const controller = new AbortController()
  const stop = (): void => controller.abort()
  parentPort?.on('message', stop)
  // Waiting for it does not keep the thread alive.
  parentPort?.unref()
  Object.assign(globalThis, { [Symbol.for('thawproof.had')]: () => JSON.stringify([had(), unmet()]) })
  return {
    signal: controller.signal,
    done: () => {
      parentPort?.off('message', stop)
      Object.assign(globalThis, { [Symbol.for('thawproof.had')]: undefined })
    },
  }
}

/** One line on a terminal that tells how searches go on; silent elsewhere. */
export class Status {
  private shown = false
  private last = 0
  private done = 0
  private readonly live = process.stderr.isTTY && !process.env.CI

  /** @param total how many searches there will be. */
  constructor(private readonly total = 1) {}

  /** A callback for `SearchOptions.onProgress`. */
  of(what: string): NonNullable<SearchOptions['onProgress']> {
    return (progress) => this.show(what, progress)
  }

  /** Another search has ended. */
  next(): void {
    this.done++
  }

  show(what: string, { states, transitions, depth, queue, seconds }: Progress): void {
    const now = performance.now()
    if (!this.live || now - this.last < 250) return
    this.last = now
    const place = this.total > 1 ? ` (${this.done + 1} of ${this.total})` : ''
    const rate = `${count(Math.round(states / seconds))} states/s`
    const line = `${what}${place}: ${count(states)} states, ${count(transitions)} steps, depth ${depth}, queue ${count(queue)}, ${rate}`
    process.stderr.write(`\r\x1b[K${line.slice(0, columns(process.stderr) - 1)}`)
    this.shown = true
  }

  /** Wipes the line, so that what comes next starts at the margin. */
  clear(): void {
    if (this.shown) process.stderr.write('\r\x1b[K')
    this.shown = false
  }
}

/** Columns of the terminal, or 80 where there is none. */
export const columns = (stream: { readonly columns?: number } = process.stdout): number =>
  Math.max(60, stream.columns ?? 80)
