/** Atomicity: which verdicts need a step of a model to be one. */

import { Mistake } from '../write/mistake.js'
import { begun, cutAt, cutPointsOf, type CutPoint } from '../write/cut.js'
import type { Properties } from '../write/property.js'
import type { System } from '../write/system.js'
import { check, type Outcome } from '../search/check.js'
import type { SearchOptions } from '../search/explore.js'
import { Fault } from '../search/reference.js'

/** A step in two, and what it changes. */
export interface Seam {
  /** `thread.step` or `thread.step/alternative` */
  readonly target: string
  /** How many of its writes come before others may run. */
  readonly after: number
  /** What the first half changes, in the run of the first verdict that is another; nothing where no run shows it. */
  readonly writes: readonly string[]
  /** The properties with another verdict; of those that are violated, the length of the shortest run. */
  readonly breaks: readonly { readonly property: string; readonly verdict: string; readonly steps?: number }[]
}

/** All seams of a system. */
export interface Atomicity {
  /** Steps and alternatives that were cut, and how many times in all. */
  readonly points: number
  readonly cuts: number
  readonly seams: readonly Seam[]
  /** Cuts whose search was given up, or that the model cannot be made with. */
  readonly undecided: readonly string[]
}

/** A system that is cut may have so many times the states of the original, and so many more. */
const growth = 8
const room = 20_000

/**
 * Cuts each step between each two of its writes, one at a time, and checks. A property of steps is not asked of halves.
 * @throws Mistake if the original cannot be searched to the end.
 */
export async function atomicity(
  system: System,
  properties: Properties,
  options: SearchOptions = {},
  onCut: (target: string, done: number, total: number) => void = () => undefined,
): Promise<Atomicity> {
  const original = await check(system, properties, options)
  if (original.cut) throw new Mistake(`cuts of ${system.model.name}`, original.cut.says)
  const limits = { ...options, maxSpace: original.states * growth + room }
  const points = cutPointsOf(system)
  const seams: Seam[] = []
  const undecided: string[] = []
  let cuts = 0
  let at = 0
  for (const point of points) {
    onCut(point.target, at++, points.length)
    for (let after = 1; !options.signal?.aborted; after++) {
      const outcome = await sound(() => check(cutAt(system, point, after), properties, limits))
      if (outcome && !isCut(outcome, point)) break
      cuts++
      if (!outcome || outcome.fault) undecided.push(`${point.target} after ${after}`)
      if (!outcome) break
      const breaks = changed(original, outcome, point)
      if (breaks.length > 0)
        seams.push({ target: point.target, after, writes: writesOf(outcome, point, breaks), breaks })
      else if (!outcome.complete && !outcome.fault) undecided.push(`${point.target} after ${after}`)
    }
  }
  return { points: points.length, cuts, seams, undecided }
}

const nameOf = ({ target, alternative }: CutPoint): string =>
  `${target}${alternative === undefined ? '/whole' : ''}:begun`

const restOf = ({ thread, step }: CutPoint): string => `${thread.name}.${step.name}:rest`

/** Whether the step was ever in two: it is not where it never writes so often. */
const isCut = ({ unfired }: Outcome, point: CutPoint): boolean => !unfired.includes(nameOf(point))

/**
 * What is violated now and was not, or the other way round; not a property of steps that is broken by a half, of which it does not speak.
 * That a premise is about the step as it was called, and comes no more, is no news.
 */
const changed = (original: Outcome, { verdicts }: Outcome, point: CutPoint): Seam['breaks'] =>
  verdicts.flatMap(({ property, kind, verdict, run }, i) => {
    const last = run?.steps.at(-1)?.transition.step
    const ofHalf = kind === 'step' && last !== undefined && (last === nameOf(point) || last === restOf(point))
    const same = (verdict === 'violated') === (original.verdicts[i]!.verdict === 'violated')
    if (verdict === 'unknown' || same || ofHalf) return []
    return [{ property, verdict, ...(run && { steps: run.steps.length }) }]
  })

/** The fields that the first half writes in the run that shows the first change. */
function writesOf({ verdicts }: Outcome, point: CutPoint, breaks: Seam['breaks']): readonly string[] {
  const run = verdicts.find(({ property }) => property === breaks[0]!.property)?.run
  const step = run?.steps.findLast(({ transition }) => transition.step === nameOf(point))
  return step ? step.changes.flatMap(({ path }) => (path[0] === begun ? [] : [path.join('.')])) : []
}

async function sound<T>(make: () => Promise<T>): Promise<T | undefined> {
  try {
    return await make()
  } catch (error) {
    if (error instanceof Mistake || error instanceof Fault) return undefined
    throw error
  }
}
