/** Files written whole or not at all. */

import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { Mistake } from '../write/mistake.js'

/**
 * Writes a file beside its final place and moves it there, so that a full disk or a kill leaves the old one as it was.
 * @throws Mistake if it cannot be written.
 */
export function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}.tmp`
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
