/** Templates about wake-ups, aborts and cancels: none lost, none spurious, and never both outcomes. */

import { bool, oneOf, record, selects, type Property } from '../../src/index.js'
import { any, told, type Predicate, type Selector, type Vocabulary, type Words } from './terms.js'

/** Templates about wake-ups and outcomes, over a state. */
export const waking = <S>({ always, step, leadsTo, observer }: Vocabulary<S>) => ({
  /**
   * WakeupNotLost: nobody is asleep, beyond recall, while a wake-up could be delivered. `asleep` is a sleep that no latch ends.
   * Corpus: pm-L8, pm-X11, pm-X17, arm-S5, arm-S6, arm-S7, arm-S19. Its second half is {@link wakeupHandled}.
   */
  wakeupNotLost: (given: Words & { deliverable: Predicate<S>; asleep: Predicate<S> }): Property =>
    always(...told(given, 'wakeup-not-lost', (what) => `${what} is never asleep while a wake-up is deliverable.`), {
      when: given.deliverable,
      holds: (s, at) => !given.asleep(s, at),
    }),

  /** WakeupNotLost, its second half: a wake-up that is pending is handled in the end. */
  wakeupHandled: (given: Words & { pending: Predicate<S>; handled: Predicate<S> }): Property =>
    leadsTo(...told(given, 'wakeup-handled', (what) => `a wake-up of ${what} is handled in the end.`), {
      from: given.pending,
      to: given.handled,
    }),

  /**
   * NoSpuriousAbort: an attempt is aborted only if a genuine cause came up since `begin`. `causes` selects the steps that are one.
   * Corpus: pm-L8, pm-L12.
   */
  noSpuriousAbort: (given: Words & { begin: Selector; causes: Selector; abort: Selector }): Property =>
    observer(...told(given, 'no-spurious-abort', (what) => `${what} is aborted only for a cause that took place.`), {
      state: record({ cause: bool(), wrong: bool() }),
      initial: { cause: false, wrong: false },
      on: any(given.begin, given.causes, given.abort),
      next: (own, _before, _after, taken) => {
        if (selects(given.begin, taken)) own.cause = false
        if (selects(given.causes, taken)) own.cause = true
        if (selects(given.abort, taken) && !own.cause) own.wrong = true
      },
      wrong: (own) => own.wrong,
    }),

  /**
   * AbortScope: the abort test is taken only in a mode that can be aborted.
   * Corpus: pm-L12.
   */
  abortScope: (given: Words & { abort: Selector; abortable: Predicate<S> }): Property =>
    step(...told(given, 'abort-scope', (what) => `${what} is aborted only in a mode that can be.`), {
      on: given.abort,
      holds: (before, _after, { at }) => given.abortable(before, at),
    }),

  /**
   * CancelWindow: of an attempt that was acknowledged as cancelled nothing is committed, and nothing that was committed is acknowledged as cancelled.
   * Corpus: pm-Q1.
   */
  cancelWindow: (given: Words & { begin: Selector; acknowledge: Selector; commit: Selector }): Property =>
    observer(...told(given, 'cancel-window', (what) => `${what} is either cancelled or committed, never both.`), {
      state: record({ outcome: oneOf('open', 'cancelled', 'committed', 'both') }),
      initial: { outcome: 'open' },
      on: any(given.begin, given.acknowledge, given.commit),
      next: (own, _before, _after, taken) => {
        if (selects(given.begin, taken)) own.outcome = 'open'
        if (selects(given.acknowledge, taken))
          own.outcome = own.outcome === 'open' || own.outcome === 'cancelled' ? 'cancelled' : 'both'
        if (selects(given.commit, taken))
          own.outcome = own.outcome === 'open' || own.outcome === 'committed' ? 'committed' : 'both'
      },
      wrong: (own) => own.outcome === 'both',
    }),

  /**
   * SingleOutcome: the caller is told exactly one outcome of each attempt, and it is the real one. Each outcome has the steps
   * that tell it, and what must be so when it is told; `idle` tells that no attempt is under way.
   * Corpus: arm-S8, arm-F7, pm-T1, pm-C4.
   */
  singleOutcome: (
    given: Words & {
      begin: Selector
      outcomes: readonly { readonly told: Selector; readonly real: Predicate<S> }[]
      idle: Predicate<S>
    },
  ): Property =>
    observer(...told(given, 'single-outcome', (what) => `the caller of ${what} is told one outcome, the real one.`), {
      state: record({ owed: bool(), wrong: bool() }),
      initial: { owed: false, wrong: false },
      on: any(given.begin, ...given.outcomes.map((outcome) => outcome.told)),
      next: (own, before, _after, taken) => {
        for (const outcome of given.outcomes)
          if (selects(outcome.told, taken)) {
            if (!own.owed || !outcome.real(before, taken.at)) own.wrong = true
            own.owed = false
          }
        if (selects(given.begin, taken)) own.owed = true
      },
      wrong: (own, state, at) => own.wrong || (own.owed && given.idle(state, at)),
    }),

  /**
   * FailBeforePoNR: after the point of no return nothing fails but in a way that has a defined exit. `commit` selects the
   * first irreversible step, `fails` the failures without an exit, `begin` the start of an attempt.
   * Corpus: arm-F2, arm-S9.
   */
  failBeforePoNR: (given: Words & { begin: Selector; commit: Selector; fails: Selector }): Property =>
    observer(...told(given, 'fail-before-ponr', (what) => `nothing fails in ${what} after its point of no return.`), {
      state: record({ committed: bool(), wrong: bool() }),
      initial: { committed: false, wrong: false },
      on: any(given.begin, given.commit, given.fails),
      next: (own, _before, _after, taken) => {
        if (selects(given.begin, taken)) own.committed = false
        if (selects(given.fails, taken) && own.committed) own.wrong = true
        if (selects(given.commit, taken)) own.committed = true
      },
      wrong: (own) => own.wrong,
    }),

  /**
   * ReadyAtCommit: what readiness means still holds at the step that commits.
   * Corpus: arm-S14.
   */
  readyAtCommit: (given: Words & { commit: Selector; ready: Predicate<S> }): Property =>
    step(...told(given, 'ready-at-commit', (what) => `${what} is ready at the step that commits.`), {
      on: given.commit,
      holds: (before, _after, { at }) => given.ready(before, at),
    }),

  /**
   * TimeTransparent: no expiry is acted upon that is due only to the time asleep. `due` tells that it is due by running time.
   * Corpus: arm-S12, pm-U2.
   */
  timeTransparent: (given: Words & { expire: Selector; due: Predicate<S> }): Property =>
    step(...told(given, 'time-transparent', (what) => `${what} expires only by time spent running.`), {
      on: given.expire,
      holds: (before, _after, { at }) => given.due(before, at),
    }),

  /**
   * WakeLeadsToRunning: a party that is asleep and woken runs in the end. `woken` is both.
   * Corpus: arm-XL2.
   */
  wakeLeadsToRunning: (given: Words & { woken: Predicate<S>; running: Predicate<S> }): Property =>
    leadsTo(...told(given, 'wake-leads-to-running', (what) => `${what}, asleep and woken, runs in the end.`), {
      from: given.woken,
      to: given.running,
    }),
})
