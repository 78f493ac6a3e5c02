/** Several threads that walk side by side, in rounds: in each round every thread draws one batch of runs. */

import { Worker } from 'node:worker_threads'
import type { Choice } from '../../write/system.js'
import type { Modules } from '../../search/parallel/protocol-recipe.js'
import type { Batch, WalkOptions } from './batch.js'

/** What a thread is started with. */
export interface WalkWorkerData {
  readonly modules: Modules
  readonly choice: Choice
  readonly options: Pick<WalkOptions, 'property' | 'runs' | 'maxSteps' | 'seed' | 'vary'>
}

/** The threads, as seen by the one that leads them. */
export class WalkWorkers {
  private constructor(private readonly workers: readonly Worker[]) {}

  /** Starts the threads. @throws what a thread throws that cannot prepare itself. */
  static async of(
    threads: number,
    { modules, choice, options }: Pick<WalkWorkerData, 'modules' | 'choice'> & { readonly options: WalkOptions },
  ): Promise<WalkWorkers> {
    const { property, runs, maxSteps, seed, vary } = options
    const given = Object.entries({ property, runs, maxSteps, seed, vary }).filter(([, value]) => value !== undefined)
    const commission: WalkWorkerData = { modules, choice, options: Object.fromEntries(given) }
    const walkers = new WalkWorkers(Array.from({ length: threads }, () => started(commission)))
    try {
      await Promise.all(walkers.workers.map(answer))
      return walkers
    } catch (error) {
      await walkers.end()
      throw error
    }
  }

  /** Draws the batches of a round, those of thread `k` of `n` being `k`, `n + k`, `2n + k` and so on; in the order of the threads. */
  async round(number: number): Promise<readonly Batch[]> {
    const { length } = this.workers
    this.workers.forEach((worker, thread) => worker.postMessage(number * length + thread))
    return Promise.all(this.workers.map((worker) => answer(worker) as Promise<Batch>))
  }

  async end(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()))
  }
}

/** The next message of a thread. @throws what it throws. */
const answer = (worker: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const ended = (code: number): void => reject(new Error(`a thread that walked ended with exit code ${code}`))
    worker.once('error', reject)
    worker.once('exit', ended)
    worker.once('message', (message) => {
      worker.off('error', reject)
      worker.off('exit', ended)
      resolve(message)
    })
  })

/** From source, as in the tests, a thread needs the loader of TypeScript first. */
function started(workerData: WalkWorkerData): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./walk-worker.js', import.meta.url), { workerData })
  const file = JSON.stringify(new URL('./walk-worker.js', import.meta.url).href)
  const code = `import('tsx/esm/api').then(({ register }) => (register(), import(${file})))`
  return new Worker(code, { eval: true, workerData })
}
