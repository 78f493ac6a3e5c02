/** Events of a machine that a monitor sees: which steps of a model show them, and where they are caught. */

import { selects, type Selector } from '../write/predicate.js'
import type { System, Transition } from '../write/system.js'
import { Mistake, unknownName } from '../write/mistake.js'

/** What a field of a tracepoint must be: a value, one of several, or a text that begins with one of several. */
export interface Condition {
  readonly field: string
  readonly is?: number | boolean | string | readonly (number | string)[]
  readonly isNot?: number
  readonly begins?: readonly string[]
  readonly beginsNot?: readonly string[]
}

/** Where an event is caught: a tracepoint of the kernel, `power:suspend_resume`, or a function as it is entered or left. */
export interface Probe {
  readonly kind: 'tracepoint' | 'kprobe' | 'kretprobe'
  readonly name: string
  readonly where?: readonly Condition[]
}

/** One event. */
export interface EventDeclaration {
  /** Steps that show it. A step that several events name shows them in their order. */
  readonly steps: Selector
  /** Steps that may show it. */
  readonly may?: Selector
  /** Shown again right behind itself it is one: a loop whose turns the model does not count. */
  readonly repeats?: boolean
  readonly probe?: Probe
}

/** Events by name, in their order. */
export type Events = Readonly<Record<string, EventDeclaration>>

/** One event as a transition shows it. */
export interface Shown {
  readonly event: string
  readonly maybe: boolean
  readonly repeats: boolean
}

/** What each transition of a system shows, by its index. */
export const shownBy = (system: System, events: Events): readonly (readonly Shown[])[] =>
  system.transitions.map((transition) =>
    Object.entries(events).flatMap(([event, { steps, may = [], repeats = false }]) => {
      const surely = selects(steps, transition)
      return surely || selects(may, transition) ? [{ event, maybe: !surely, repeats }] : []
    }),
  )

/** @throws Mistake for a selector that names no step of any of the systems. */
export function refuseUnshown(where: string, events: Events, systems: readonly System[]): void {
  const all: readonly Transition[] = systems.flatMap(({ transitions }) => transitions)
  const look = (place: string, selector: Selector): void => {
    for (const one of typeof selector === 'string' ? [selector] : selector)
      if (!all.some((transition) => selects(one.replace(/^!/, ''), transition)))
        throw unknownName(place, 'step', one, [...new Set(all.map(({ step }) => step))])
  }
  for (const [event, { steps, may }] of Object.entries(events)) {
    refuseNoName(`${where}, event`, event)
    look(`${where}, event ${event}`, steps)
    if (may !== undefined) look(`${where}, event ${event}, may`, may)
  }
}

/** Words that C has taken. */
const taken =
  'auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while'.split(
    ' ',
  )

/** Whether a name can be one in C, and so one of a state or event. */
export const isName = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name) && !taken.includes(name)

/** @throws Mistake for a name that C would not take. */
export function refuseNoName(where: string, name: string): void {
  if (!isName(name))
    throw new Mistake(where, `'${name}' cannot be a name in C`, 'letters, digits and _, and no word of C itself')
}
