/** Templates about coming back: after an attempt, everything is as it was. */

import { bool, optional, record, selects, type Property } from '../../src/index.js'
import type { Domain } from '../../src/index.js'
import { any, same, told, type Predicate, type Selector, type Vocabulary, type Words } from './terms.js'

type State<S> = Parameters<Predicate<S>>[0]

/** Templates about coming back, over a state. `idle` tells that no attempt is under way. */
export const returning = <S>({ always, step, observer, possible, reachable }: Vocabulary<S>) => ({
  /**
   * EveryoneBack: when the attempt is over and the machine is not asleep, all of a set run as before.
   * Corpus: pm-T3, pm-T4, arm-F2.
   */
  everyoneBack: (given: Words & { idle: Predicate<S>; running: readonly Predicate<S>[] }): Property =>
    always(...told(given, 'everyone-back', (what) => `when no attempt is under way, ${what} run as before.`), {
      when: given.idle,
      holds: (s, at) => given.running.every((runs) => runs(s, at)),
    }),

  /**
   * CounterBalanced: a counter never falls below its floor, and is back at its initial value when no attempt is under way.
   * Corpus: pm-L7, pm-L10, pm-L11, pm-D4, pm-D7, arm-S16.
   */
  counterBalanced: (
    given: Words & { counter: (state: State<S>) => number; initial: number; floor?: number; idle: Predicate<S> },
  ): Property =>
    always(
      ...told(given, 'counter-balanced', (what) => `${what} never falls below its floor and is balanced when idle.`),
      (s, at) => given.counter(s) >= (given.floor ?? 0) && (!given.idle(s, at) || given.counter(s) === given.initial),
    ),

  /**
   * NoStaleFlag: the variables of one cycle have their initial values whenever no attempt is under way.
   * Corpus: pm-L1, pm-L2, pm-U1.
   */
  noStaleFlag: <T>(
    given: Words & { flags: (state: State<S>) => T; initial: NoInfer<T>; idle: Predicate<S> },
  ): Property =>
    always(...told(given, 'no-stale-flag', (what) => `between attempts ${what} have their initial values.`), {
      when: given.idle,
      holds: (s) => same(given.flags(s), given.initial),
    }),

  /**
   * StateRestored: a projection of the state is after the attempt what it was before. `begin` selects the steps that start
   * an attempt (the projection is taken before them), `end` those that finish it (and compared after them).
   * Corpus: pm-X3, pm-D8, arm-XS4.
   */
  stateRestored: <T>(
    given: Words & { projection: (state: State<S>) => T; domain: Domain<T>; begin: Selector; end: Selector },
  ): Property =>
    observer(...told(given, 'state-restored', (what) => `after an attempt ${what} is what it was before.`), {
      state: record({ saved: optional(given.domain), wrong: bool() }),
      initial: { saved: null, wrong: false },
      on: any(given.begin, given.end),
      next: (own, before, after, taken) => {
        if (selects(given.begin, taken)) own.saved = given.projection(before)
        if (selects(given.end, taken) && own.saved !== null) {
          if (!same(own.saved, given.projection(after))) own.wrong = true
          own.saved = null
        }
      },
      wrong: (own) => own.wrong,
    }),

  /**
   * TimersReArmed: a timer that was armed before the attempt is armed after it; `begin` and `end` as for stateRestored.
   * Corpus: pm-X1, pm-X2, arm-S13.
   */
  timersReArmed: (given: Words & { armed: (state: State<S>) => boolean; begin: Selector; end: Selector }): Property =>
    observer(...told(given, 'timers-re-armed', (what) => `${what} is armed after an attempt if it was armed before.`), {
      state: record({ owed: bool(), wrong: bool() }),
      initial: { owed: false, wrong: false },
      on: any(given.begin, given.end),
      next: (own, before, after, taken) => {
        if (selects(given.begin, taken)) own.owed = given.armed(before)
        if (!selects(given.end, taken)) return
        if (own.owed && !given.armed(after)) own.wrong = true
        own.owed = false
      },
      wrong: (own) => own.wrong,
    }),

  /**
   * StateMatchesHardware: whatever the software believes to be on is on.
   * Corpus: pm-L16, pm-X16.
   */
  stateMatchesHardware: (given: Words & { claimed: Predicate<S>; actual: Predicate<S> }): Property =>
    always(...told(given, 'state-matches-hardware', (what) => `what is recorded of ${what} is so in hardware.`), {
      when: given.claimed,
      holds: given.actual,
    }),

  /**
   * ContextIntact: a saved image changes only by the steps that save it.
   * Corpus: pm-T1, pm-T2, arm-XS8.
   */
  contextIntact: (given: Words & { image: (state: State<S>) => unknown; savers: Selector }): Property =>
    step(...told(given, 'context-intact', (what) => `${what} is written only by the steps that save it.`), {
      when: (before, after) => !same(given.image(before), given.image(after)),
      holds: (_before, _after, taken) => selects(given.savers, taken),
    }),

  /**
   * NoDeadlock: from every state the protocol can come back to rest. Named `no-trap`, because `no-deadlock` is built in.
   * Corpus: pm-L3, pm-L4, pm-D2, pm-D3, pm-C2, arm-S15.
   */
  noDeadlock: (given: Words & { idle: Predicate<S> }): Property =>
    possible(...told(given, 'no-trap', (what) => `${what} can always come back to rest.`), given.idle),

  /**
   * CanSucceed: some run succeeds. Without it every other property could hold because nothing ever works.
   * Corpus: all.
   */
  canSucceed: (given: Words & { succeeded: Predicate<S> }): Property =>
    reachable(...told(given, 'can-succeed', (what) => `${what} can succeed.`), given.succeeded),
})
