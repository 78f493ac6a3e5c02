/** Files written whole or not at all, and the folder of those that are shipped. */

import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Mistake } from '../write/mistake.js'

// Also written while code of a model runs that never ends: then there is no `process`.
const { pid } = process

/**
 * Writes a file beside its final place and moves it there, so that a full disk or a kill leaves the old one as it was.
 * @throws Mistake if it cannot be written.
 */
export function writeWhole(file: string, text: string): void {
  const draft = `${file}.${pid}.tmp`
  try {
    writeFileSync(draft, text)
    renameSync(draft, file)
  } catch (cause) {
    discard(draft)
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new Mistake(file, `cannot be written (${code})`, 'nothing was changed', { cause })
  }
}

/** What could not be written may not be there to remove. */
function discard(draft: string): void {
  try {
    rmSync(draft, { force: true })
  } catch {
    return
  }
}

/** The folder that holds `specs/`: the package's. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}
