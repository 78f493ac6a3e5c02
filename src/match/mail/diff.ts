/** The diff in a message: which files it changes and how, with hunks whose counts are right. */

import { parsePatch, type StructuredPatch, type StructuredPatchHunk } from 'diff'
import { Mistake } from '../../write/mistake.js'

/** A hunk: `lines` begin with a blank, `+`, `-`, or with a backslash where a file has no newline at its end. */
export type Hunk = StructuredPatchHunk

/** What a patch does to one file; paths are from the top of the tree. */
export interface FilePatch {
  readonly kind: 'change' | 'create' | 'delete' | 'rename' | 'copy'
  readonly from: string | null
  readonly to: string | null
  /** Binary contents are not in a patch in a form that is applied here. */
  readonly binary: boolean
  /** `100644 → 100755`; null if it stays. */
  readonly mode: string | null
  readonly hunks: readonly Hunk[]
}

/** A stretch of lines of a body: one file of a diff. */
interface Piece {
  readonly line: number
  readonly lines: string[]
  binary: boolean
}

/**
 * The files that the diff in a body changes, in order; none if there is no diff. Text before, between and behind is passed
 * over, quoted diffs too. Linear in the length of the body.
 * @param place what errors call the message. @throws Mistake for a hunk that is cut off or was damaged on its way.
 */
export const filesOf = (body: string, place: string): readonly FilePatch[] =>
  new Scan(body.split('\n'), place).pieces().map((piece) => fileOf(piece, place))

/** Finds the pieces by counting the lines of each hunk: a signature begins like a line that is taken away. */
class Scan {
  private at = 0
  private readonly found: Piece[] = []

  constructor(
    private readonly lines: readonly string[],
    private readonly place: string,
  ) {}

  pieces(): readonly Piece[] {
    while (this.at < this.lines.length) {
      if (this.isGit()) this.git()
      else if (this.isPlain()) this.plain()
      else this.at++
    }
    return this.found
  }

  private readonly line = (ahead = 0): string => this.lines[this.at + ahead] ?? ''

  private isGit(): boolean {
    if (/^diff --(?:cc|combined) /.test(this.line()))
      throw new Mistake(this.spot(), 'is a merge, with two sides in each hunk', 'give the diff against one parent')
    return this.line().startsWith('diff --git ')
  }

  private isPlain(): boolean {
    return /^--- \S/.test(this.line()) && /^\+\+\+ \S/.test(this.line(1)) && /^@@ -/.test(this.line(2))
  }

  private readonly spot = (line = this.at): string => `${this.place}, line ${line + 1} of the text`

  private begin(): Piece {
    const piece = { line: this.at, lines: [] as string[], binary: false }
    this.found.push(piece)
    return piece
  }

  private take(piece: Piece, lines: number): void {
    piece.lines.push(...this.lines.slice(this.at, this.at + lines))
    this.at += lines
  }

  /** Extended headers, then perhaps names and hunks, or contents that are not text. */
  private git(): void {
    const piece = this.begin()
    this.take(piece, 1)
    while (extended.test(this.line())) {
      piece.binary ||= this.line().startsWith('Binary files ')
      this.take(piece, 1)
    }
    if (this.line() === 'GIT binary patch') this.skipBinary(piece)
    if (this.isPlain()) this.named(piece)
  }

  private plain(): void {
    this.named(this.begin())
  }

  private named(piece: Piece): void {
    this.take(piece, 2)
    while (this.line().startsWith('@@ ')) this.hunk(piece)
  }

  /** Blocks of lines, each block with an empty line behind it: forward, and perhaps back. */
  private skipBinary(piece: Piece): void {
    piece.binary = true
    this.at++
    while (/^(?:literal|delta) \d+$/.test(this.line()))
      while (this.at < this.lines.length && this.lines[this.at++] !== '');
  }

  private hunk(piece: Piece): void {
    const first = this.at
    const match = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(this.line())
    if (!match) throw new Mistake(this.spot(), `is no head of a hunk: ${this.line()}`, damaged)
    let [old, fresh] = [Number(match[1] ?? 1), Number(match[2] ?? 1)]
    let count = 1
    for (; old > 0 || fresh > 0; count++) {
      const line = this.lines[first + count]
      // The last line of a text that ends in a newline is empty, and no line.
      if (line === undefined || (line === '' && first + count === this.lines.length - 1))
        throw new Mistake(this.spot(first), `is a hunk of which ${missing(old, fresh)} missing`, 'the mail is cut off')
      const sign = line === '' ? ' ' : line[0]!
      if (!/[-+ \\]/.test(sign))
        throw new Mistake(this.spot(first + count), `is no line of a hunk: ${line.slice(0, 60)}`, damaged)
      if (sign === ' ' || sign === '-') old--
      if (sign === ' ' || sign === '+') fresh--
      if (old < 0 || fresh < 0)
        throw new Mistake(this.spot(first), 'is a hunk with other lines than its head says', damaged)
    }
    if (this.lines[first + count]?.startsWith('\\ ')) count++
    this.take(piece, count)
    const next = this.line()
    if (/^[-+]/.test(next) && !/^-- ?$/.test(next) && !/^---(?: |$)/.test(next) && !this.isPlain())
      throw new Mistake(this.spot(), `belongs to no hunk: ${next.slice(0, 60)}`, damaged)
  }
}

const extended =
  /^(?:index |old mode |new mode |new file mode |deleted file mode |rename |copy |similarity |dissimilarity |Binary files )/

const damaged = 'was the mail wrapped, or edited by hand?'

const missing = (old: number, fresh: number): string => {
  const lines = Math.max(old, fresh)
  return lines === 1 ? '1 line is' : `${lines} lines are`
}

function fileOf({ lines, line, binary }: Piece, place: string): FilePatch {
  const spot = `${place}, line ${line + 1} of the text`
  let parsed: StructuredPatch | undefined
  try {
    parsed = parsePatch(`${lines.join('\n')}\n`)[0]
  } catch (cause) {
    throw new Mistake(spot, `cannot be read as a diff: ${(cause as Error).message}`, damaged, { cause })
  }
  const { oldFileName, newFileName } = parsed ?? {}
  if (parsed === undefined || oldFileName === undefined || newFileName === undefined)
    throw new Mistake(spot, `names no file: ${lines[0]!.slice(0, 60)}`, damaged)
  const create = parsed.isCreate || oldFileName === '/dev/null'
  const remove = parsed.isDelete || newFileName === '/dev/null'
  const { oldMode, newMode } = parsed
  return {
    kind: create ? 'create' : remove ? 'delete' : parsed.isRename ? 'rename' : parsed.isCopy ? 'copy' : 'change',
    from: create ? null : pathOf(oldFileName),
    to: remove ? null : pathOf(newFileName),
    binary,
    mode: oldMode !== undefined && newMode !== undefined ? `${oldMode} → ${newMode}` : null,
    hunks: parsed.hunks,
  }
}

/** A path without the one letter that git puts before it. */
const pathOf = (name: string): string => name.replace(/^[a-z]\//, '')
