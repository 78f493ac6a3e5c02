/** The thread that checks claims for {@link sideBySide}. */

import { parentPort, workerData } from 'node:worker_threads'
import { watchedAt } from '../search/pulse.js'
import { checkClaim } from '../tell/claim.js'
import { placeOf } from '../tell/place.js'
import type { Protocol } from '../tell/protocol.js'
import { settled, tracesOf } from '../tell/claim-result.js'
import { Mistake } from '../write/mistake.js'
import { limitsOf } from './options.js'
import type { Answer, Duty, Order } from './pool.js'
import { protocolAt } from './target.js'

const port = parentPort!
const { stop, pulse } = workerData as Duty
watchedAt(pulse)
const signal = {
  get aborted(): boolean {
    return Atomics.load(stop, 0) === 1
  },
}
const loaded = new Map<string, Promise<{ readonly protocol: Protocol }>>()

const answer = (message: Answer): void => port.postMessage(message)

async function follow({ index, address, instance, options }: Order): Promise<Answer> {
  try {
    const known = loaded.get(address) ?? protocolAt(address)
    loaded.set(address, known)
    const { protocol } = await known
    const what = `${protocol.name}/${instance.id}`
    const start = performance.now()
    const claim = await checkClaim(protocol, instance, {
      ...options,
      signal,
      onProgress: (progress) => answer({ kind: 'progress', what, progress }),
    })
    const traces = options.traces ? await tracesOf(claim, { ...limitsOf(options), signal }) : undefined
    return { kind: 'settled', index, settled: settled(claim, traces), seconds: (performance.now() - start) / 1000 }
  } catch (error) {
    if (error instanceof Mistake) {
      const { where, what, next, at, path } = error
      return { kind: 'mistake', where, what, next, at: placeOf(at, path) }
    }
    return { kind: 'failed', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

port.on('message', (order: Order) => void follow(order).then(answer))
