/** The program as the extension runs it: in the folder of the workspace, by Node, to be stopped at any time. */

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resultsOf, type Results } from './results.js'

/** What ends a run early: a token of the editor, for instance. */
export interface Stop {
  onCancellationRequested(listener: () => void): unknown
}

/** Where and how it is run. */
export class Program {
  constructor(
    readonly folder: string,
    readonly file: string,
    /** The Node to run it with: not that of the editor, which is another version. */
    readonly node: string = 'node',
  ) {}

  /** What a command prints. @throws Error with what it says, if it ends as misuse (2) or by a fault (70). */
  run(args: readonly string[], stop?: Stop): Promise<string> {
    return new Promise((resolve, reject) => {
      const env = { ...process.env, NO_COLOR: '1' }
      const options = { cwd: this.folder, env, maxBuffer: 1 << 28 }
      const child = execFile(this.node, [this.file, ...args], options, (error, stdout, stderr) => {
        const code = error ? error.code : 0
        // 1: something is not as claimed; 3: a limit was hit. Both tell what was found.
        if (code === 0 || code === 1 || code === 3) resolve(stdout)
        else reject(new Error(stderr.trim() || stdout.trim() || (error?.message ?? 'it did not start')))
      })
      stop?.onCancellationRequested(() => child.kill('SIGINT'))
    })
  }

  /** Checks a file, an instance of it, or one property of that. */
  async check(target: string, stop?: Stop): Promise<Results> {
    const made = await mkdtemp(join(tmpdir(), 'thawproof-vscode-'))
    try {
      const junit = join(made, 'claims.xml')
      const json = await this.run(['check', target, '--json', '--junit', junit], stop)
      return resultsOf(await readFile(junit, 'utf8'), json)
    } finally {
      await rm(made, { recursive: true })
    }
  }

  /** The page of the explorer. */
  async page(target: string, stop?: Stop): Promise<string> {
    const made = await mkdtemp(join(tmpdir(), 'thawproof-vscode-'))
    try {
      const file = join(made, 'page.html')
      await this.run(['explore', target, '--html', file], stop)
      return await readFile(file, 'utf8')
    } finally {
      await rm(made, { recursive: true })
    }
  }
}
