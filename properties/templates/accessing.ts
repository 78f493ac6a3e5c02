/** Templates about access: who may touch what, and in which state it has to be. */

import { selects, type Property } from '../../src/index.js'
import { any, told, type Predicate, type Selector, type Vocabulary, type Words } from './terms.js'

type State<S> = Parameters<Predicate<S>>[0]

/** Templates about access, over a state. */
export const accessing = <S>({ step }: Vocabulary<S>) => ({
  /**
   * AccessOnlyWhile: whoever accesses a resource finds it in a state that allows it. `access` selects the accesses; `by` names the
   * actors that are meant (default: all), `except` those that are not; `relevant` restricts it to states in which it matters.
   * Source: virtio 1.3, sections 2.4 and 3.3; the review of 2011 asks it of guest and host. Corpus: virtio-N1, virtio-N3, virtio-T10,
   * virtio-C6, virtio-H4, pm-D6.
   */
  accessOnlyWhile: (
    given: Words & {
      access: Selector
      allowed: Predicate<S>
      by?: readonly string[]
      except?: readonly string[]
      relevant?: Predicate<S>
    },
  ): Property => {
    const { by, except = [], relevant } = given
    return step(...told(given, 'access-only-while', (what) => `${what} is accessed only in a state that allows it.`), {
      on: given.access,
      holds: (before, _after, { at }) => given.allowed(before, at),
      ...((by !== undefined || except.length > 0 || relevant !== undefined) && {
        when: (before, _after, { actor, at }) =>
          (by?.includes(actor) ?? true) && !except.includes(actor) && (relevant?.(before, at) ?? true),
      }),
    })
  },

  /**
   * ActsOnlyWhile: an act that goes through a shared core finds a state that allows it. The core notes an act that does not, so that
   * no step escapes by its name; `noted` tells whether one was, `acted` whether a step acted at all (else the claim is vacuous).
   * Source: the control work and the freeze of virtio-console, which add buffers under names that no list of ours had.
   */
  actsOnlyWhile: (
    given: Words & {
      acted: (before: State<S>, after: State<S>) => boolean
      noted: (state: State<S>) => boolean
      except?: readonly string[]
    },
  ): Property => {
    const { except = [], acted, noted } = given
    return step(...told(given, 'acts-only-while', (what) => `${what} is acted on only in a state that allows it.`), {
      when: (before, after, { actor }) => !except.includes(actor) && (noted(after) || acted(before, after)),
      holds: (before, after) => noted(before) || !noted(after),
    })
  },

  /**
   * ReadyBeforeUse: the event that makes something ready comes before every use of it. A step that `use` selects counts as a use if
   * `used` says so of the state after it (default: always).
   * Source: virtio 1.3, section 3.1.1 (no buffer is notified before DRIVER_OK). Corpus: virtio-C2, virtio-C5, virtio-N8.
   */
  readyBeforeUse: (
    given: Words & { use: Selector; ready: Predicate<S>; used?: (after: State<S>) => boolean },
  ): Property =>
    step(...told(given, 'ready-before-use', (what) => `${what} is not used before it is ready.`), {
      on: given.use,
      holds: (before, after, { at }) => given.ready(before, at) || !(given.used?.(after) ?? true),
    }),

  /**
   * SetUpOnce: something is allocated, initialised or registered only where it is not yet.
   * Source: virtio-blk's array of queues (b71ba22e7c6c), `INIT_WORK` on a queued work (da3159a3b3fd). Corpus: virtio-K4, virtio-Q1.
   */
  setUpOnce: (given: Words & { setup: Selector; present: Predicate<S> }): Property =>
    step(...told(given, 'set-up-once', (what) => `${what} is set up only where it is absent.`), {
      on: given.setup,
      holds: (before, _after, { at }) => !given.present(before, at),
    }),

  /**
   * ReleasedOnce: something is released only while it is held, and is held no more at the steps that end its ground (`over`).
   * Source: virtio-blk's array of queues after a failed restore, the xdp registration of virtio-net (8af52fe9fd3b).
   * Corpus: virtio-K5, virtio-N5, pm-Q1, pm-C1.
   */
  releasedOnce: (given: Words & { release: Selector; over?: Selector; held: Predicate<S> }): Property =>
    step(...told(given, 'released-once', (what) => `${what} is released only while held, and not held when over.`), {
      on: any(given.release, given.over ?? []),
      holds: (before, _after, taken) => given.held(before, taken.at) === selects(given.release, taken),
    }),

  /**
   * OutcomeReal: somebody is told an outcome only if it is so.
   * Source: read(2) returns 0 only at an end of file; `bdrv_inactivate_all` and migration's cancel. Corpus: virtio-T8, pm-Q1, pm-L8.
   */
  outcomeReal: (given: Words & { tell: Selector; real: Predicate<S> }): Property =>
    step(...told(given, 'outcome-real', (what) => `${what} is told only if it is so.`), {
      on: given.tell,
      holds: (before, _after, { at }) => given.real(before, at),
    }),
})
