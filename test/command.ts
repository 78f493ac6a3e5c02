/** The command line as it was built, run as a user runs it: in a folder of its own, with its cache there, and without colours. */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What is run; `npm test` builds it. */
export const bin = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))

/** What is typed is run with these variables. */
export const environmentIn = (folder: string): NodeJS.ProcessEnv => ({
  ...process.env,
  NO_COLOR: '1',
  XDG_CACHE_HOME: join(folder, 'cache'),
})

/** What came of a command. */
export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs a command in a folder, with a text as its standard input. */
export function thawproof(folder: string, args: readonly string[], input?: string | Buffer): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: environmentIn(folder),
    input,
  })
  return { code: status, out: stdout, err: stderr }
}
