/** Random search: walks runs until one breaks a property, makes it short, and says what was covered; it proves nothing. */

import { Mistake } from '../../write/mistake.js'
import type { Model } from '../../write/model.js'
import type { Properties, Property } from '../../write/property.js'
import { instantiate, type Choice } from '../../write/system.js'
import { propertiesFor } from '../../search/check.js'
import { answerable } from '../../search/purity/answerable.js'
import { Coverage } from './coverage.js'
import { batchRuns, RandomSearch, type Batch, type WalkFinding, type WalkOutcome, type WalkOptions } from './batch.js'
import { WalkWorkers } from './walk-workers.js'

/**
 * Walks random runs of a model until one breaks a property or the budget is spent. Several workers take the batches of runs in turn,
 * and the find of the lowest batch counts: it is the one that a single worker would have come upon first.
 * @throws Mistake for a property that does not exist or that no finite run can show.
 */
export async function walk(
  model: Model,
  properties: Properties,
  choice: Choice,
  options: WalkOptions = {},
): Promise<WalkOutcome> {
  const system = instantiate(model, choice)
  return answerable(system, propertiesFor(system, properties), undefined, () =>
    walked(model, properties, choice, options),
  )
}

async function walked(
  model: Model,
  properties: Properties,
  choice: Choice,
  options: WalkOptions,
): Promise<WalkOutcome> {
  const search = new RandomSearch(model, properties, choice, options)
  const coverage = new Coverage(instantiate(model, choice))
  const { workers = 1, path, modules } = options
  if (workers === 1 || path !== undefined) {
    await search.prepare()
    return rounds(search, coverage, options, (round) => Promise.resolve([search.batch(round)]))
  }
  if (!modules)
    throw new Mistake(`walk of ${model.name}`, 'several workers have to load the model', 'say where from: modules')
  const walkers = await WalkWorkers.of(workers, { modules, choice, options })
  try {
    await search.prepare()
    return await rounds(search, coverage, options, (round) => walkers.round(round))
  } finally {
    await walkers.end()
  }
}

/** Round after round until something is found or the budget is spent; in each, every thread draws one batch. */
async function rounds(
  search: RandomSearch,
  coverage: Coverage,
  options: WalkOptions,
  draw: (round: number) => Promise<readonly Batch[]>,
): Promise<WalkOutcome> {
  const { seconds = options.runs === undefined ? 10 : Infinity, runs = Infinity, signal, path, onProgress } = options
  const end = performance.now() + seconds * 1000
  let before: readonly Batch[] = []
  for (let round = 0; ; round++) {
    const batches = await draw(round)
    const won = batches.findIndex(({ find }) => find)
    // What comes after the find in the order of batches was not needed, and does not count.
    const counted = batches.flatMap((batch, thread) => (won < 0 || thread <= won ? batch : (before[thread] ?? [])))
    const sum = (of: 'runs' | 'states'): number => counted.reduce((all, batch) => all + batch[of], 0)
    const caught = won < 0 ? undefined : search.caught(batches[won]!.find!)
    if (!caught && path !== undefined)
      throw new Mistake(
        `walk of ${search.name}`,
        `seed ${options.seed ?? 1} and path ${path} break nothing`,
        'give the same instance and property, and the same model',
      )
    const spent = (round + 1) * batches.length * batchRuns >= runs || performance.now() >= end || signal?.aborted
    if (caught || spent) {
      for (const { met } of counted) coverage.take(met)
      const done = { runs: sum('runs'), states: sum('states'), left: search.left(), covered: coverage.covered() }
      return { ...(caught && { caught }), ...done }
    }
    onProgress?.({ runs: sum('runs'), states: sum('states') })
    before = batches
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A property that a random search found broken: thrown by {@link searchProperty}, with the run in its message. */
export class Violation extends Error {
  /** Tells it from other errors. */
  override readonly name = 'Violation'

  /** @param caught the violation, with the run that was made short. */
  constructor(readonly caught: WalkFinding) {
    const { verdict, seed, path, system } = caught
    const parameters = Object.entries(system.parameters).map(([name, value]) => `${name}=${value}`)
    const steps = verdict.run.steps.map(({ transition }, i) => `  ${i + 1}. ${transition.name}`)
    super(
      [
        `${verdict.property} is violated in ${steps.length} steps${verdict.why ? `: ${verdict.why}` : ''}`,
        `required: ${verdict.says}`,
        ...(parameters.length > 0 ? [`with ${parameters.join(' ')}`] : []),
        ...steps,
        `again with { seed: ${seed}, path: '${path}' }`,
      ].join('\n'),
    )
  }
}

/**
 * Random search in one's own tests: `it('wakes up', () => searchProperty(model, property, { runs: 1000 }))`.
 * @returns what was covered; nothing was found, which proves nothing.
 * @throws Violation if a run breaks the property; the run is short, and replayed by the reference execution.
 */
export async function searchProperty(
  model: Model,
  property: Property,
  { parameters, patches, fairness, ...options }: Choice & Omit<WalkOptions, 'property'> = {},
): Promise<WalkOutcome> {
  const choice = { ...(parameters && { parameters }), ...(patches && { patches }), ...(fairness && { fairness }) }
  const walked = await walk(model, [property], choice, { ...options, property: property.name })
  if (walked.caught) throw new Violation(walked.caught)
  return walked
}
