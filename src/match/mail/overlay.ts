/** A tree with patches laid over it: what was written is read back, nothing reaches the tree itself. */

/** Source files by their path from the top. */
export interface Tree {
  /** What a reader calls it: a folder, a release, a commit. */
  readonly name: string
  /** The text of a file; undefined if there is none. */
  text(path: string): string | undefined
}

/** A tree that can be written to without changing what is below. */
export class Overlay implements Tree {
  /** A file that was deleted is there, as undefined. */
  private readonly files = new Map<string, string | undefined>()

  constructor(private readonly below: Tree) {}

  get name(): string {
    return this.below.name
  }

  text(path: string): string | undefined {
    return this.files.has(path) ? this.files.get(path) : this.below.text(path)
  }

  write(path: string, text: string): void {
    this.files.set(path, text)
  }

  remove(path: string): void {
    this.files.set(path, undefined)
  }
}
