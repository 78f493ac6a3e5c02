/** What a run hangs on, in words: who holds what and waits for what, circles of waiting told as such. */

import type { Run } from '../search/run.js'
import { waitsAfter, type Awaited, type Waits } from './explore/waits.js'
import { nobody } from './explore/writers.js'
import { quoted, whatIs } from './reason.js'

/** The circles of waiting after a run, each as a sentence, and, if no thread can go on, whatever else the threads wait for. */
export const hangingText = (run: Run): readonly string[] =>
  waitsAfter(run).running.length > 0 ? sentences(run).circles : waitsText(run)

/** Who waits for what after a run: circles first. */
export function waitsText(run: Run): readonly string[] {
  const { circles, alone } = sentences(run)
  return [...circles, ...alone]
}

function sentences(run: Run): { readonly circles: readonly string[]; readonly alone: readonly string[] } {
  const waits = waitsAfter(run)
  const circles = waits.circles.map((circle) => circleText(run, waits, circle))
  const alone = waits.waiting
    .filter(({ label, inCircle, awaits }) => label !== null && !inCircle && awaits.length > 0)
    .map(({ who, awaits }) => `${who} waits ${ways(run, awaits).join(', or ')}`)
  return { circles, alone }
}

/** What is waited for by each step that could be taken next: all of it, or that of another step. */
function ways(run: Run, awaits: readonly Awaited[]): readonly string[] {
  const steps = new Set(awaits.flatMap((one) => one.steps))
  const texts = [...steps].map((step) =>
    awaits
      .filter((one) => one.steps.includes(step))
      .map((one) => wantText(run, one, undefined))
      .join(', and '),
  )
  return [...new Set(texts)]
}

/** `a holds x since step 3 and waits for y; b holds y since step 5 and waits for x: a circle` */
function circleText(run: Run, { waiting }: Waits, circle: readonly string[]): string {
  const wants = circle.map((who, i) => {
    const next = circle[(i + 1) % circle.length]!
    const { awaits } = waiting.find((one) => one.who === who)!
    return { who, next, want: awaits.find(({ by }) => by.some(({ who }) => who === next))! }
  })
  if (wants.length < 2 || !wants.every(({ next, want }) => takerOf(run, want) === next))
    return `a circle of waiting: ${wants.map(({ who, next, want }) => `${who} waits ${wantText(run, want, next)}`).join('; ')}`
  const told = wants.map(({ who, want }, i) => {
    const own = wants[(i + wants.length - 1) % wants.length]!.want
    const has = isLock(own, who) ? `holds ${own.field} since` : `has ${own.field} ${quoted(own.value)} since`
    const until = want.wanted.slice(0, 3).map(quoted).join(' or ')
    const waits = isLock(want, wants[i]!.next)
      ? `waits for ${want.field}`
      : `waits until ${whatIs(want.field)} ${until}`
    return `${who} ${has} step ${own.since} and ${waits}`
  })
  const locks = wants.every(({ next, want }) => isLock(want, next))
  return `${locks ? 'locks taken in a circle' : 'a circle of waiting'}: ${told.join('; ')}`
}

/** Whether a field is a lock that somebody holds: it says who, or is called one. Only the words of a sentence depend on it. */
const isLock = ({ field, value }: Awaited, holder: string): boolean =>
  (typeof value === 'string' && holder.startsWith(value)) || /lock|mutex|sem(aphore)?$|rtnl/i.test(field)

/** The thread that last changed a field. */
const takerOf = ({ steps, system }: Run, { since }: Awaited): string | undefined =>
  since === null ? undefined : system.threads[steps[since - 1]!.transition.thread]?.name

/** Until when somebody waits, since when it is not so, and who could change that. */
function wantText(run: Run, { field, value, wanted, since, by }: Awaited, next: string | undefined): string {
  const until =
    wanted.length === 0 ? `for ${field}` : `until ${whatIs(field)} ${wanted.slice(0, 3).map(quoted).join(' or ')}`
  const from = since === null ? 'from the start' : `since step ${since}, ${run.steps[since - 1]!.transition.name}`
  const who = next === undefined ? [...new Set(by.map((one) => one.who))] : [next]
  const bringing = who.length === 0 ? `and ${nobody(run.system)} changes that` : `which takes ${who.join(' or ')}`
  return `${until}: it is ${quoted(value)} ${from}, ${bringing}`
}
