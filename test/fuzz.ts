/**
 * Hunts for disagreement on random models for as long as it is given: `npm run fuzz -- --seconds 600 [--seed 1]`, or for so many models, `--cases 1000`.
 *
 * Every model is searched by the compiled explorer and held against the naive fixpoint and the independent verifier; the
 * search is cut somewhere, saved and resumed; it is done again by fingerprints; now and then it is shared by two threads, or by four. Things are
 * planted in it that must be found, its steps are put out of line and its patches in another order. What disagrees is printed with the seed that
 * shows it again.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import fc from 'fast-check'
import { check, type Outcome } from '../src/search/check.js'
import { certify } from '../src/search/certify.js'
import type { Watch } from '../src/search/expander.js'
import { explore, type SearchOptions } from '../src/search/explore.js'
import type { Graph } from '../src/search/graph.js'
import { runTo } from '../src/search/reached.js'
import type { Prepared } from '../src/search/parallel/recipe.js'
import { propertiesOver } from '../src/write/property.js'
import { instantiate, type System } from '../src/write/system.js'
import { examinePlants, examineSmuggling } from './cheating.js'
import { compared, same } from './compared.js'
import { fixpoint } from './fixpoint.js'
import { examineCancels } from './out-of-line.js'
import { examinePatches } from './patch-order.js'
import { asks, nowhere, predicate, written, type Description, type Test, type Where } from './plain-models.js'
import { alike, descriptions } from './random-models.js'

type Says = (state: unknown, at: Where) => boolean

/** A model as data, and conditions to watch. */
interface Subject {
  readonly description: Description
  readonly tests: readonly Test[]
}

/** Makes the system of a subject: also what helping threads do. */
export function follow(subject: unknown): Prepared {
  const { description, tests } = subject as Subject
  const system = instantiate(written(description))
  const watch: Watch = {
    states: tests.map((test, i) => ({
      name: `p${i}`,
      when: undefined,
      holds: (state, at) => !asks(test, state, {}, at, system.threads),
    })),
    steps: [],
    collects: tests.map((test, i) => ({
      name: `q${i}`,
      holds: (state, at) => asks(test, state, {}, at, system.threads),
    })),
  }
  return { system, watch }
}

const told = ({ states, transitions, depth, expanded, fault, edges, expander }: Graph): unknown => ({
  counts: [states, transitions, depth, expanded],
  fault: fault && [fault.id, fault.fault.message],
  findings: structuredClone(expander.findings),
  parents: expander.store.parents.all(),
  edges: [edges!.first.flat(), edges!.target.flat(), edges!.by.flat()],
  states: Array.from({ length: states }, (_, id) => expander.stateOf(id)),
})

/** The verdicts of a reduced search are those of the plain one, shortest runs included: of no property, of one, or of several. */
export async function reduces({ description, tests }: Subject, pick: number): Promise<void> {
  const { always, possible, step } = propertiesOver({ shape: description.shape })
  const [p, q] = tests.map((test) => predicate(description, test)) as [Says, Says]
  const claims = [
    always('p', 'It is so.', { when: q, holds: p }),
    possible('q', 'It can still be.', { when: p, holds: q }),
    step('moves', 'Whoever moves may.', {
      when: (before, _, { at }) => p(before, at),
      holds: (before, after, { at }) => q(before, at) || q(after, nowhere),
    }),
  ]
  const verdicts = ({ verdicts: all, unfired }: Outcome): unknown => [
    all.map(({ property, verdict, why, run }) => [property, verdict, why, run?.steps.length]),
    unfired,
  ]
  const some = [[], claims.slice(0, 1), claims][pick % 3]!
  const made = (): System => instantiate(written(description))
  const plain = await check(made(), some, { symmetry: false })
  same(verdicts(await check(made(), some, { reduce: true })), verdicts(plain), 'stubborn sets')
  const orbits = await check(made(), some)
  same(verdicts(orbits), verdicts(plain), 'orbits')
  same([orbits.states, orbits.transitions], [plain.states, plain.transitions], 'the counts of orbits')
}

/** What is left to tell when states are kept as fingerprints. */
const compactly = ({ states, transitions, depth, expanded, fault, expander }: Graph): unknown => ({
  counts: [states, transitions, depth, expanded],
  fault: fault && [fault.id, fault.fault.message],
  findings: structuredClone(expander.findings),
  parents: expander.store.parents.all(),
  broken: [...expander.findings.states.broken, ...expander.findings.dead].map((id) =>
    id < 0 ? null : runTo(expander, id).steps.map(({ transition }) => transition.name),
  ),
})

