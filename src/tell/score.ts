/** Scores: which instances of a protocol errors are planted in, what is recorded of them, and whether that still applies. */

import { build, type Plugin } from 'esbuild'
import { createHash } from 'node:crypto'
import { operators, type Mutant } from '../write/mutation.js'
import type { MutantResult, MutantVerdict, MutationSubject, MutationScore } from '../ask/mutation-score.js'
import { packageRoot } from './file.js'
import { instanceOf, systemOf, type Protocol } from './protocol.js'
import type { Instance, Score } from './spec.js'

/** States to explore for the mutants of one protocol beyond its first instance, unless its author has chosen the instances. */
const usualEffort = 300_000

/**
 * The instances to plant errors in: those that the spec names, or those that do not stand for a bug, smallest first and none twice, as
 * long as that is worth its while.
 */
export function groundsOf(protocol: Protocol): {
  readonly grounds: readonly MutationSubject[]
  readonly effort: number
} {
  const { scored, instances } = protocol.spec
  if (scored)
    return {
      grounds: scored.map((id) => groundOf(protocol, instanceOf(protocol, id))),
      effort: Number.MAX_SAFE_INTEGER,
    }
  const size = ({ measured }: Instance): number => measured?.states ?? Infinity
  const chosen = ({ parameters, patches, fairness }: Instance): string =>
    JSON.stringify([parameters, patches, fairness ?? {}])
  const right = instances.filter(({ form }) => form !== 'buggy')
  const first = right.filter((one, i) => right.findIndex((other) => chosen(other) === chosen(one)) === i)
  const sorted = [...first].sort((a, b) => size(a) - size(b))
  return { grounds: sorted.map((instance) => groundOf(protocol, instance)), effort: usualEffort }
}

/** One instance to plant errors in. */
export const groundOf = (protocol: Protocol, instance: Instance): MutationSubject => ({
  name: instance.id,
  system: systemOf(protocol, instance),
  ...(instance.measured && { states: instance.measured.states }),
})

/** What is recorded of some teeth. */
export async function scoreOf(protocol: Protocol, found: MutationScore): Promise<Score> {
  const { bites, properties, on } = found
  const named = (fate: MutantVerdict): string[] =>
    bites.filter((bite) => bite.fate === fate).map(({ mutant }) => mutant.patch.name)
  const count = (fate: MutantVerdict): number => named(fate).length
  const noticed = bites.filter(({ fate }) => fate === 'noticed')
  return {
    fingerprint: await fingerprintOfScore(protocol, on),
    instances: on,
    fates: {
      noticed: count('noticed'),
      survives: count('survives'),
      undecided: count('undecided'),
      equivalent: count('equivalent'),
      broken: count('broken'),
    },
    properties: Object.fromEntries(
      properties.map((name) => {
        const own = noticed.filter(({ by }) => by.includes(name))
        return [name, [own.length, own.filter(({ by }) => by.length === 1).length]]
      }),
    ),
    steps: stepsOf(bites),
    survivors: named('survives'),
    undecided: named('undecided'),
  }
}

/** The step that an error was planted in, its alternatives taken together. */
export const stepOf = ({ operator, target }: Mutant): string =>
  operator === 'wrong-default' ? 'initial state' : target.split('/')[0]!

function stepsOf(bites: readonly MutantResult[]): Score['steps'] {
  const steps = new Map<string, [number, number]>()
  for (const { mutant, fate } of bites) {
    if (fate === 'equivalent' || fate === 'broken') continue
    const pair = steps.get(stepOf(mutant)) ?? [0, 0]
    steps.set(stepOf(mutant), [pair[0] + 1, pair[1] + (fate === 'noticed' ? 1 : 0)])
  }
  return Object.fromEntries(steps)
}

/** The share of noticed mutants in per cent, rounded down; undecided ones count as not noticed. */
export function percent({ noticed, survives, undecided }: Score['fates']): number {
  const planted = noticed + survives + undecided
  return planted === 0 ? 100 : Math.floor((100 * noticed) / planted)
}

/** Survivors that nobody has explained, and explanations of what does not survive any more. */
export function excusesOf({ spec }: Protocol): {
  readonly missing: readonly string[]
  readonly idle: readonly string[]
} {
  const survivors = spec.teeth?.survivors ?? []
  const excused = (spec.survivors ?? []).flatMap(({ mutants }) => mutants)
  return {
    missing: survivors.filter((name) => !excused.includes(name)),
    idle: excused.filter((name) => !survivors.includes(name)),
  }
}

/** Whether model, properties, scored instances and the catalogue of errors are still what was scored. */
export async function isFresh(protocol: Protocol): Promise<boolean> {
  const { teeth } = protocol.spec
  return teeth !== undefined && teeth.fingerprint === (await fingerprintOfScore(protocol, teeth.instances))
}

/**
 * A digest of all that a score depends on but the checker itself: the code of model and properties with what they import, without
 * comments and layout; the instances; the kinds of errors.
 */
async function fingerprintOfScore(protocol: Protocol, ids: readonly string[]): Promise<string> {
  const instances = ids.map((id) => protocol.spec.instances.find((one) => one.id === id))
  const chosen = instances.map((one) => one && [one.parameters, one.patches, one.fairness ?? {}])
  const hash = createHash('sha256').update(JSON.stringify([operators, usualEffort, chosen]))
  for (const file of sourcesOf(protocol)) {
    const built = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      minifyWhitespace: true,
      legalComments: 'none',
      logLevel: 'silent',
      plugins: [checker],
    })
    hash.update(built.outputFiles[0]!.contents)
  }
  return hash.digest('hex').slice(0, 16)
}

/** The checker is not part of what it judges; the words of the kernel are part of the models that use them. */
const checker: Plugin = {
  name: 'checker',
  setup: (setup) =>
    setup.onResolve({ filter: /^thawproof|\.\.\/src\/|\/write\// }, ({ path }) =>
      path.endsWith('/src/kernel.js') ? undefined : { path, external: true },
    ),
}

/** The files that the author wrote: what is built from them may differ in its layout. */
const sourcesOf = ({ name, address }: Protocol): readonly string[] =>
  name === address ? ['models', 'properties'].map((folder) => `${packageRoot()}/${folder}/${name}.ts`) : [address]
