/** Several threads give the verdicts, the runs and the needs of one, for properties of whole runs too, and in every search. */

import assert from 'node:assert/strict'
import { check, type Verdict } from '../src/check.js'
import { instantiate, type Property } from '../src/index.js'
import { searchFor } from '../src/search/check.js'
import { explore } from '../src/search/explore.js'
import { recipeOf } from '../src/search/parallel/protocol-recipe.js'
import type { Recipe } from '../src/search/parallel/recipe.js'
import model, { properties as live } from './workers-live.js'
import { properties as own } from './workers-own.js'

/** How often threads race; more by `RACES=20 npx mocha test/live-workers.test.ts`. */
const races = Number(process.env.RACES ?? 1)

const choice = { parameters: { N: 1, Q: 3 } }

const recipeFrom = (file: string): Recipe => {
  const module = new URL(file, import.meta.url).href
  return recipeOf({ model: module, properties: { module, name: 'properties' } }, choice)
}

async function judged(
  workers: number,
  properties: readonly Property[],
  recipe: Recipe,
  batch = 8192,
): Promise<readonly Verdict[]> {
  const { verdicts } = await check(instantiate(model, choice), properties, { workers, recipe, helpFrom: 10, batch })
  return verdicts
}

/** Whatever the number of threads and the size of their batches, and however often they race, they tell what one tells. */
async function race(properties: readonly Property[], recipe: Recipe, alone: readonly Verdict[]): Promise<void> {
  for (let again = 0; again < races; again++)
    for (const [workers, batch] of [
      [2, 8192],
      [4, 100],
    ] as const)
      assert.deepEqual(told(await judged(workers, properties, recipe, batch)), told(alone))
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
    const recipe = recipeFrom('./workers-live.js')
    const alone = await judged(1, live, recipe)
    assert.deepEqual(
      alone.map(({ verdict }) => verdict),
      ['holds', 'holds', 'holds', 'violated', 'violated', 'holds'],
    )
    assert.ok(alone.some(({ run }) => run?.loop !== undefined))
    await race(live, recipe, alone)
  }).timeout(20_000 + races * 20_000)
})

describe('a search of its own with several workers', () => {
  const recipe = recipeFrom('./workers-own.js')

  it('gives every property the verdict and the run that one gives', async () => {
    const alone = await judged(1, own, recipe)
    assert.deepEqual(
      alone.slice(2).map(({ property, verdict }) => `${property} ${verdict}`),
      [
        'never-resets-thrice violated',
        'finds-after-delete holds',
        'is-plain holds',
        'is-not-made-again violated',
        'cancel-returns holds',
        'cancel-resumes-only-suspended holds',
        'cancel-can-try-again holds',
      ],
    )
    await race(own, recipe, alone)
  }).timeout(20_000 + races * 20_000)

  it('is shared by them', async () => {
    for (const { name } of own) {
      const { system, watch } = searchFor(instantiate(model, choice), own, name)
      const graph = await explore(system, watch, { workers: 2, recipe: { ...recipe, of: name }, helpFrom: 10 })
      assert.ok(graph.batches > 0, name)
    }
  })

  it('is not shared with a thread that would make another one', async () => {
    const { system, watch } = searchFor(instantiate(model, choice), own, own[0]!.name)
    const graph = await explore(system, watch, { workers: 2, recipe: { ...recipe, of: own[1]!.name }, helpFrom: 10 })
    assert.equal(graph.batches, 0)
  })
})