/** Everything that must agree about one model. Returns whether it was small enough to be looked at. */
export async function examine(subject: Subject, pick: number, folder: string, threads: number): Promise<boolean> {
  const naive = fixpoint(subject.description)
  if (!naive) return false
  const search = (options: SearchOptions): Promise<Graph> => {
    const { system, watch } = follow(subject)
    return explore(system, watch, { keepEdges: !options.fingerprints, ...options })
  }
  const whole = await search({})
  same(whole.fault !== undefined, naive.faulty.size > 0, 'a fault that the fixpoint has')
  if (!whole.fault) {
    const { expander, states, transitions, depth } = whole
    same([states, transitions], [naive.round.size, naive.transitions], 'counts of the fixpoint')
    same(depth, Math.max(...naive.round.values()), 'the depth of the fixpoint')
    const holding = { properties: [], deadlockFree: expander.findings.dead[0]! < 0 }
    const all = Array.from({ length: states }, (_, id) => expander.stateOf(id))
    same(certify(expander.system, holding, () => all).transitions, transitions, 'the certificate')
  }
  const expected = told(whole)
  const file = join(folder, 'search')
  rmSync(file, { force: true })
  await search({ maxStates: 1 + (pick % whole.states), checkpoint: { file, resume: false } })
  same(told(await search({ checkpoint: { file, resume: true } })), expected, 'a resumed search')
  const fingerprints = { folder, block: 1 << (pick % 4) }
  const compact = await search({ fingerprints })
  same(compactly(compact), compactly(whole), 'a search by fingerprints')
  if (threads > 1) {
    const recipe = { module: import.meta.url, argument: subject }
    const shared = await search({ workers: threads, recipe, helpFrom: 1, batch: 1 + (pick % 100) })
    same(told(shared), expected, `a search by ${threads} threads`)
  }
  return true
}

/** How long is hunted: until a time, or for a number of models, whichever comes first. */
interface Bound {
  readonly seconds: number
  readonly cases: number
}

/** What was looked at. */
interface Hunted {
  readonly models: number
  /** Comparisons of what was found in two ways, or of what was planted with what was said. */
  readonly comparisons: number
  /** Models in which something was planted. */
  readonly planted: number
  /** Models with attempts that were cancelled, their steps in line and out of line. */
  readonly cancelled: number
  /** Pairs of patches that are one model in both orders; the others are told to be a conflict in both. */
  readonly together: number
}

/** Hunts from a seed on. @throws AssertionError with the seed that shows it again. */
export async function hunt({ seconds, cases }: Bound, seed: number): Promise<Hunted> {
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-'))
  const until = performance.now() + seconds * 1000
  const before = compared()
  let [models, planted, cancels, together] = [0, 0, 0, 0]
  for (let now = seed; performance.now() < until && now < seed + cases; now++) {
    const [faults, subject, pick] = fc.sample(
      fc
        .boolean()
        .chain((faulty) =>
          fc.tuple(fc.constant(faulty), faulty ? descriptions(true) : fc.oneof(descriptions(false), alike), fc.nat()),
        ),
      { seed: now, numRuns: 1 },
    )[0]!
    try {
      if (await examine(subject, pick, folder, now % 16 === 0 ? [2, 4][(now / 16) % 2]! : 1)) {
        await reduces(subject, pick)
        models++
        const { description, tests } = subject
        if (examinePatches(description, pick)) together++
        if (faults) continue
        if (await examinePlants(description, tests, pick)) planted++
        await examineSmuggling(description, tests, pick)
        if (await examineCancels(description, tests, pick)) cancels++
      }
    } catch (cause) {
      process.stdout.write(
        `disagreement: npm run fuzz -- --cases 1 --seed ${now}${faults ? ' (a model with faults)' : ''}\n`,
      )
      throw cause
    }
  }
  rmSync(folder, { recursive: true })
  return { models, comparisons: compared() - before, planted, cancelled: cancels, together }
}

if (isMainThread && process.argv[1]?.endsWith('fuzz.ts')) {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { seconds: text, cases: text, seed: text } })
  const cases = Number(values.cases ?? Infinity)
  const seconds = Number(values.seconds ?? (values.cases === undefined ? 60 : Infinity))
  const seed = Number(values.seed ?? Date.now() % 2 ** 31)
  const { models, comparisons, planted, cancelled, together } = await hunt({ seconds, cases }, seed)
  process.stdout.write(
    `${models} models, ${comparisons} comparisons, no disagreement (from seed ${seed}): ${planted} with something planted, ${cancelled} cancelled out of line, ${together} with two patches together\n`,
  )
}
