/** A tree with patches laid over it: what was written is read back, nothing reaches the tree itself. */

import type { Tree } from '../source/tree.js'

/** A tree that can be written to without changing what is below. */
export class Overlay implements Tree {
  /** A file that was deleted is there, as undefined. */
  private readonly files = new Map<string, string | undefined>()

  constructor(private readonly below: Tree) {}

  get name(): string {
    return this.below.name
  }

  readonly text = (path: string): string | undefined =>
    this.files.has(path) ? this.files.get(path) : this.below.text(path)

  write(path: string, text: string): void {
    this.files.set(path, text)
  }

  remove(path: string): void {
    this.files.set(path, undefined)
  }

  /** The tree as it is now: what is written from here on does not reach it. */
  now(): Tree {
    const copy = new Overlay(this.below)
    for (const [path, text] of this.files) copy.files.set(path, text)
    return copy
  }
}
