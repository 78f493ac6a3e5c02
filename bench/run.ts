/**
 * The benchmark: the compiled search beside the naive form and, where installed, SPIN and Rumur, on the same protocols in one run.
 * `npm run bench [-- --times 3] [--quick] [--only 'freeze N=3 Q=2']`; writes bench/RESULTS.md, in which what was not measured
 * this time stays as it is. Equal counts of states prove that it is the same work.
 */

import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

interface Instance {
  readonly protocol: string
  readonly parameters: Readonly<Record<string, number>>
  readonly naive?: boolean
  /** Too long for a quick run. */
  readonly long?: boolean
  /** Minutes and gigabytes: measured only if asked for by its whole name, once, and not beside peers. */
  readonly huge?: boolean
}

interface Result {
  readonly states: number
  readonly transitions: number
  /** Of the search alone: by the clock, and of all its threads. */
  readonly seconds: number
  readonly cpu?: number
  /** From source file to verdict, compilers and process start included. */
  readonly total: number
  /** Peak memory; for Node, its growth by the search. */
  readonly bytes: number
  /** Of ours: how long the search stood still, at most, while a table grew, in seconds. */
  readonly pause?: number
}

type Contender = (instance: Instance, folder: string) => Promise<Result>

/** What is measured is what users run: compiled JavaScript. */
const compiled = fileURLToPath(new URL('.', import.meta.url))

const here = fileURLToPath(new URL('../../bench', import.meta.url))

const instances: readonly Instance[] = [
  { protocol: 'freeze', parameters: { N: 3, Q: 1 }, naive: true },
  { protocol: 'freeze', parameters: { N: 2, Q: 6 } },
  { protocol: 'philosophers', parameters: { N: 8 } },
  { protocol: 'philosophers', parameters: { N: 10 } },
  { protocol: 'freeze', parameters: { N: 3, Q: 2 }, long: true },
  { protocol: 'freeze', parameters: { N: 3, Q: 4 }, huge: true },
]

