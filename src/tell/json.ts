/** JSON files as people write them: what is wrong with the text, and where in it a value stands. */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { findNodeAtLocation, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'
import { Mistake, type Place } from '../write/mistake.js'
import { placeIn, shownFile } from './place.js'

/** The way to a value: keys and indices. */
export type Path = readonly (string | number)[]

/** What the parser found, in words. */
const said: Readonly<Record<string, string>> = {
  InvalidSymbol: 'a word that JSON does not know',
  InvalidNumberFormat: 'a number that is none',
  PropertyNameExpected: 'a key in quotes is missing',
  ValueExpected: 'a value is missing',
  ColonExpected: 'a colon is missing',
  CommaExpected: 'a comma is missing',
  CloseBraceExpected: 'a closing brace is missing',
  CloseBracketExpected: 'a closing bracket is missing',
  EndOfFileExpected: 'something stands behind the end',
  InvalidCommentToken: 'a comment; JSON has none',
  UnexpectedEndOfString: 'a text is not closed',
}

/** The value in a JSON file. @throws Mistake with line and column for a file that is missing, not JSON, or has a key twice. */
export function parsed(file: string): unknown {
  const text = textIn(file)
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false })
  const [first] = errors
  if (first) {
    const what = said[printParseErrorCode(first.error)] ?? printParseErrorCode(first.error)
    throw new Mistake(file, `is not JSON: ${what}`, undefined, { at: at(file, text, first.offset) })
  }
  if (!tree) throw new Mistake(file, 'is not JSON: it is empty')
  refuseTwice(file, text, tree)
  return JSON.parse(text)
}

/** Where a value stands in a file, or its key: for a message about it. Undefined where it does not. */
export function placeAt(file: string, path: Path, part: 'key' | 'value' = 'value'): Place | undefined {
  const text = textIn(file)
  const tree = parseTree(text)
  const found = tree && findNodeAtLocation(tree, [...path])
  const node = part === 'key' && found?.parent?.type === 'property' ? found.parent : found
  return node && at(file, text, node.offset)
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Mistake(file, `cannot be read (${(cause as NodeJS.ErrnoException).code})`, undefined, { cause })
  }
}

function refuseTwice(file: string, text: string, node: Node): void {
  const seen = new Set<unknown>()
  for (const child of node.children ?? []) {
    const [key] = child.children ?? []
    if (child.type === 'property' && key) {
      if (seen.has(key.value))
        throw new Mistake(file, `the key '${key.value}' is there twice`, 'only the last would count: keep one', {
          at: at(file, text, key.offset),
        })
      seen.add(key.value)
    }
    refuseTwice(file, text, child)
  }
}

function at(file: string, text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n')
  return placeIn(shownFile(resolve(file)), text, { line: before.length, column: before.at(-1)!.length + 1 })
}
