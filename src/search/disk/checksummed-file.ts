/** Sealed files: named sections with checksums, replaced at once or not at all. */

import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { Mistake } from '../../write/mistake.js'

/** What a section holds: bytes, or words that may lie in shared memory. */
export type Section = Uint8Array | Int32Array | Uint32Array | Float64Array

interface Footer {
  readonly head: unknown
  readonly sections: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[]
}

const opening = Buffer.from('thawproof checkpoint 1\n')
const closing = Buffer.from('\nsealed\n')

/** Length of the footer's checksum and of its own length, in front of the closing words. */
const tail = 32 + 4 + closing.length

/** Bytes that are hashed and written at a time. */
const piece = 1 << 24

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

/**
 * Writes a file under a temporary name, flushes it to disk and gives it its name; whatever had that name is intact until
 * then. `head` must be plain JSON. @throws the error of the file system; nothing is left behind then.
 */
export function writeChecksummed(
  file: string,
  head: unknown,
  sections: Iterable<readonly [name: string, section: Section]>,
): void {
  const draft = `${file}.${process.pid}.part`
  const fd = openSync(draft, 'w')
  try {
    try {
      writeAll(fd, opening)
      const written = Array.from(sections, ([name, section]) => ({ name, ...writeSection(fd, section) }))
      const footer = Buffer.from(JSON.stringify({ head, sections: written } satisfies Footer))
      const length = Buffer.alloc(4)
      length.writeUInt32LE(footer.length)
      writeAll(fd, Buffer.concat([footer, sha256(footer), length, closing]))
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(draft, file)
    syncFolder(dirname(file))
  } catch (cause) {
    rmSync(draft, { force: true })
    throw cause
  }
}

/** Makes the new name of a file last; not every system lets a folder be opened. */
function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, 'r')
    fsyncSync(fd)
    closeSync(fd)
  } catch {
    return
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at)
}

function writeSection(fd: number, section: Section): { bytes: number; sha256: string } {
  const bytes = new Uint8Array(section.buffer, section.byteOffset, section.byteLength)
  const hash = createHash('sha256')
  for (let at = 0; at < bytes.length; at += piece) {
    // A copy: neither hashing nor writing takes shared memory everywhere.
    const part = Uint8Array.prototype.slice.call(bytes, at, at + piece) as Uint8Array
    const plain = Buffer.from(part)
    hash.update(plain)
    writeAll(fd, plain)
  }
  return { bytes: bytes.length, sha256: hash.digest('hex') }
}

/** A sealed file, opened and checked as far as its footer. */
export interface ChecksummedFile {
  readonly head: unknown
  /** Reads a section into an array of exactly its size. @throws Mistake if it is missing, of another size, or damaged. */
  readonly into: (name: string, section: Section) => void
  /** Bytes of a section. @throws Mistake if it is missing. */
  readonly bytesOf: (name: string) => number
  readonly close: () => void
}

/** Opens a sealed file. @throws Mistake that says what is wrong with it. */
export function openChecksummed(file: string): ChecksummedFile {
  const wrong = (what: string): Mistake =>
    new Mistake(`checkpoint ${file}`, what, 'take an earlier copy of it, or start again without --continue')
  const { footer, start } = footerOf(file, wrong)
  const places = new Map<string, { from: number; bytes: number; sha256: string }>()
  let from = start
  for (const { name, bytes, sha256: sum } of footer.sections) {
    places.set(name, { from, bytes, sha256: sum })
    from += bytes
  }
  const fd = openSync(file, 'r')
  const placeOf = (name: string): { from: number; bytes: number; sha256: string } => {
    const place = places.get(name)
    if (!place) throw wrong(`has no section '${name}'`)
    return place
  }
  return {
    head: footer.head,
    bytesOf: (name) => placeOf(name).bytes,
    close: () => closeSync(fd),
    into: (name, section) => {
      const place = placeOf(name)
      if (place.bytes !== section.byteLength)
        throw wrong(`section '${name}' has ${place.bytes} bytes, not ${section.byteLength}`)
      const target = new Uint8Array(section.buffer, section.byteOffset, section.byteLength)
      const hash = createHash('sha256')
      const part = Buffer.alloc(Math.min(piece, place.bytes))
      for (let at = 0; at < place.bytes;) {
        const read = readSync(fd, part, 0, Math.min(part.length, place.bytes - at), place.from + at)
        if (read === 0) throw wrong('is truncated')
        hash.update(part.subarray(0, read))
        target.set(part.subarray(0, read), at)
        at += read
      }
      if (hash.digest('hex') !== place.sha256) throw wrong(`is damaged: the checksum of section '${name}' does not fit`)
    },
  }
}

function footerOf(file: string, wrong: (what: string) => Mistake): { footer: Footer; start: number } {
  let size: number
  let fd: number
  try {
    size = statSync(file).size
    fd = openSync(file, 'r')
  } catch (cause) {
    throw new Mistake(`checkpoint ${file}`, `cannot be read: ${(cause as Error).message}`, undefined, { cause })
  }
  try {
    const bytes = (from: number, length: number): Buffer => {
      const part = Buffer.alloc(length)
      if (from < 0 || readSync(fd, part, 0, length, from) !== length) throw wrong('is truncated')
      return part
    }
    if (!bytes(0, opening.length).equals(opening)) throw wrong('is not a checkpoint of this version of thawproof')
    const last = bytes(size - tail, tail)
    if (!last.subarray(36).equals(closing)) throw wrong('is truncated')
    const length = last.readUInt32LE(32)
    const footer = bytes(size - tail - length, Math.min(length, size))
    if (!sha256(footer).equals(last.subarray(0, 32))) throw wrong('is damaged: the checksum of its footer does not fit')
    const parsed = JSON.parse(footer.toString()) as Footer
    const held = parsed.sections.reduce((sum, section) => sum + section.bytes, opening.length)
    if (held !== size - tail - length) throw wrong('is damaged: its sections do not add up')
    return { footer: parsed, start: opening.length }
  } finally {
    closeSync(fd)
  }
}
