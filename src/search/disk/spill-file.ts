/** A file for what does not fit into memory: blocks of one size, written and read whole. */

import { randomUUID } from 'node:crypto'
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** What was written cannot be read back. */
export class Unreadable extends Error {}

/** Where blocks go. */
export interface SpillFile {
  /** Writes a block; returns the name to read it by. @throws the error of the file system; nothing changed then. */
  readonly write: (block: Int32Array) => number
  /** Reads a block back, once: its place is used again. @throws Unreadable if it cannot be had. */
  readonly read: (name: number, into: Int32Array) => void
  /** The file goes. */
  readonly close: () => void
}

/**
 * Opens a file in a folder. It loses its name at once where the system allows that, so that nothing is left behind however
 * the process ends. @throws the error of the file system.
 */
export function openSpillFile(folder: string): SpillFile {
  const file = join(folder, `thawproof-${randomUUID()}.frontier`)
  const fd = openSync(file, 'wx+')
  tryRemove(file)
  const free: number[] = []
  let places = 0
  const bytesOf = (block: Int32Array): Uint8Array => new Uint8Array(block.buffer, block.byteOffset, block.byteLength)
  return {
    write: (block) => {
      const place = free.at(-1) ?? places
      const bytes = bytesOf(block)
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at, place * bytes.length + at)
      if (free.length > 0) free.pop()
      else places++
      return place
    },
    read: (place, into) => {
      const bytes = bytesOf(into)
      for (let at = 0; at < bytes.length;) {
        const read = readSome(fd, bytes, at, place * bytes.length + at)
        if (read === 0) throw new Unreadable(`the frontier in ${folder} was truncated by somebody`)
        at += read
      }
      free.push(place)
    },
    close: () => {
      closeSync(fd)
      tryRemove(file)
    },
  }
}

function readSome(fd: number, into: Uint8Array, at: number, position: number): number {
  try {
    return readSync(fd, into, at, into.length - at, position)
  } catch (cause) {
    throw new Unreadable(`the frontier could not be read back: ${(cause as Error).message}`, { cause })
  }
}

/** Some systems do not remove a file that is open. */
function tryRemove(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    return
  }
}
