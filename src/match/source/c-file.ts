/** A file of C: the functions that it defines, each read when it is asked for. */

import type { Node } from 'web-tree-sitter'
import { withoutAttributes } from './attributes.js'
import { fingerprintOf } from './fingerprint.js'
import type { Grammar } from './grammar.js'
import { withoutMacros } from './macros.js'
import { piecesOf, type Configuration, type Piece } from './pieces.js'
import { bodyOf, declaredName, parameterNames, Unreadable } from './reader.js'
import type { Statement } from './syntax.js'

/** A function that a file defines. */
export interface CFunction {
  readonly name: string
  /** First line of its head and last of its body, from 1. */
  readonly line: number
  readonly end: number
  /** Its text as it stands in the file, comments included. */
  readonly text: string
  /** Identifies its tokens, without comments and layout: see `fingerprint.ts`. */
  readonly fingerprint: string
  readonly parameters: readonly string[]
  /** Lines in it that the parser could make no sense of, and that are no macro we know how to read. */
  readonly unread: readonly number[]
  /** Its statements. @throws Unreadable if it is nested too deeply, or too large to parse. */
  readonly body: () => readonly Statement[]
}

/** Files longer than this are not read, in characters: nobody writes them by hand. */
const longestFile = 16 * 2 ** 20

/** A file, cut into pieces that are parsed when they are needed. */
export class CFile {
  private readonly pieces: readonly Piece[]
  private readonly lines: readonly string[]
  private readonly parsed = new Map<Piece, readonly CFunction[]>()
  private readonly byName = new Map<string, readonly CFunction[]>()
  /** First lines of the pieces that are too large to parse. */
  readonly tooLarge: number[] = []

  /** @throws Unreadable for a text of more than 16 million characters. */
  constructor(
    private readonly grammar: Grammar,
    text: string,
    configuration: Configuration = {},
  ) {
    if (text.length > longestFile)
      throw new Unreadable(`has ${text.length} characters; at most ${longestFile} are read`)
    const plain = text.includes('\r') ? text.replace(/\r\n?/g, (end) => (end.length === 2 ? ' \n' : '\n')) : text
    this.lines = plain.split('\n')
    this.pieces = piecesOf(withoutAttributes(plain), configuration)
  }

  /** Every function, in the order of the file; one that is defined twice, under different `#if`, is there twice. */
  functions(): readonly CFunction[] {
    return this.pieces.flatMap((piece) => this.of(piece))
  }

  /** The functions of one name; only the pieces that mention it are parsed. */
  named(name: string): readonly CFunction[] {
    const known = this.byName.get(name)
    if (known) return known
    const mention = new RegExp(`\\b${name}\\b`)
    const found = this.pieces
      .filter(({ text }) => text.includes(name) && mention.test(text))
      .flatMap((piece) => this.of(piece))
      .filter((one) => one.name === name)
    this.byName.set(name, found)
    return found
  }

  /** The functions that have a line in a range of lines, from 1, both ends included. */
  touching(first: number, last: number): readonly CFunction[] {
    return this.pieces
      .filter(({ row, text }, i) => row < last && (this.pieces[i + 1]?.row ?? row + text.split('\n').length) >= first)
      .flatMap((piece) => this.of(piece))
      .filter(({ line, end }) => line <= last && end >= first)
  }

  /** Whether the file defines a macro of that name, or a function whose name a macro pastes together and ends so: `a_ ## x ## _name(`. */
  hasMacro(name: string): boolean {
    const defined = new RegExp(`^\\s*#\\s*define\\s+${name}\\b|##\\s*_${name}\\s*\\(.*\\\\$`)
    return this.lines.some((line) => defined.test(line))
  }

  private of(piece: Piece): readonly CFunction[] {
    const known = this.parsed.get(piece)
    if (known) return known
    const found = this.read(piece)
    this.parsed.set(piece, found)
    return found
  }

  private read(piece: Piece): readonly CFunction[] {
    const tree = this.grammar.parse(withoutMacros(piece.text))
    if (!tree) {
      this.tooLarge.push(piece.row + 1)
      return []
    }
    try {
      return definitionsIn(tree.rootNode).flatMap((node) => this.functionAt(piece, node))
    } finally {
      tree.delete()
    }
  }

  private functionAt(piece: Piece, node: Node): readonly CFunction[] {
    const name = declaredName(node)
    if (name === undefined || keywords.has(name)) return []
    const line = piece.row + node.startPosition.row + 1
    const end = piece.row + node.endPosition.row + 1
    const text = this.lines.slice(line - 1, end).join('\n')
    const { grammar } = this
    let body: readonly Statement[] | undefined
    let fingerprint: string | undefined
    return [
      {
        name,
        line,
        end,
        text,
        get fingerprint() {
          return (fingerprint ??= fingerprintOf(text))
        },
        parameters: parameterNames(node),
        unread: linesUnread(node).map((row) => piece.row + row + 1),
        body: () => (body ??= reread(grammar, piece, node.startIndex)),
      },
    ]
  }
}

/** Words that stand before a parenthesis and a brace without being functions. */
const keywords = new Set(['if', 'for', 'while', 'switch', 'return', 'sizeof', 'do', 'else'])

/** Parses a piece once more, for the body of the function at a place: no tree is kept that would have to be freed. */
function reread(grammar: Grammar, piece: Piece, start: number): readonly Statement[] {
  const tree = grammar.parse(withoutMacros(piece.text))
  if (!tree) throw new Unreadable('is too large to parse')
  try {
    const node = definitionsIn(tree.rootNode).find(({ startIndex }) => startIndex === start)
    return node ? bodyOf(node, piece) : []
  } finally {
    tree.delete()
  }
}

/** The functions of a piece: at its top, or within `extern "C"`, `#if` and what could not be parsed. */
function definitionsIn(node: Node, depth = 0): readonly Node[] {
  return node.namedChildren.flatMap((child) => {
    if (child.type === 'function_definition') return [child]
    const holds = /^(preproc_(if|ifdef|else|elif)|linkage_specification|declaration_list|ERROR)$/.test(child.type)
    return holds && depth < 8 ? definitionsIn(child, depth + 1) : []
  })
}

/** Rows of errors that are more than a word too many among arguments: a type, or a macro before a string. */
function linesUnread(node: Node): readonly number[] {
  if (!node.hasError) return []
  return node
    .descendantsOfType('ERROR')
    .filter((error) => error.childCount > 0 && !amongArguments(error, node))
    .map((error) => error.startPosition.row)
}

function amongArguments(error: Node, definition: Node): boolean {
  for (let at = error.parent; at && at.id !== definition.id; at = at.parent)
    if (at.type === 'argument_list') return true
  return false
}
