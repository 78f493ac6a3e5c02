/** Claims checked side by side: one thread a core, one claim a thread at a time, results in the order of the claims. */

import { Worker } from 'node:worker_threads'
import type { CheckOptions } from '../search/check.js'
import type { Progress } from '../search/explore.js'
import { grace, isOverdue, passOn, sharedWords } from '../search/pulse.js'
import type { Protocol } from '../tell/protocol.js'
import type { Settled } from '../tell/claim-result.js'
import type { Instance } from '../tell/spec.js'
import { Mistake, type Place } from '../write/mistake.js'

/** An instance to check. */
export interface Job {
  readonly protocol: Protocol
  readonly instance: Instance
}

/** Options that can be sent to another thread. */
export type PlainOptions = Pick<
  CheckOptions,
  | 'maxStates'
  | 'maxMemory'
  | 'maxSeconds'
  | 'stopAtFirst'
  | 'fingerprints'
  | 'certify'
  | 'symmetry'
  | 'reduce'
  | 'workers'
> & {
  /** Whether the runs behind the violations are told. */
  readonly traces?: boolean
}

/** What a thread is started with. */
export interface Duty {
  readonly stop: Int32Array
  readonly pulse: Float64Array
}

/** What a thread is sent. */
export interface Order {
  readonly index: number
  readonly address: string
  readonly instance: Instance
  readonly options: PlainOptions
}

/** What a thread answers. */
export type Answer =
  | { readonly kind: 'progress'; readonly what: string; readonly progress: Progress }
  | { readonly kind: 'settled'; readonly index: number; readonly settled: Settled; readonly seconds: number }
  | {
      readonly kind: 'mistake'
      readonly where: string
      readonly what: string
      readonly next: string | undefined
      readonly at: Place | undefined
    }
  | { readonly kind: 'failed'; readonly stack: string }

/** Checks the jobs on several threads; yields in their order. @throws what the first failing claim throws. */
export async function* sideBySide(
  jobs: readonly Job[],
  options: PlainOptions,
  threads: number,
  signal: AbortSignal,
  onProgress: (what: string, progress: Progress) => void,
  times?: WeakMap<Settled, number>,
): AsyncGenerator<Settled> {
  const pool = new Pool(jobs, options, signal, onProgress, times)
  try {
    pool.start(Math.min(threads, jobs.length))
    for (let index = 0; index < jobs.length; index++) {
      const claim = await pool.result(index)
      if (!claim) return
      yield claim
    }
  } finally {
    await pool.end()
  }
}

class Pool {
  private readonly workers: Worker[] = []
  private readonly results = new Map<number, Settled>()
  private readonly stop = new Int32Array(new SharedArrayBuffer(4))
  private readonly pulses: Float64Array[] = []
  private readonly watch = setInterval(() => passOn(this.pulses.find(isOverdue)), grace).unref()
  private next = 0
  private busy = 0
  private failure: Error | undefined
  private wake: () => void = () => undefined

  constructor(
    private readonly jobs: readonly Job[],
    private readonly options: PlainOptions,
    private readonly signal: AbortSignal,
    private readonly onProgress: (what: string, progress: Progress) => void,
    /** Told how many seconds each took: no part of what was found. */
    private readonly times?: WeakMap<Settled, number>,
  ) {
    signal.addEventListener('abort', () => Atomics.store(this.stop, 0, 1))
  }

  start(threads: number): void {
    for (let i = 0; i < threads; i++) {
      const pulse = sharedWords()
      this.pulses.push(pulse)
      const worker = new Worker(new URL('./claim-worker.js', import.meta.url), {
        workerData: { stop: this.stop, pulse } satisfies Duty,
      })
      worker.on('message', (answer: Answer) => this.take(worker, answer))
      worker.on('error', (error) => this.fail(error))
      this.workers.push(worker)
      this.give(worker)
    }
  }

  /** The claim of that number, or undefined if it was interrupted before it began. */
  async result(index: number): Promise<Settled | undefined> {
    for (;;) {
      const found = this.results.get(index)
      if (found) return found
      if (this.failure) throw this.failure
      if (this.busy === 0) return undefined
      await new Promise<void>((resolve) => (this.wake = resolve))
    }
  }

  async end(): Promise<void> {
    clearInterval(this.watch)
    await Promise.all(this.workers.map((worker) => worker.terminate()))
  }

  private give(worker: Worker): void {
    if (this.signal.aborted || this.failure || this.next === this.jobs.length) return
    const index = this.next++
    const { protocol, instance } = this.jobs[index]!
    this.busy++
    worker.postMessage({ index, address: protocol.address, instance, options: this.options } satisfies Order)
  }

  private take(worker: Worker, answer: Answer): void {
    switch (answer.kind) {
      case 'progress':
        return this.onProgress(answer.what, answer.progress)
      case 'settled':
        this.results.set(answer.index, answer.settled)
        this.times?.set(answer.settled, answer.seconds)
        this.busy--
        this.give(worker)
        return this.wake()
      case 'mistake':
        return this.fail(new Mistake(answer.where, answer.what, answer.next, { at: answer.at }))
      case 'failed':
        return this.fail(Object.assign(new Error('a claim could not be checked'), { stack: answer.stack }))
    }
  }

  private fail(error: Error): void {
    this.failure ??= error
    this.wake()
  }
}
