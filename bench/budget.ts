/**
 * What it costs to have V8 optimise generated code early or late: `npm run bench:budget [-- PROTOCOL…]` prints, for each protocol and
 * each `--interrupt-budget`, the CPU seconds of `check --no-cache --workers 1`, process start included: the median of three rounds.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** V8's own, and multiples of it. */
const budgets = [132_000, 264_000, 528_000, 1_056_000] as const
const rounds = 3
const protocols = process.argv.length > 2 ? process.argv.slice(2) : ['pm-core', 'freezer']

const program = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'thawproof-budget-'))

/** What is loaded before the program, so that the budget it chooses is another. */
function choosing(budget: number): string {
  const file = join(folder, `${budget}.cjs`)
  const text = `const v8 = require('node:v8'), set = v8.setFlagsFromString
v8.setFlagsFromString = () => set('--interrupt-budget=${budget}')
require('node:module').syncBuiltinESMExports()
if (require('node:worker_threads').isMainThread) process.on('exit', () => { const { user, system } = process.cpuUsage(); process.stderr.write('CPU ' + (user + system) / 1e6 + '\\n') })`
  writeFileSync(file, text)
  return file
}

/** CPU seconds of one check. */
function measure(protocol: string, hook: string): number {
  const given = ['--require', hook, program, 'check', protocol, '--no-cache', '--workers', '1']
  const { status, stderr } = spawnSync(process.execPath, given, { encoding: 'utf8' })
  const found = /^CPU ([\d.]+)$/m.exec(stderr)
  if (status !== 0 || !found) throw new Error(`check ${protocol} ended with ${status}: ${stderr}`)
  return Number(found[1])
}

const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!

const hooks = budgets.map(choosing)
process.stdout.write(`| protocol | ${budgets.join(' | ')} |\n|---|${budgets.map(() => '--:|').join('')}\n`)
for (const protocol of protocols) {
  const taken = Array.from({ length: rounds }, () => hooks.map((hook) => measure(protocol, hook)))
  const row = hooks.map((_, i) => median(taken.map((round) => round[i]!)).toFixed(1))
  process.stdout.write(`| ${protocol} | ${row.join(' | ')} |\n`)
}
rmSync(folder, { recursive: true })
