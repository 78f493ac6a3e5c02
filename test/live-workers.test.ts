/** Several threads give the verdicts, the runs and the needs of one, for properties of whole runs too. */

import assert from 'node:assert/strict'
import { check, instantiate, type Verdict } from '../src/index.js'
import { recipeOf } from '../src/search/scale/origin.js'
import model, { properties } from './crew-live.js'

const module = new URL('./crew-live.ts', import.meta.url).href
const choice = { parameters: { N: 1, Q: 3 } }

async function judged(workers: number): Promise<readonly Verdict[]> {
  const recipe = recipeOf({ model: module, properties: { module, name: 'properties' } }, choice)
  const { verdicts } = await check(instantiate(model, choice), properties, { workers, recipe, helpFrom: 50 })
  return verdicts
}

/** All that is told of a verdict. */
const told = (verdicts: readonly Verdict[]): unknown =>
  verdicts.map(({ property, verdict, why, needs, run }) => ({
    property,
    verdict,
    why,
    needs,
    loop: run?.loop,
    steps: run?.steps.map(({ transition }) => transition.name),
  }))

describe('liveness with several workers', () => {
  it('finds what one finds, loops included', async () => {
    const alone = await judged(1)
    assert.deepEqual(
      alone.map(({ verdict }) => verdict),
      ['holds', 'holds', 'holds', 'violated', 'violated', 'holds'],
    )
    assert.ok(alone.some(({ run }) => run?.loop !== undefined))
    for (const workers of [2, 3]) assert.deepEqual(told(await judged(workers)), told(alone))
  })
})
