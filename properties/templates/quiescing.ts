/** Templates about stopping: no new work, nothing in flight, nobody touches what is gone. */

import { bool, record, selects, type Property } from '../../src/index.js'
import { any, told, type Predicate, type Selector, type Vocabulary, type Words } from './terms.js'

/** Templates about stopping, over a state. */
export const quiescing = <S>({ step, leadsTo, observer }: Vocabulary<S>) => ({
  /**
   * NoWorkAfterFreeze: a party takes no step of its own while it is frozen. `own` selects its steps.
   * Corpus: pm-L15, pm-D3.
   */
  noWorkAfterFreeze: (given: Words & { own: Selector; frozen: Predicate<S> }): Property =>
    step(...told(given, 'no-work-after-freeze', (what) => `${what} takes no step of its own while it is frozen.`), {
      on: given.own,
      holds: (before, _after, { at }) => !given.frozen(before, at),
    }),

  /**
   * FreezeCompletes: a request to freeze ends with everybody frozen or with an abort; `ended` is either of the two.
   * Corpus: pm-L13, pm-C4, pm-T5, pm-U1.
   */
  freezeCompletes: (given: Words & { requested: Predicate<S>; ended: Predicate<S> }): Property =>
    leadsTo(...told(given, 'freeze-completes', (what) => `a request to freeze ${what} ends: frozen, or aborted.`), {
      from: given.requested,
      to: given.ended,
    }),

  /**
   * DrainBeforeTeardown: a resource is torn down only when nothing is in flight on it.
   * Corpus: pm-D1, pm-D6, pm-X8, pm-X14.
   */
  drainBeforeTeardown: (given: Words & { teardown: Selector; inFlight: Predicate<S> }): Property =>
    step(...told(given, 'drain-before-teardown', (what) => `${what} is torn down only when nothing is in flight.`), {
      on: given.teardown,
      holds: (before, _after, { at }) => !given.inFlight(before, at),
    }),

  /**
   * NoAccessBetween: nobody accesses a resource after its teardown until it is set up again. `absent`: it starts torn down.
   * Corpus: pm-D9, pm-X7, pm-X8.
   */
  noAccessBetween: (
    given: Words & { teardown: Selector; setup: Selector; access: Selector; absent?: boolean },
  ): Property =>
    observer(...told(given, 'no-access-between', (what) => `${what} is not accessed from its teardown to its setup.`), {
      state: record({ gone: bool(), wrong: bool() }),
      initial: { gone: given.absent ?? false, wrong: false },
      on: any(given.teardown, given.setup, given.access),
      next: (own, _before, _after, taken) => {
        if (selects(given.access, taken) && own.gone) own.wrong = true
        if (selects(given.teardown, taken)) own.gone = true
        if (selects(given.setup, taken)) own.gone = false
      },
      wrong: (own) => own.wrong,
    }),
})
