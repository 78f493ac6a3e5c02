/**
 * How long the first hour takes: packs the package, and does docs/first-driver.md in an empty folder as a newcomer would, with npm
 * itself, nothing in its cache, and npx. Prints the time from `npm install` to the first verdict, trace and fix.
 */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packed, walked } from '../test/walked.js'

const folder = mkdtempSync(join(tmpdir(), 'thawproof-first-hour-'))
try {
  const tarball = packed(folder)
  const page = readFileSync('docs/first-driver.md', 'utf8')
  const { fresh, commands } = walked(page, {
    programs: [],
    install: (into) =>
      void execFileSync('npm', ['install', '--silent', '--cache', join(folder, 'cache'), tarball], { cwd: into }),
  })
  assert.equal(fresh, page, 'the page shows something else than what is printed')
  let since = 0
  for (const [command, code, seconds] of commands) {
    since += seconds
    console.log(
      `${since.toFixed(1).padStart(6)} s  ${seconds.toFixed(1).padStart(5)} s  exit ${String(code)}  ${command}`,
    )
  }
} finally {
  rmSync(folder, { recursive: true })
}
