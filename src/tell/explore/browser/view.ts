/** What every part of the page is given: the run that is looked at, and what can be done with it. */

import type { Run } from '../../../search/run.js'
import type { SystemState } from '../../../search/reference.js'
import type { Branches } from '../branches.js'
import type { Wish } from '../question.js'
import type { Schedule, Stuck } from '../schedule.js'
import type { Ready, Variants } from '../variants.js'
import type { Told } from './worker.js'

/** A search that goes on, or the answer to the last one. */
export interface Asking {
  readonly wish: Wish
  /** Whether the way is to be taken when it is found. */
  readonly takes: boolean
  /** How often it was asked to look further. */
  readonly further: number
  readonly told: Told | null
}

/** What is on the screen. */
export interface View {
  readonly variants: Variants
  readonly ready: Ready
  readonly branches: Branches
  /** The whole run that is looked at, and as far as it is shown as taken. */
  readonly run: Run
  readonly here: Run
  readonly stuck: Stuck | undefined
  /** A state put aside to compare others with. */
  readonly pinned: { readonly says: string; readonly state: SystemState } | null
  /** The variant beside. */
  readonly beside: string
  readonly asking: Asking | null
  readonly act: Acts
}

/** What can be done. */
export interface Acts {
  /** Steps behind the one that is shown. */
  readonly take: (names: readonly string[]) => void
  readonly goTo: (step: number) => void
  /** A step taken at another place, if all can be taken then. */
  readonly move: (from: number, to: number) => void
  /** A run of its own; of another variant if one is named. */
  readonly open: (schedule: Schedule, step: number, variant?: string) => void
  readonly fork: () => void
  readonly shorten: () => void
  readonly undo: () => void
  readonly redo: () => void
  readonly select: (id: number) => void
  readonly close: () => void
  /** An injected cancel of a plan, by the plan's number. */
  readonly cancel: (plan: number, name: string) => void
  /** `takes`: goes there when a way is found; `further`: looks tenfold as far, so often. */
  readonly ask: (wish: Wish, takes: boolean, further?: number) => void
  readonly giveUp: () => void
  /** Another variant, with the same steps as far as it can take them. */
  readonly choose: (variant: string) => void
  readonly pin: () => void
  readonly setBeside: (variant: string) => void
  readonly say: (text: string) => void
}
