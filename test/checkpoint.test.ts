/** A search that was interrupted goes on and ends as if it had not been; a bad checkpoint is refused. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { explore, type SearchOptions } from '../src/search/explore.js'
import type { Graph } from '../src/search/graph.js'
import { Mistake } from '../src/write/mistake.js'
import { follow, type Order } from './workers-system.js'

/** How often the search is killed; more by `KILLS=50 npx mocha test/checkpoint.test.ts`. */
const kills = Number(process.env.KILLS ?? 3)

const small: Order = { N: 2, Q: 2 }

function search(options: SearchOptions, order: Order = small): Promise<Graph> {
  const { system, watch } = follow(order)
  const recipe = { module: new URL('./workers-system.js', import.meta.url).href, argument: order }
  return explore(system, watch, { keepEdges: true, helpFrom: 50, recipe, ...options })
}

function told({ states, transitions, depth, expanded, cut, edges, expander }: Graph): unknown {
  const { parents } = expander.store
  const flat = [edges!.first.flat(), edges!.target.flat(), edges!.by.flat()]
  return { states, transitions, depth, expanded, cut, findings: expander.findings, parents: parents.all(), flat }
}

describe('a checkpoint', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'thawproof-'))
    file = join(folder, 'search')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('lets a search go on, wherever it was cut, with any number of threads', async () => {
    const whole = told(await search({}))
    const cuts = fc.integer({ min: 1, max: 99_000 })
    await fc.assert(
      fc.asyncProperty(cuts, fc.constantFrom(1, 2), async (maxStates, workers) => {
        rmSync(file, { force: true })
        const begun = await search({ maxStates, checkpoint: { file, resume: false }, workers })
        assert.equal(begun.cut?.limit, 'states')
        assert.deepEqual(told(await search({ checkpoint: { file, resume: true } })), whole)
        assert.deepEqual(readdirSync(folder), [], 'a complete search leaves nothing behind')
      }),
      { numRuns: 5, seed: 20 },
    )
  })

  it('survives being killed at any instant', async () => {
    const child = (resume: string): Promise<string | undefined> =>
      new Promise((resolve, reject) => {
        const program = fileURLToPath(new URL('./killed.ts', import.meta.url))
        const process_ = spawn(process.execPath, ['--import', 'tsx', program, file, resume], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        let out = ''
        process_.stdout.on('data', (data: Buffer) => (out += data.toString()))
        process_.on('error', reject)
        process_.on('close', (code, signal) => {
          if (signal === 'SIGKILL') resolve(undefined)
          else if (code === 0) resolve(out)
          else reject(new Error(`ended with ${code}`))
        })
        // Not before the first checkpoint, and then at any time.
        const killer = setInterval(() => {
          if (left === 0 || !existsSync(file)) return
          clearInterval(killer)
          setTimeout(
            () => process_.kill('SIGKILL'),
            fc.sample(fc.integer({ min: 0, max: 400 }), { seed: left, numRuns: 1 })[0],
          )
          left--
        }, 5)
        process_.on('close', () => clearInterval(killer))
      })
    let left = 0
    const undisturbed = await child('anew')
    let ended: string | undefined
    for (left = kills; (ended = await child('resume')) === undefined;) assert.ok(left >= 0)
    assert.equal(left, 0)
    assert.equal(ended, undisturbed)
  }).timeout(60_000 + kills * 5_000)

  it('is refused when it is damaged, truncated, or of something else', async () => {
    await search({ maxStates: 5_000, checkpoint: { file, resume: false } })
    const bytes = readFileSync(file)
    const broken = join(folder, 'broken')
    const refused = (pattern: RegExp, options: SearchOptions = {}, order: Order = small): Promise<void> =>
      assert.rejects(
        search({ checkpoint: { file: broken, resume: true }, ...options }, order),
        (cause) => cause instanceof Mistake && cause.where === `checkpoint ${broken}` && pattern.test(cause.message),
      )
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 7 }), async (at, bit) => {
        const copy = Buffer.from(bytes)
        copy[at]! ^= 1 << bit
        writeFileSync(broken, copy)
        await refused(/damaged|truncated|not a checkpoint/)
      }),
      { numRuns: 40, seed: 7 },
    )
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), async (length) => {
        copyFileSync(file, broken)
        truncateSync(broken, length)
        await refused(/truncated|not a checkpoint/)
      }),
      { numRuns: 10, seed: 7 },
    )
    copyFileSync(file, broken)
    await refused(/its parameters or its patches have changed/, {}, { N: 2, Q: 3 })
    await refused(/was made for other properties/, { keepEdges: false })
  })

  it('that cannot be written is told, and the search goes on', async () => {
    const failures: string[] = []
    const nowhere = join(folder, 'missing', 'search')
    const checkpoint = { file: nowhere, resume: false, every: 0, onFailure: (what: string) => failures.push(what) }
    const graph = await search({ maxStates: 90_000, checkpoint })
    assert.equal(graph.cut?.limit, 'states')
    assert.match(failures[0]!, /could not be written: ENOENT/)
  })
})
