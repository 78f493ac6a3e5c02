/** Standard output and error of a thread: written at once, so that nothing is lost when the thread is ended. */

import { writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { visible } from '../tell/text.js'

/** What `paint` writes. */
const ownColours = /(\x1b\[[0-9;]*m)/

/** What an author wrote into a sentence or a name is shown and not obeyed; only our own colours are. */
const harmless = (text: string): string =>
  text
    .split(ownColours)
    .map((one, i) => (i % 2 === 0 ? visible(one) : one))
    .join('')

/**
 * Has this thread write to the process's own streams. `columns`: of the terminals. What is returned holds back standard output from
 * then on, until all that hold it have let go.
 */
export function standardStreams(columns: readonly [number | undefined, number | undefined]): {
  readonly hold: () => () => void
} {
  Object.assign(process.stdin, { isTTY: isatty(0) })
  const kept: (string | Uint8Array)[] = []
  let holds = 0
  for (const [i, stream] of [process.stdout, process.stderr].entries()) {
    const write = (given: string | Uint8Array): boolean => {
      const chunk = i === 0 && typeof given === 'string' ? harmless(given) : given
      if (i === 0 && holds > 0) kept.push(chunk)
      else writeAll(i + 1, chunk)
      return true
    }
    Object.assign(stream, { write, isTTY: isatty(i + 1), columns: columns[i] })
  }
  return {
    hold: () => {
      holds++
      return () => {
        if (--holds === 0) for (const chunk of kept.splice(0)) writeAll(1, chunk)
      }
    },
  }
}

/** Writes all of it, however often the other end has to be waited for. A reader that goes away (`thawproof list | head`) is no failure. */
export function writeAll(stream: number, text: string | Uint8Array): void {
  for (let rest = typeof text === 'string' ? Buffer.from(text) : text; rest.length > 0;)
    try {
      rest = rest.subarray(writeSync(stream, rest))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') process.exit(0)
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
    }
}
