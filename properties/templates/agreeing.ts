/** Templates about agreement: what two parties hold of the same thing, after an attempt and after a failure. */

import type { Property } from '../../src/index.js'
import { same, told, type Predicate, type Vocabulary, type Words } from './terms.js'

type State<S> = Parameters<Predicate<S>>[0]

/** Templates about agreement, over a state. */
export const agreeing = <S>({ always, leadsTo }: Vocabulary<S>) => ({
  /**
   * StateAgrees: two parties hold the same of something whenever it is settled (default: always).
   * Source: virtio balloon's `actual` (e562966dbaf4), objects of a GPU that was reset. Corpus: virtio-M3, virtio-V2, virtio-C11, pm-X3.
   */
  stateAgrees: <T>(
    given: Words & { settled?: Predicate<S>; one: (state: State<S>) => T; other: (state: State<S>) => T },
  ): Property => {
    const holds = (s: State<S>): boolean => same(given.one(s), given.other(s))
    return always(
      ...told(given, 'state-agrees', (what) => `both sides hold the same of ${what} whenever it is settled.`),
      given.settled === undefined ? holds : { when: given.settled, holds },
    )
  },

  /**
   * ComesToAgree: while it stays settled (default: always), two parties come to hold the same of something.
   * Source: the balloon's target, the receive filter of a network device. Corpus: virtio-M2, virtio-N9.
   */
  comesToAgree: <T>(
    given: Words & { settled?: Predicate<S>; one: (state: State<S>) => T; other: (state: State<S>) => T },
  ): Property => {
    const agreed = (s: State<S>): boolean => same(given.one(s), given.other(s))
    const settled: Predicate<S> = given.settled ?? (() => true)
    return leadsTo(...told(given, 'comes-to-agree', (what) => `both sides come to hold the same of ${what}.`), {
      from: (s, at) => settled(s, at) && !agreed(s),
      to: (s, at) => agreed(s) || !settled(s, at),
    })
  },

  /**
   * ServiceResumes: while something is in use, its service takes place again and again.
   * Source: the cover letter of virtio's hibernation, 2011: "ping remains active across S4". Corpus: virtio-N2, virtio-N10, virtio-V2.
   */
  serviceResumes: (given: Words & { inUse: Predicate<S>; serves: Predicate<S> }): Property =>
    leadsTo(...told(given, 'service-resumes', (what) => `${what}, while in use, serves again and again.`), {
      from: given.inUse,
      to: (s, at) => given.serves(s, at) || !given.inUse(s, at),
    }),

  /**
   * FailureIsQuiet: after a failure nothing of what failed is left running or reachable.
   * Source: virtio-net's restore whose last step failed (3f2869cace82). Corpus: virtio-N6, pm-Q1.
   */
  failureIsQuiet: (given: Words & { failed: Predicate<S>; left: readonly Predicate<S>[] }): Property =>
    always(...told(given, 'failure-is-quiet', (what) => `after a failure nothing of ${what} is left running.`), {
      when: given.failed,
      holds: (s, at) => !given.left.some((runs) => runs(s, at)),
    }),
})
