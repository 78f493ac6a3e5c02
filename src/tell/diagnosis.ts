/** A log held against all instances that hear it: who can print it, which bugs those are, and who cannot. */

import { Ear } from '../match/log/rules.js'
import { earFor, heardIn, outcomeOf, type LogOutcome } from '../match/log/outcome.js'
import { searched, type LogOptions } from '../match/log/searched.js'
import type { Log } from '../match/log/read.js'
import { logFileOf } from './logs.js'
import { systemOf, type Protocol } from './protocol.js'
import type { Instance } from './spec.js'

/** One instance, and what came of the log there. */
export interface Suspect {
  readonly protocol: Protocol
  readonly instance: Instance
  readonly outcome: LogOutcome
}

/** States beyond which an instance is left out: its graph is kept whole. */
export const mostStates = 400_000

/** The protocols that hear at least a line, whatever the variant; cheap, no search. */
export function hearing(protocols: readonly Protocol[], log: Log, options: LogOptions): readonly Protocol[] {
  return protocols.filter((protocol) => {
    const ear = new Ear(logFileOf(protocol), protocol.model)
    return heardIn(ear, log, options).heard.length > 0
  })
}

/**
 * Holds a log against every instance of a protocol. Instances of one system are searched once. Those that differ in fairness alone
 * are one: what can be printed does not depend on it.
 */
export async function* suspectsOf(protocol: Protocol, log: Log, options: LogOptions): AsyncGenerator<Suspect> {
  const known = new Map<string, LogOutcome>()
  for (const instance of protocol.spec.instances) {
    if (options.search?.signal?.aborted) return
    const key = JSON.stringify([instance.parameters, instance.patches])
    let outcome = known.get(key)
    if (!outcome) {
      const found = await searched(systemOf(protocol, instance), { maxStates: mostStates, ...options.search })
      const ear = earFor(logFileOf(protocol), protocol.model, found)
      const { heard, boot, passedOver } = heardIn(ear, log, options)
      known.set(key, (outcome = await outcomeOf(found, ear, heard, { ...options, boot, passedOver })))
    }
    yield { protocol, instance, outcome }
  }
}

/** The likeliest first: who prints all of the most lines, bugs that were reported before others, the shortest run before longer ones. */
export const ranked = (suspects: readonly Suspect[]): readonly Suspect[] =>
  suspects.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      b.outcome.matched - a.outcome.matched ||
      a.outcome.told.length - a.outcome.before - (b.outcome.told.length - b.outcome.before),
  )

function rank({ instance: { form, evidence }, outcome: { verdict } }: Suspect): number {
  const verdicts: readonly LogOutcome['verdict'][] = ['accepted', 'unknown', 'rejected', 'silent']
  const bug = form === 'buggy' ? (evidence === 'seen' ? 0 : evidence === 'recalled' ? 1 : 2) : 3
  return verdicts.indexOf(verdict) * 10 + (verdict === 'accepted' ? bug : 0)
}

/** A bug whose runs can print the log, and what became of the log in its fixed forms. */
export interface Diagnosis {
  readonly corpus: string
  readonly bug: Suspect
  readonly fixed: readonly Suspect[]
}

/** The bugs among those who can print it, likeliest first; those whose fixed forms cannot print it before the others. */
export function diagnosesOf(suspects: readonly Suspect[]): readonly Diagnosis[] {
  const bugs = ranked(suspects).filter(
    ({ instance, outcome }) => instance.form === 'buggy' && outcome.verdict === 'accepted',
  )
  const told = bugs.map((bug): Diagnosis => {
    const corpus = bug.instance.corpus!
    const fixed = suspects.filter(
      ({ protocol, instance }) => protocol === bug.protocol && instance.corpus === corpus && instance.form === 'fixed',
    )
    return { corpus, bug, fixed }
  })
  const tells = ({ fixed }: Diagnosis): number => (fixed.some(({ outcome }) => outcome.verdict === 'rejected') ? 0 : 1)
  return told
    .filter(
      ({ corpus, bug }, i) => told.findIndex((one) => one.corpus === corpus && one.bug.protocol === bug.protocol) === i,
    )
    .toSorted((a, b) => tells(a) - tells(b))
}
