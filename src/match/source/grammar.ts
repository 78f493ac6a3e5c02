/** The parser of C: tree-sitter and its grammar, both WebAssembly, loaded once. */

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Language, Parser, type Tree } from 'web-tree-sitter'

/** How long one piece of a file may take to parse, in milliseconds. */
const patience = 2000

/** Parses C; made by {@link loadGrammar}. */
export class Grammar {
  constructor(private readonly parser: Parser) {}

  /** The tree of a text, to be deleted after use; undefined if it takes longer than two seconds. */
  parse(text: string): Tree | undefined {
    const end = performance.now() + patience
    // Declared as returning nothing; what it returns is whether to stop.
    const late = (() => performance.now() > end) as () => void
    const tree = this.parser.parse(text, undefined, { progressCallback: late })
    if (tree === null) this.parser.reset()
    return tree ?? undefined
  }
}

let loaded: Promise<Grammar> | undefined

/** Loads the grammar; some twenty milliseconds, the first time. */
export function loadGrammar(): Promise<Grammar> {
  return (loaded ??= load())
}

async function load(): Promise<Grammar> {
  await Parser.init()
  const language = await Language.load(await readFile(grammarFile()))
  const parser = new Parser()
  parser.setLanguage(language)
  return new Grammar(parser)
}

/** The file beside this one, where the package is built; else that of the development dependency. */
function grammarFile(): string | URL {
  const built = new URL('tree-sitter-c.wasm', import.meta.url)
  return existsSync(built) ? built : createRequire(import.meta.url).resolve('tree-sitter-c/tree-sitter-c.wasm')
}
