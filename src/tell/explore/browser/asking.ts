/** The page's side of the worker: one question at a time, which can be given up. */

import type { Asked, Told } from './worker.js'

let worker: Worker | undefined
let waiting: ((told: Told) => void) | undefined

function begun(): Worker {
  if (worker) return worker
  const program = document.getElementById('program')!.textContent
  const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }))
  const made = new Worker(url)
  URL.revokeObjectURL(url)
  made.onmessage = ({ data }: MessageEvent<Told>) => waiting?.(data)
  made.onerror = ({ message }) => waiting?.({ kind: 'wrong', says: message })
  return (worker = made)
}

/** Asks a question; one that is still open is given up. @param hear is told of progress and, at last, of the answer. */
export function ask(asked: Asked, hear: (told: Told) => void): void {
  if (waiting) giveUp()
  waiting = (told) => {
    if (told.kind !== 'progress') waiting = undefined
    hear(told)
  }
  begun().postMessage(asked)
}

/** Gives the open question up. */
export function giveUp(): void {
  worker?.terminate()
  worker = undefined
  waiting = undefined
}
