/** The parser of C: tree-sitter and its grammar, both WebAssembly, loaded once. */

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Language, Parser, type Tree } from 'web-tree-sitter'

/**
 * How much one piece of a file may take to parse, in hundreds of the parser's operations: counted, not timed, so that the
 * same text is read or not on every machine. The largest piece of all files that are mapped, in three kernels, Xen, QEMU
 * and CRIU, takes 69 (`virtnet_probe`); ten thousand, 30,000 branches in one function, take a quarter of a second.
 */
const most = 10_000

/** Parses C; made by {@link loadGrammar}. */
export class Grammar {
  constructor(private readonly parser: Parser) {}

  /** The tree of a text, to be deleted after use; undefined if it takes more than a million operations. */
  parse(text: string): Tree | undefined {
    let hundreds = 0
    // Asked after every hundred operations. Declared as returning nothing; what it returns is whether to stop.
    const enough = (() => ++hundreds > most) as () => void
    const tree = this.parser.parse(text, undefined, { progressCallback: enough })
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
