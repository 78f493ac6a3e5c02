/** The worker's side: it searches, tells how far it is, and answers. */

import type { CancelPlan } from '../../../write/cancel.js'
import { foldedMap, type FoldedMap } from '../folded.js'
import { searchFor, type Wish } from '../question.js'
import { follow, type Schedule } from '../schedule.js'
import { drained, shortestWay, type Bounds, type Ended } from '../shortest.js'
import type { Subject } from '../subject.js'
import type { Ready, Variants } from '../variants.js'

/** What a worker is asked. */
export interface Asked {
  readonly subject: Subject
  readonly variant: string
  /** Which plan of cancels is in the system, by its number; -1 for none. */
  readonly plan: number
  readonly schedule: Schedule
  readonly bounds: Bounds
  readonly of: { readonly kind: 'way'; readonly wish: Wish } | { readonly kind: 'map'; readonly by: readonly string[] }
}

/** What it says. */
export type Told =
  | { readonly kind: 'progress'; readonly states: number }
  | { readonly kind: 'way'; readonly way: Ended }
  | { readonly kind: 'map'; readonly map: FoldedMap }
  | { readonly kind: 'wrong'; readonly says: string }

/** The system of a variant, or the one with the cancels of its plan of that number. */
export const systemIn = ({ system, cancels }: Ready, plan: number): Ready['system'] =>
  [...cancels.values()][plan] ?? system

/** The number of a plan, as {@link systemIn} wants it. */
export const planNumber = ({ cancels }: Ready, plan: CancelPlan<unknown> | undefined): number =>
  plan ? [...cancels.keys()].indexOf(plan) : -1

/** Answers one question at a time. */
export function serve(variantsOf: (subject: Subject) => Variants): void {
  const tell = (told: Told): void => postMessage(told)
  onmessage = ({ data }: MessageEvent<Asked>) => {
    try {
      tell(answerTo(data, variantsOf(data.subject), (states) => tell({ kind: 'progress', states })))
    } catch (error) {
      tell({ kind: 'wrong', says: (error as Error).message })
    }
  }
}

function answerTo(
  { variant, plan, schedule, bounds, of }: Asked,
  variants: Variants,
  progress: (n: number) => void,
): Told {
  const ready = variants.ready(variant)
  const system = systemIn(ready, plan)
  if (of.kind === 'map') return { kind: 'map', map: drained(foldedMap(system, of.by, bounds), progress) }
  const { run, stuck } = follow(system, schedule)
  if (stuck) return { kind: 'wrong', says: `${stuck.name} cannot be taken` }
  const search = searchFor(run, of.wish, ready.properties)
  const way = drained(shortestWay(search.run, search.sought, bounds), progress)
  return { kind: 'way', way }
}
