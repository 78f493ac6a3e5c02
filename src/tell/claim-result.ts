/** A claim that was checked, as plain data: what other threads send, what is kept, and all that reports are made of. */

import type { Certificate } from '../search/certify.js'
import { propertiesFor, type Judgement, type Verdict } from '../search/check.js'
import type { SearchOptions } from '../search/explore.js'
import { inevitabilities } from '../ask/inevitability.js'
import { toldRun } from '../ask/fewest-switches.js'
import type { Cut } from '../search/graph.js'
import type { Reduction } from '../search/reductions/reduction.js'
import type { Fingerprints } from '../search/compact/compaction.js'
import type { FaultKind } from '../search/reference.js'
import type { Place } from '../write/mistake.js'
import type { Arg } from '../write/model.js'
import { traceLength, type Claim } from './claim.js'
import { placesOfFault } from './declared.js'
import { scenarioDifference, traceOfScenario, type Played } from './scenarios.js'
import type { Instance } from './spec.js'
import { commandFor, commandLine, traceOf, type Named, type Trace } from './trace.js'

/** A verdict without its run. */
export type SettledVerdict = Omit<Verdict, 'run'> & { readonly traceLength: number | null }

/** One claim with all that was found, and nothing that only this process understands. */
export interface Settled {
  readonly protocol: string
  /** What to type to mean the protocol. */
  readonly address: string
  readonly instance: Instance
  readonly parameters: Readonly<Record<string, Arg>>
  readonly patches: readonly string[]
  readonly complete: boolean
  readonly cut?: Cut
  readonly fingerprints?: Fingerprints
  readonly states: number
  readonly transitions: number
  readonly depth: number
  readonly verdicts: readonly SettledVerdict[]
  readonly unfired: readonly string[]
  /** Whose code depends on too much to be tried whole. */
  readonly untried?: readonly string[]
  /** What multiplies the states, and what to try, where a limit was hit. */
  readonly advice?: readonly string[]
  readonly certificate?: Certificate
  readonly reduction?: Reduction
  /** `at`: where the guard, effect or predicate at fault was declared, and where in it something was thrown. */
  readonly fault?: { readonly kind: FaultKind; readonly trace: Trace; readonly at: readonly Place[] }
  /** What became of the scenarios; absent if there are none. */
  readonly scenarios?: readonly Played[]
  /** The runs behind the violations, and those of scenarios, if they were asked for. */
  readonly traces?: readonly Trace[]
  /** Every way in which the claims are not met, as sentences. */
  readonly differences: readonly string[]
}

/** A claim as plain data, with those runs behind its violations that are to be told. */
export function settled(
  { protocol, instance, outcome, plays, differences }: Claim,
  traces?: readonly Trace[],
): Settled {
  const played = plays.flatMap(({ run, ...play }) =>
    run ? [traceOfScenario(protocol, { ...play, instance: instance.id }, run)] : [],
  )
  const { system, complete, cut, fingerprints, states, transitions, depth, verdicts, unfired, untried } = outcome
  const { advice, certificate, fault, reduction } = outcome
  return {
    protocol: protocol.name,
    address: protocol.address,
    instance,
    parameters: system.parameters,
    patches: system.patches,
    complete,
    ...(cut && { cut }),
    ...(fingerprints && { fingerprints }),
    states,
    transitions,
    depth,
    verdicts: verdicts.map((verdict) => {
      const { run, ...rest } = verdict
      void run
      return { ...rest, traceLength: traceLength(verdict) }
    }),
    unfired,
    ...(untried && { untried }),
    ...(advice && { advice }),
    ...(certificate && { certificate }),
    ...(reduction && { reduction }),
    ...(fault && {
      fault: {
        kind: fault.fault.kind,
        trace: traceOf({ instance: instance.id, verdict: faultVerdict(fault.fault.message), run: fault.run }),
        at: placesOfFault(protocol, system, fault.fault),
      },
    }),
    ...(plays.length > 0 && { scenarios: plays.map(({ run, ...play }) => (void run, play)) }),
    ...(traces && { traces: [...traces, ...played] }),
    differences,
  }
}

/**
 * The runs behind the violations of a claim, each with the step after which it could not be avoided: one more search, with the same
 * limits.
 */
export async function tracesOf(
  { protocol, instance, outcome: { system, verdicts } }: Claim,
  options: SearchOptions = {},
): Promise<readonly Trace[]> {
  const all = propertiesFor(system, protocol.properties)
  const told = verdicts.flatMap((verdict) => {
    const run = toldRun(verdict)
    return run ? [{ verdict, run, property: all.find(({ name }) => name === verdict.property) }] : []
  })
  // A write outside of its domain ends this search too: then nothing is known of the others.
  const doomed = await inevitabilities(system, told, options)
  return told.map((one, i) => traceOf({ instance: instance.id, ...one, doomed: doomed[i]!, picture: protocol.picture }))
}

const faultVerdict = (why: string): Verdict => ({
  property: 'the model',
  kind: 'in-domain',
  says: 'Guards and effects are pure, deterministic, and stay in their domains.',
  verdict: 'violated',
  why,
})

/** The verdicts of one kind. */
export const having = ({ verdicts }: Settled, verdict: Judgement): readonly SettledVerdict[] =>
  verdicts.filter((one) => one.verdict === verdict)

/** What is wrong with the verdict of one property, as the sentence that says so; undefined if it is as claimed. */
export const wrongIn = ({ differences }: Settled, { property }: Pick<SettledVerdict, 'property'>): string | undefined =>
  differences.find((text) => text.startsWith(`${property}: claimed `))

/** One of the things that are claimed of an instance, a property or a scenario, as documents for other programs tell it. */
export interface Claimed {
  /** Unlike all others of the instance. */
  readonly name: string
  readonly kind: 'property' | 'scenario'
  /** What is required, or what happens. */
  readonly says: string
  /** What is not as claimed, as a sentence; undefined if it is as claimed. */
  readonly wrong: string | undefined
  /** It was not decided: unknown of a property, a limit of a scenario. */
  readonly isOpen: boolean
  /** There is a run that shows it. */
  readonly isFound: boolean
  readonly why: string | undefined
  /** The command that shows the run, or says that there is none. */
  readonly replay: string
}

/** Everything that is claimed of an instance, in order. */
export const claimedIn = (claim: Settled): readonly Claimed[] => [
  ...claim.verdicts.map((found): Claimed => ({
    name: found.property,
    kind: 'property',
    says: found.says,
    wrong: wrongIn(claim, found),
    isOpen: found.verdict === 'unknown',
    isFound: found.verdict === 'violated',
    why: found.why,
    replay: commandFor(namedIn(claim), found.property),
  })),
  ...(claim.scenarios ?? []).map((play): Claimed => ({
    name: play.name,
    kind: 'scenario',
    says: play.says,
    wrong: scenarioDifference(play),
    isOpen: play.found === null,
    isFound: play.found === true,
    why: undefined,
    replay: commandLine(['run', claim.address, '--scenario', play.name]),
  })),
]

/** Whether the search ended because a step leaves its domain: that is a verdict, neither a limit nor a fault of what was written. */
export const leavesDomain = ({ verdicts }: Pick<Settled, 'verdicts'>): boolean =>
  verdicts.some(({ property, verdict }) => property === 'in-domain' && verdict === 'violated')

/** The variant that a claim is of, as it is named on a command line. */
export const namedIn = ({ address, instance, parameters, patches }: Settled): Named => ({
  address,
  id: instance.id,
  parameters,
  patches,
})
