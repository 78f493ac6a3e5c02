/** Templates about undoing: exactly what was done, in reverse, once. */

import { array, bool, record, selects, type Property } from '../../src/index.js'
import { any, told, type Predicate, type Selector, type Stage, type Vocabulary, type Words } from './terms.js'

const steps = (stages: readonly Stage[]): Selector => any(...stages.flatMap(({ done, undone }) => [done, undone]))

/** Templates about undoing, over a state. */
export const undoing = <S>({ always, step, observer }: Vocabulary<S>) => ({
  /**
   * UnwindExact: the undo of a stage runs exactly if the stage was done in this cycle, and nothing done is left when the cycle
   * is over. `over` tells that no attempt is under way.
   * Corpus: pm-L1, pm-L6, pm-C1, pm-X18, arm-XS3.
   */
  unwindExact: (given: Words & { stages: readonly Stage[]; over: Predicate<S> }): Property =>
    observer(...told(given, 'unwind-exact', (what) => `${what} undoes exactly the stages that it did, each once.`), {
      state: record({ done: array(given.stages.length, bool()), wrong: bool() }),
      initial: { done: given.stages.map(() => false), wrong: false },
      on: steps(given.stages),
      next: (own, _before, _after, taken) =>
        given.stages.forEach(({ done, undone }, i) => {
          if (selects(undone, taken)) {
            if (!own.done[i]) own.wrong = true
            own.done[i] = false
          }
          if (selects(done, taken)) own.done[i] = true
        }),
      wrong: (own, state, at) => own.wrong || (own.done.some((done) => done) && given.over(state, at)),
    }),

  /**
   * ReverseOrder: a stage is undone only when no later stage is still done. `stages` in the order in which they are done.
   * Corpus: pm-T6, pm-X9.
   */
  reverseOrder: (given: Words & { stages: readonly Stage[] }): Property =>
    observer(...told(given, 'reverse-order', (what) => `${what} undoes its stages in the reverse of their order.`), {
      state: record({ done: array(given.stages.length, bool()), wrong: bool() }),
      initial: { done: given.stages.map(() => false), wrong: false },
      on: steps(given.stages),
      next: (own, _before, _after, taken) =>
        given.stages.forEach(({ done, undone }, i) => {
          if (selects(undone, taken)) {
            if (own.done.some((still, j) => still && j > i)) own.wrong = true
            own.done[i] = false
          }
          if (selects(done, taken)) own.done[i] = true
        }),
      wrong: (own) => own.wrong,
    }),

  /**
   * DependencyOrder: whoever is active has those active that it needs; `needs` lists pairs of consumer and supplier.
   * Corpus: pm-L4, pm-L9, pm-L10, pm-X15, arm-S4.
   */
  dependencyOrder: <const N extends string>(
    given: Words & {
      needs: readonly (readonly [consumer: N, supplier: N])[]
      active: (state: Parameters<Predicate<S>>[0], who: N) => boolean
    },
  ): Property =>
    always(...told(given, 'dependency-order', (what) => `${what} is active only while what it needs is active.`), {
      when: (s) => given.needs.some(([consumer]) => given.active(s, consumer)),
      holds: (s) =>
        given.needs.every(([consumer, supplier]) => !given.active(s, consumer) || given.active(s, supplier)),
    }),

  /**
   * ResumeOnlySuspended: something is resumed only if it was suspended, and not resumed since.
   * Corpus: pm-L1, pm-D4, pm-T2, arm-F6.
   */
  resumeOnlySuspended: (given: Words & { suspend: Selector; resume: Selector }): Property =>
    observer(...told(given, 'resume-only-suspended', (what) => `${what} is resumed only if it was suspended.`), {
      state: record({ suspended: bool(), wrong: bool() }),
      initial: { suspended: false, wrong: false },
      on: any(given.suspend, given.resume),
      next: (own, _before, _after, taken) => {
        const resumed = selects(given.resume, taken)
        if (resumed && !own.suspended) own.wrong = true
        own.suspended = !resumed
      },
      wrong: (own) => own.wrong,
    }),

  /**
   * ResumeExactlyOnce: suspends and resumes alternate, and are equal in number whenever no attempt is under way.
   * Corpus: pm-Q1, arm-XS13.
   */
  resumeExactlyOnce: (given: Words & { suspend: Selector; resume: Selector; idle: Predicate<S> }): Property =>
    observer(...told(given, 'resume-exactly-once', (what) => `every suspend of ${what} is followed by one resume.`), {
      state: record({ suspended: bool(), wrong: bool() }),
      initial: { suspended: false, wrong: false },
      on: any(given.suspend, given.resume),
      next: (own, _before, _after, taken) => {
        const suspended = selects(given.suspend, taken)
        if (own.suspended === suspended) own.wrong = true
        own.suspended = suspended
      },
      wrong: (own, state, at) => own.wrong || (own.suspended && given.idle(state, at)),
    }),

  /**
   * ForeignStopPreserved: our undo lifts only our own stop; `foreign` gives the stops that others imposed.
   * Corpus: pm-L14, pm-C1, pm-C2.
   */
  foreignStopPreserved: (
    given: Words & { undo: Selector; foreign: (state: Parameters<Predicate<S>>[0]) => unknown },
  ): Property =>
    step(
      ...told(given, 'foreign-stop-preserved', (what) => `the undo of ${what} lifts no stop that another imposed.`),
      {
        on: given.undo,
        holds: (before, after) => JSON.stringify(given.foreign(before)) === JSON.stringify(given.foreign(after)),
      },
    ),

  /**
   * SetupMatchesTeardown: only what is absent is set up, and only what is present is torn down.
   * Corpus: pm-X4, pm-X5, pm-X6.
   */
  setupMatchesTeardown: (given: Words & { setup: Selector; teardown: Selector; present: Predicate<S> }): Property =>
    step(
      ...told(
        given,
        'setup-matches-teardown',
        (what) => `${what} is set up only if absent, torn down only if present.`,
      ),
      {
        on: any(given.setup, given.teardown),
        holds: (before, _after, taken) => given.present(before, taken.at) === selects(given.teardown, taken),
      },
    ),
})
