/** What a run is asked for: a condition to come to, steps to take and not to take, a property to break; as a search that finds it. */

import { bool, int, record } from '../../write/domain.js'
import { familyOf } from '../../write/family.js'
import { conditionIn } from '../../write/condition-text.js'
import { isMet } from '../../write/condition.js'
import { Mistake, suggestion, unknownName } from '../../write/mistake.js'
import type { At } from '../../write/model.js'
import { selects } from '../../write/predicate.js'
import type { System, Transition } from '../../write/system.js'
import type { StateTest } from '../../search/expander.js'
import { compose } from '../../search/compose/observer.js'

/** What a run is asked for: all of it at once. Steps are named as selectors name them: `thread.step`, `thread.step/alternative`, with `*`. */
export interface Aim {
  /** A condition on the state in which it ends. */
  readonly to?: string | undefined
  /** Steps that it takes, in this order, among others. */
  readonly through?: readonly string[] | undefined
  /** The step that it ends with. */
  readonly until?: string | undefined
  /** Steps that it does not take. */
  readonly avoid?: readonly string[] | undefined
}

/** A search for runs: the system, with what has to be remembered of a run in its state, and the states in which one has arrived. */
export interface Course {
  readonly system: System
  readonly arrived: StateTest
  /** Arrived where the goal cannot be reached any more, too: asked of every state with `when`, if there is one. */
  readonly trap?: { readonly goal: StateTest; readonly when: StateTest | undefined }
  /** Arrived where nothing can happen and nothing should rest, too. */
  readonly dead?: true
}

/** What is remembered of a run. */
interface Memory {
  passed: number
  /** The step just taken is the one to end with, and all others were taken before. */
  now: boolean
  off: boolean
}

/** Whether an aim asks for anything. */
export const isAimless = ({ to, through = [], until, avoid = [] }: Aim): boolean =>
  to === undefined && through.length === 0 && until === undefined && avoid.length === 0

/** The search for what an aim asks for, on top of a search for something else. @throws Mistake for names that no variant has. */
export function aimed(course: Course, aim: Aim): Course {
  const { system } = course
  const { to, through = [], until, avoid = [] } = aim
  const condition = to === undefined ? undefined : conditionIn(system, to)
  const here: StateTest = (state, at) =>
    course.arrived(state, at) && (condition === undefined || isMet(condition, state, at))
  insistOnNames(system, aim)
  if (through.length + avoid.length === 0 && until === undefined) return { ...course, arrived: here }
  const initial: Memory = { passed: 0, now: false, off: false }
  const composed = compose(system, {
    state: record({ passed: int(0, through.length), now: bool(), off: bool() }),
    initial,
    next: (given, _before, _after, step) => {
      const own = given as Memory
      own.now = until !== undefined && own.passed === through.length && selects(until, step)
      if (own.passed < through.length && selects(through[own.passed], step)) own.passed++
      if (avoid.some((selector) => selects(selector, step))) own.off = true
    },
  })
  const own = (state: unknown): Memory => (state as Record<string, Memory>)[composed.field]!
  const arrived = (state: unknown, at: At): boolean => {
    const { passed, now, off } = own(state)
    return !off && passed === through.length && (until === undefined || now) && here(state, at)
  }
  return { ...course, system: composed.system, arrived }
}

/** Whether a transition is one that the order of an aim speaks of. */
export const isNamed = (aim: Aim, transition: Transition): boolean =>
  selectorsOf(aim).some((selector) => selects(selector, transition))

const selectorsOf = ({ through = [], until, avoid = [] }: Aim): readonly string[] => [
  ...through,
  ...avoid,
  ...(until === undefined ? [] : [until]),
]

/** @throws Mistake for a step of an aim that no variant has. */
export function insistOnNames(system: System, aim: Aim): void {
  for (const selector of selectorsOf(aim)) insistOn(system, selector)
}

/** @throws Mistake for a step of a run, with its alternative and arguments, that no variant has. */
export function insistOnSteps(system: System, names: readonly string[]): void {
  const known = new Set(system.transitions.map(({ name }) => name))
  for (const name of names.filter((one) => !known.has(one))) {
    const alike = system.transitions.filter(({ step }) => step === withoutArguments(name))
    if (alike.length > 0)
      throw unknownName(
        `model ${system.model.name}`,
        'step',
        name,
        alike.map((one) => one.name),
      )
    insistOn(system, withoutArguments(name))
  }
}

/** The spelling of a step that `tx.lock/taken(0)` is one of. */
const withoutArguments = (name: string): string => name.replace(/\([^()]*\)/g, '')

/** @throws Mistake for a selector that names no step of any variant. */
function insistOn(system: System, selector: string): void {
  if (system.transitions.some((one) => selects(selector, one))) return
  const { steps } = familyOf(system.model)
  if ([...steps].some((spelling) => selects(selector, { step: spelling, name: spelling }))) return
  const names = [...new Set([...system.transitions.map(({ step }) => step), ...steps])]
  throw new Mistake(`model ${system.model.name}`, `there is no step '${selector}'`, suggestion(selector, names))
}
