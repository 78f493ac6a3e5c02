/** The hunt for disagreement, with fixed seeds: fixpoint, verifier, resumed search and several threads. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { examine, hunt } from './fuzz.js'
import { descriptions } from './random-models.js'

describe('random models', () => {
  it('are the same to every way of searching them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'thawproof-'))
    let examined = 0
    for (const faults of [true, false])
      await fc.assert(
        fc.asyncProperty(descriptions(faults), fc.nat(), async (subject, pick) => {
          if (await examine(subject, pick, folder, pick % 50 === 0 ? 3 : 1)) examined++
        }),
        { seed: 77, numRuns: 80 },
      )
    rmSync(folder, { recursive: true })
    assert(examined > 80, `only ${examined} models were examined`)
  })

  it('are the same with a seed of today, and what is planted in them is found', async function () {
    // The last case that is begun in time may be a large one.
    this.timeout(180_000)
    const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
    this.test!.title += ` (SEED=${seed})`
    // Seeds that were not tried before, each time; `npm run fuzz` goes on for as long as it is given.
    const { models, planted, cancelled, together } = await hunt({ seconds: 15, cases: Infinity }, seed)
    assert(Math.min(models, planted, cancelled, together) > 0, 'something was not looked at')
  })
})
