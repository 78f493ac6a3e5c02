/** A thread that helps with a search: makes the same system from the same recipe, and takes part in every batch. */

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { Part } from './batch.js'
import { arrive, Field, ordered, passed, Task } from './shared-memory.js'
import { namesIn, type Answer, type Commission, type Delivery } from './coordinator.js'
import { compile } from '../expander.js'
import { fingerprintOf } from './system-digest.js'
import { Mistake } from '../../write/mistake.js'
import { reach } from '../purity/closures.js'
import { followed } from './recipe.js'

const { recipe, board, thread, port } = workerData as Commission
const { control } = board
const { system, watch, code: called = [] } = await followed(recipe)
const reached = reach(system.model, called)
const expander = compile(system, watch)
const { code, findings } = expander
const segments = expander.store.segments as Int32Array[]
const part = new Part(expander, board, thread)
const { collected, ...shared } = findings
const answer = (one: Answer): void => port.postMessage(one)
let received = 0
let index = code.index()
answer({ kind: 'ready', findings: shared, fingerprint: fingerprintOf(system), watch: namesIn(watch) })
Atomics.add(control, Field.Ready, 1)

try {
  work()
} catch (cause) {
  Atomics.store(control, Field.Lost, 1)
  throw cause
}
answer({ kind: 'done', collected: collected.map((ids) => Int32Array.from(ids)), mistake: told(reached.insist) })
meet()
port.close()

/** What is said of code that has kept something in this thread. */
function told(insist: () => void): Extract<Answer, { kind: 'done' }>['mistake'] {
  try {
    insist()
    return undefined
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    return { where: error.where, what: error.what, next: error.next }
  }
}

/** Waits for the others. */
function meet(): void {
  const opened = arrive(board)
  while (!passed(board, opened, 1000))
    if (Atomics.load(control, Field.Lost) !== 0) throw new Error('the search is over')
}

/** Takes in what the leader sent since the last time. */
function receive(): void {
  for (; received < Atomics.load(control, Field.Sent); received++) {
    const delivery = receiveMessageOnPort(parentPort!)!.message as Delivery
    segments.push(...delivery.segments)
    index = delivery.index
  }
  code.adopt(control[Field.States]!, index)
}

function work(): void {
  for (;;) {
    meet()
    receive()
    const { task, lot } = ordered(board)
    switch (task) {
      case Task.Survey:
        part.surveyOf(lot)
        break
      case Task.Enter:
        part.enterOf(lot)
        break
      case Task.Refill:
        code.refill(thread, board.threads)
        break
      case Task.End:
        return
    }
  }
}
