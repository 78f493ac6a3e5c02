/** A tree of source files: a folder, or whatever else can hand out the text of a path. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { Mistake } from '../../write/mistake.js'
import { CFile } from './c-file.js'
import type { Grammar } from './grammar.js'
import type { Configuration } from './pieces.js'

/** Texts by path; paths are those that origins name, from the top of the tree, with slashes. */
export interface Tree {
  readonly name: string
  /** The text of a file, or undefined if there is none. */
  readonly text: (path: string) => string | undefined
}

/** The tree in a folder. @throws Mistake if it is no folder. */
export function treeAt(folder: string): Tree {
  const root = resolve(folder)
  if (!existsSync(root)) throw new Mistake(`--tree ${folder}`, 'does not exist', 'name the top folder of a source tree')
  if (!statSync(root).isDirectory())
    throw new Mistake(`--tree ${folder}`, 'is no folder', 'name the top folder of a source tree')
  return {
    name: folder,
    text: (path) => {
      const file = resolve(root, path)
      if (relative(root, file).startsWith('..')) return undefined
      return existsSync(file) && statSync(file).isFile() ? readFileSync(join(root, path), 'utf8') : undefined
    },
  }
}

/** Reads files of trees, and keeps what it has read, by text: two trees that share a file share its reading. */
export class Library {
  private readonly files = new Map<string, CFile>()

  constructor(private readonly grammar: Grammar) {}

  /** A file of a tree, or undefined if there is none. @throws Unreadable for one that is too long. */
  file(tree: Tree, path: string, configuration: Configuration = {}): CFile | undefined {
    const text = tree.text(path)
    if (text === undefined) return undefined
    const key = `${JSON.stringify(configuration)}\0${text}`
    const known = this.files.get(key)
    if (known) return known
    const file = new CFile(this.grammar, text, configuration)
    this.files.set(key, file)
    return file
  }
}