const { values: options } = parseArgs({
  options: {
    times: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
})

/** Runs a command to its end; seconds by the clock, peak resident bytes by a look every few milliseconds. */
function run(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<{ out: string; seconds: number; bytes: number }> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let bytes = 0
    const look = setInterval(() => (bytes = Math.max(bytes, peakOf(child.pid!))), 10)
    child.stdout.on('data', (data: Buffer) => (out += data.toString()))
    child.stderr.on('data', (data: Buffer) => (out += data.toString()))
    child.on('error', reject)
    child.on('close', (code) => {
      clearInterval(look)
      if (code === 0) resolve({ out, seconds: (performance.now() - began) / 1000, bytes })
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}\n${out}`))
    })
  })
}

function peakOf(pid: number): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kilobytes ?? 0) * 1024
  } catch {
    return 0 // it has just ended, or this is not Linux
  }
}

function found(pattern: RegExp, text: string): number {
  const [, digits] = pattern.exec(text) ?? []
  if (digits === undefined) throw new Error(`no ${String(pattern)} in:\n${text}`)
  return Number(digits)
}

const naive: Contender = async (instance) => await searching('naive', instance)

/** Never proves anything, so there is no verdict to wait for. */
const fingerprints: Contender = async (instance) => ({ ...(await searching('fingerprints', instance)), total: NaN })

/** The search in a process of its own; and what a user waits for, from a TypeScript file to the verdict on the terminal. */
const ours =
  (workers: string): Contender =>
  async (instance, folder) => {
    const search = await searching(workers, instance)
    return { ...search, total: instance.huge ? NaN : await checking(workers, instance, folder, search) }
  }

async function searching(form: string, { protocol, parameters }: Instance): Promise<Result> {
  const args = [join(compiled, 'measure.js'), form, protocol, JSON.stringify(parameters)]
  const { out, seconds } = await run(process.execPath, args, here)
  return { ...(JSON.parse(out) as Result), total: seconds }
}

/** Seconds of `thawproof check FILE`. */
async function checking(workers: string, instance: Instance, folder: string, expected: Result): Promise<number> {
  const { protocol, parameters } = instance
  const source = readFileSync(join(here, `${protocol}.ts`), 'utf8')
  writeFileSync(join(folder, `${protocol}.ts`), source.replace("'../src/index.js'", "'thawproof'"))
  const chosen = Object.entries(parameters).flatMap(([name, value]) => ['-p', `${name}=${value}`])
  const args = ['check', `./${protocol}.ts`, ...chosen, '--workers', workers, '--no-cache']
  const { out, seconds } = await run(process.execPath, [join(compiled, '../src/cli/main.js'), ...args], folder)
  if (!out.includes('all claims met') || !out.includes(whole(expected.states))) throw new Error(out)
  return seconds
}

const spin: Contender = async ({ protocol, parameters }, folder) => {
  const defines = Object.entries(parameters).map(([name, value]) => `-D${name}=${value}`)
  const generated = await run('spin', ['-a', ...defines, join(here, 'peers', `${protocol}.pml`)], folder)
  const options = ['-w', '-O2', '-DNOREDUCE', '-DSAFETY', '-DMEMLIM=12000', '-o', 'pan', 'pan.c']
  const compiled = await run('cc', options, folder)
  // The stack is allocated at once: the smallest that suffices is best, and the vain attempts are not counted.
  let depth = 1_000_000
  let last = await run(join(folder, 'pan'), [`-m${depth}`], folder)
  while (last.out.includes('max search depth too small'))
    last = await run(join(folder, 'pan'), [`-m${(depth *= 2)}`], folder)
  const { out, seconds, bytes } = last
  if (found(/errors: (\d+)/, out) !== 0) throw new Error(out)
  const states = found(/(\d+) states, stored/, out)
  // SPIN counts the step into the initial state.
  const transitions = found(/(\d+) transitions/, out) - 1
  return { states, transitions, seconds, total: generated.seconds + compiled.seconds + seconds, bytes }
}

const rumur: Contender = async ({ protocol, parameters }, folder) => {
  const source = readFileSync(join(here, 'peers', `${protocol}.m`), 'utf8')
  const sized = Object.entries(parameters).reduce(
    (text, [name, value]) => text.replace(new RegExp(`^const ${name}: \\d+;`, 'm'), `const ${name}: ${value};`),
    source,
  )
  writeFileSync(join(folder, 'model.m'), sized)
  const generated = await run('rumur', ['--threads', '1', 'model.m', '-o', 'model.c'], folder)
  const compiled = await run(
    'cc',
    ['-w', '-O3', '-march=native', '-mcx16', '-o', 'model', 'model.c', '-lpthread'],
    folder,
  )
  const { out, seconds, bytes } = await run(join(folder, 'model'), [], folder)
  if (!out.includes('No error found')) throw new Error(out)
  const total = generated.seconds + compiled.seconds + seconds
  const states = found(/Explored:\s+(\d+) states/, out)
  return { states, transitions: found(/Explored:\s+\d+ states, (\d+) rules/, out), seconds, total, bytes }
}

function version(command: string, args: readonly string[]): string | undefined {
  try {
    const said = execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    return said.split('\n')[0]!.trim()
  } catch {
    return undefined
  }
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!

function medians(results: readonly Result[]): Result {
  const { states, transitions } = results[0]!
  const of = (key: 'seconds' | 'total' | 'bytes' | 'cpu'): number => median(results.map((result) => result[key] ?? NaN))
  return { states, transitions, seconds: of('seconds'), total: of('total'), bytes: of('bytes'), cpu: of('cpu') }
}

const whole = (n: number): string => n.toLocaleString('en-US')
const rate = ({ transitions, seconds }: Result): number => transitions / seconds

const spelled = ({ protocol, parameters }: Instance): string =>
  [protocol, ...Object.entries(parameters).map(([key, value]) => `${key}=${value}`)].join(' ')

function row(name: string, instance: Instance, all: readonly Result[], first: Result): string {
  const result = medians(all)
  const cells = [
    spelled(instance),
    name,
    whole(result.states),
    whole(result.transitions),
    `${(rate(result) / 1e6).toFixed(2)} M`,
    (rate(first) / rate(result)).toFixed(2),
    result.seconds.toFixed(2),
    Number.isNaN(result.cpu) ? '' : result.cpu!.toFixed(2),
    Number.isNaN(result.total) ? '' : result.total.toFixed(2),
    (result.bytes / 2 ** 20).toFixed(0),
    (result.bytes / result.states).toFixed(1),
    all.length,
  ]
  return `| ${cells.join(' | ')} |`
}

async function compare(
  instance: Instance,
  contenders: ReadonlyMap<string, Contender>,
  times: number,
): Promise<string[]> {
  const results = new Map<string, Result[]>()
  // Rounds, not blocks: whatever else the machine does falls on all of them alike.
  for (let round = 0; round < times; round++)
    for (const [name, contender] of contenders) {
      if (instance.huge && (round > 0 || !['thawproof', 'fingerprints'].includes(name))) continue
      if (name === 'naive' && (!instance.naive || round > 0)) continue
      // It takes minutes where others take seconds.
      if (name === 'Rumur' && instance.long && round > 0) continue
      const folder = mkdtempSync(join(tmpdir(), 'bench-'))
      try {
        results.set(name, [...(results.get(name) ?? []), await contender(instance, folder)])
      } finally {
        rmSync(folder, { recursive: true })
      }
    }
  const first = medians(results.get('thawproof')!)
  for (const [name, [one]] of results)
    if (one!.states !== first.states || one!.transitions !== first.transitions)
      throw new Error(`${name} found ${one!.states} states, ${one!.transitions} transitions: not the same work`)
  for (const [name, all] of results)
    if (all[0]!.pause) process.stdout.write(`${name}: stood still for ${Math.max(...all.map((one) => one.pause!))} s\n`)
  return [...results].map(([name, all]) => row(name, instance, all, first))
}

const spinVersion = version('spin', ['-V'])
const rumurVersion = version('rumur', ['--version'])
const contenders = new Map<string, Contender>([
  ['thawproof', ours('1')],
  ['2 threads', ours('2')],
])
contenders.set('fingerprints', fingerprints)
contenders.set('naive', naive)
if (spinVersion) contenders.set('SPIN', spin)
if (rumurVersion) contenders.set('Rumur', rumur)

const machine = `${cpus().length} × ${cpus()[0]!.model}, ${Math.round(totalmem() / 2 ** 30)} GiB`
const versions = [`Node ${process.version}`, spinVersion, rumurVersion, version('cc', ['--version'])].filter(Boolean)
const results = join(here, 'RESULTS.md')

/** The rows of an instance as they were measured before. */
function before(instance: Instance): string[] {
  return written()
    .table.split('\n')
    .filter((line) => line.startsWith(`| ${spelled(instance)} |`))
}

/** The file as it is: its table with what introduces it, and what is said below by hand. */
function written(): { readonly table: string; readonly remarks: string } {
  const text = existsSync(results) ? readFileSync(results, 'utf8') : ''
  const at = text.indexOf('\n## ')
  return at < 0 ? { table: text, remarks: '' } : { table: text.slice(0, at), remarks: text.slice(at) }
}

const rows: string[] = []
for (const instance of instances) {
  const name = spelled(instance)
  const wanted = instance.huge
    ? options.only === name
    : !(instance.long && options.quick) && name.includes(options.only)
  const lines = wanted ? await compare(instance, contenders, Number(options.times)) : before(instance)
  rows.push(...lines)
  if (wanted) process.stdout.write(`${lines.join('\n')}\n`)
}

writeFileSync(
  results,
  `# Benchmark

\`npm run bench\` measures in rounds and gives the median of each figure. All rows of an instance come from one run. Equal counts are the
proof that it is the same work; only ratios within a run mean anything.

${machine}; ${versions.join('; ')}.

- *thawproof*: one thread, invariants and deadlock watched, ways back to the initial state kept; compiled JavaScript, as it is installed.
- *2 threads*: the same, shared by two threads once it has taken a quarter of a second.
- *fingerprints*: one thread, \`--fingerprints\`: 64 bits of each state; never exact.
- *naive*: immer, states as JSON strings in a Set, nothing watched; one run.
- *SPIN*: \`-O2 -DNOREDUCE -DSAFETY\`, default depth-first search. *Rumur*: one thread, \`-O3 -march=native\`.
- *ratio*: transitions per second of thawproof to those of the row. *search s*: by the clock; *CPU s*: of all threads of the search, their
  start included. *total s*: from source file to verdict, as a user waits for it: for thawproof \`thawproof check FILE.ts\`, for the others
  code generation, compiler and checker; process start included. *MB*: peak resident memory; for thawproof and naive its growth during
  the search. *rounds*: how often it was measured. An empty cell was not measured.

| instance | checker | states | transitions | transitions/s | ratio | search s | CPU s | total s | MB | bytes/state | rounds |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
${rows.join('\n')}
${written().remarks}`,
)
