/** Templates about requests, owners and promises: each is served, by one, in its own cycle. */

import { bool, oneOf, record, selects, type Property } from '../../src/index.js'
import { any, same, told, type Predicate, type Selector, type Vocabulary, type Words } from './terms.js'

type State<S> = Parameters<Predicate<S>>[0]

/** Templates about requests and owners, over a state. */
export const serving = <S>({ always, step, leadsTo, observer }: Vocabulary<S>) => ({
  /**
   * OwnershipExactlyOne: a resource has exactly one owner at a time, and only its owner uses it.
   * Corpus: pm-Q1, pm-T9.
   */
  ownershipExactlyOne: (
    given: Words & { parties: readonly { readonly owns: Predicate<S>; readonly uses?: Predicate<S> }[] },
  ): Property =>
    always(
      ...told(given, 'ownership-exactly-one', (what) => `${what} has one owner, and only the owner uses it.`),
      (s, at) => {
        const owners = given.parties.filter(({ owns }) => owns(s, at))
        return owners.length === 1 && given.parties.every(({ owns, uses }) => owns(s, at) || !uses?.(s, at))
      },
    ),

  /**
   * OwnershipReturned: after an attempt that was aborted, the owner is the initial one.
   * Corpus: pm-Q1.
   */
  ownershipReturned: <T>(
    given: Words & { owner: (state: State<S>) => T; initial: NoInfer<T>; aborted: Predicate<S> },
  ): Property =>
    always(...told(given, 'ownership-returned', (what) => `after an abort ${what} is with its first owner again.`), {
      when: given.aborted,
      holds: (s) => same(given.owner(s), given.initial),
    }),

  /**
   * InFlightFate: a request that was accepted is either completed or failed, once, and its effect takes place at most once,
   * exactly once if it was completed. `idle` tells that everything in flight must have met its fate.
   * Corpus: pm-D1, pm-X12.
   */
  inFlightFate: (
    given: Words & {
      accept: Selector
      effect: Selector
      complete: Selector
      fail: Selector
      idle: Predicate<S>
    },
  ): Property =>
    observer(...told(given, 'in-flight-fate', (what) => `${what} meets one fate, and takes effect once.`), {
      state: record({ fate: oneOf('none', 'open', 'met'), applied: bool(), wrong: bool() }),
      initial: { fate: 'none', applied: false, wrong: false },
      on: any(given.accept, given.effect, given.complete, given.fail),
      next: (own, _before, _after, taken) => {
        if (selects(given.accept, taken)) Object.assign(own, { fate: 'open', applied: false })
        if (selects(given.effect, taken)) {
          if (own.applied) own.wrong = true
          own.applied = true
        }
        const completed = selects(given.complete, taken)
        if (completed || selects(given.fail, taken)) {
          if (own.fate !== 'open' || (completed && !own.applied)) own.wrong = true
          own.fate = 'met'
        }
      },
      wrong: (own, state, at) => own.wrong || (own.fate === 'open' && given.idle(state, at)),
    }),

  /**
   * EveryExitCompletes: whatever is waited for is signalled in the end, on every exit.
   * Corpus: pm-L3.
   */
  everyExitCompletes: (given: Words & { waiting: Predicate<S>; signalled: Predicate<S> }): Property =>
    leadsTo(...told(given, 'every-exit-completes', (what) => `${what}, when waited for, is signalled on every exit.`), {
      from: given.waiting,
      to: given.signalled,
    }),

  /**
   * AttemptTerminates: an attempt ends, at rest or asleep; `ended` is either of the two.
   * Corpus: pm-L5, pm-D5, pm-T5, pm-U1.
   */
  attemptTerminates: (given: Words & { attempt: Predicate<S>; ended: Predicate<S> }): Property =>
    leadsTo(...told(given, 'attempt-terminates', (what) => `${what}, once begun, ends.`), {
      from: given.attempt,
      to: given.ended,
    }),

  /**
   * SingleFlight: at most one attempt is beyond the queue. `attempts` counts those that are.
   * Corpus: pm-T8, arm-S15.
   */
  singleFlight: (given: Words & { attempts: (state: State<S>) => number }): Property =>
    always(
      ...told(given, 'single-flight', (what) => `at most one ${what} is under way.`),
      (s) => given.attempts(s) <= 1,
    ),

  /**
   * NoStaleRequest: a deferred action acts only in the cycle in which it was asked for. `begin` selects the start of a cycle.
   * Corpus: pm-T8, pm-D6.
   */
  noStaleRequest: (given: Words & { begin: Selector; ask: Selector; act: Selector }): Property =>
    observer(
      ...told(given, 'no-stale-request', (what) => `${what} acts only in the cycle in which it was asked for.`),
      {
        state: record({ asked: bool(), wrong: bool() }),
        initial: { asked: false, wrong: false },
        on: any(given.begin, given.ask, given.act),
        next: (own, _before, _after, taken) => {
          if (selects(given.begin, taken)) own.asked = false
          if (selects(given.ask, taken)) own.asked = true
          if (selects(given.act, taken) && !own.asked) own.wrong = true
        },
        wrong: (own) => own.wrong,
      },
    ),

  /**
   * CapabilityConsistent: who advertises a capability never replies that it is not implemented.
   * Corpus: arm-V9, arm-V10.
   */
  capabilityConsistent: (given: Words & { advertised: Predicate<S>; refuse: Selector }): Property =>
    step(...told(given, 'capability-consistent', (what) => `${what} is never refused while it is advertised.`), {
      on: given.refuse,
      holds: (before, _after, { at }) => !given.advertised(before, at),
    }),

  /**
   * InvisibleToOthers: the operation of a party that is not involved has the result that it has without the attempt.
   * Corpus: arm-S10.
   */
  invisibleToOthers: (
    given: Words & {
      operation: Selector
      result: (after: State<S>) => unknown
      expected: (before: State<S>) => unknown
    },
  ): Property =>
    step(...told(given, 'invisible-to-others', (what) => `${what} has the same result as without the attempt.`), {
      on: given.operation,
      holds: (before, after) => same(given.result(after), given.expected(before)),
    }),

  /**
   * RequestServed: a request that was queued is served in the end.
   * Corpus: arm-S1, arm-S3, arm-S4.
   */
  requestServed: (given: Words & { queued: Predicate<S>; served: Predicate<S> }): Property =>
    leadsTo(...told(given, 'request-served', (what) => `${what}, once queued, is served.`), {
      from: given.queued,
      to: given.served,
    }),
})
