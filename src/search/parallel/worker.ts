/** A thread that helps with a search: makes the same system from the same recipe, and takes part in every batch. */

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { Part } from './batch.js'
import { arrive, BatchField, ordered, passed, Task } from './shared-memory.js'
import { namesIn, type WorkerMessage, type WorkerData, type WorkerResult } from './coordinator.js'
import { compile } from '../expander.js'
import { digestOf } from './system-digest.js'
import { Mistake } from '../../write/mistake.js'
import { reach } from '../purity/closures.js'
import { followed } from './recipe.js'

const { recipe, shared, thread, port } = workerData as WorkerData
const { control } = shared
const { system, watch, code: called = [] } = await followed(recipe)
const reached = reach(system.model, called)
const expander = compile(system, watch)
const { code, findings } = expander
const segments = expander.store.segments as Int32Array[]
const part = new Part(expander, shared, thread)
const { collected, ...own } = findings
const answer = (one: WorkerMessage): void => port.postMessage(one)
let received = 0
let index = code.index()
answer({ kind: 'ready', findings: own, fingerprint: digestOf(system), watch: namesIn(watch) })
Atomics.add(control, BatchField.Ready, 1)

try {
  work()
} catch (cause) {
  Atomics.store(control, BatchField.Lost, 1)
  throw cause
}
answer({ kind: 'done', collected: collected.map((ids) => Int32Array.from(ids)), mistake: told(reached.insist) })
meet()
port.close()

/** What is said of code that has kept something in this thread. */
function told(insist: () => void): Extract<WorkerMessage, { kind: 'done' }>['mistake'] {
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
  const opened = arrive(shared)
  while (!passed(shared, opened, 1000))
    if (Atomics.load(control, BatchField.Lost) !== 0) throw new Error('the search is over')
}

/** Takes in what the leader sent since the last time. */
function receive(): void {
  for (; received < Atomics.load(control, BatchField.Sent); received++) {
    const delivery = receiveMessageOnPort(parentPort!)!.message as WorkerResult
    segments.push(...delivery.segments)
    index = delivery.index
  }
  code.adopt(control[BatchField.States]!, index)
}

function work(): void {
  for (;;) {
    meet()
    receive()
    const { task, lot } = ordered(shared)
    switch (task) {
      case Task.Survey:
        part.surveyOf(lot)
        break
      case Task.Enter:
        part.enterOf(lot)
        break
      case Task.Refill:
        code.refill(thread, shared.threads)
        break
      case Task.End:
        return
    }
  }
}
