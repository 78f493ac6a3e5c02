/** Fairness of a single run, as the reference execution sees it: whom it wrongs, and why it is fair. */

import { isIn, noEvidence, fairnessSetsOf, unfairTo, type FairnessConstraints, type Evidence } from './fairness.js'
import { listed } from './assumptions.js'
import { enabled, type SystemState } from '../reference.js'
import { endOf, loopStates, type Run } from '../run.js'

/** Whether a run is fair to all: it repeats its loop for ever, or it stops after its last step. */
export function isFair(constraints: FairnessConstraints, run: Run): boolean {
  const who = fairnessSetsOf(constraints, constraints.declared)
  if (run.loop !== undefined) return unfairTo(evidenceOf(constraints, run), who).length === 0
  const could = enabledIn(constraints, run, endOf(run))
  return could.every((word, i) => (word & who.weak[i]!) === 0)
}

/** Says why a run is fair. @throws Error if it is not: then whoever found it is wrong. */
export function fairBecause(constraints: FairnessConstraints, run: Run): string {
  if (!isFair(constraints, run))
    throw new Error(
      run.loop === undefined ? 'a run stops where somebody has to go on' : 'the loop of a lasso is not fair',
    )
  const { names, parts, declared } = constraints
  const who = fairnessSetsOf(constraints, declared)
  const members = (set: Int32Array): number[] => names.flatMap((_, i) => (isIn(set, 0, i) ? [i] : []))
  if (run.loop === undefined) {
    const rest = members(enabledIn(constraints, run, endOf(run)))
    if (rest.length === 0) return 'the run ends here: nothing can happen any more'
    return `the run may stop here: only ${listed(rest.map((i) => names[i]!))} could go on, and no fairness is assumed of ${rest.length > 1 ? 'them' : 'it'}`
  }
  const evidence = evidenceOf(constraints, run)
  const concerned = members(evidence.ever)
  const takes = concerned.filter((i) => isIn(evidence.taken, 0, i)).map((i) => names[i]!)
  const waits = concerned.filter(
    (i) => !isIn(evidence.taken, 0, i) && !isIn(evidence.always, 0, i) && isIn(who.weak, 0, i),
  )
  const free = concerned.filter((i) => !isIn(evidence.taken, 0, i) && declared.get(parts[i]!) === 'none')
  const clauses = [
    takes.length > 0 ? `${listed(takes)} ${takes.length > 1 ? 'act' : 'acts'} in the loop` : '',
    waits.length > 0
      ? `${listed(waits.map((i) => names[i]!))} cannot act in some state of it, which weak fairness allows`
      : '',
    free.length > 0 ? `no fairness is assumed of ${listed(free.map((i) => names[i]!))}` : '',
  ].filter((clause) => clause !== '')
  return `fair because ${clauses.join('; ')}`
}

/** The constraints that could act in a state of a run. */
function enabledIn({ of, words }: FairnessConstraints, { system }: Run, here: SystemState): Int32Array {
  const set = new Int32Array(words)
  for (const { index } of enabled(system, here)) set[of[index]! >> 5]! |= 1 << (of[index]! & 31)
  return set
}

/** What the loop of a run has to show. */
function evidenceOf(constraints: FairnessConstraints, run: Run): Evidence {
  const { of, words } = constraints
  const evidence = noEvidence(words)
  for (const state of loopStates(run)) {
    const set = enabledIn(constraints, run, state)
    for (let word = 0; word < words; word++) {
      evidence.always[word]! &= set[word]!
      evidence.ever[word]! |= set[word]!
    }
  }
  for (const { transition } of run.steps.slice(run.loop)) {
    const constraint = of[transition.index]!
    evidence.taken[constraint >> 5]! |= 1 << (constraint & 31)
  }
  return evidence
}
