/** Which fairness a verdict needs: found by judging again with assumptions given up or added, one after the other. */

import type { Fairness } from '../../write/model.js'
import type { System } from '../../write/system.js'
import type { Assumptions } from './fairness.js'
import type { Assumption } from '../verdict.js'

/** The parts in the order in which assumptions are given up: the environment's first, then by name. */
function byDispensability(system: System, assumptions: Assumptions): string[] {
  const actorOf = new Map<string, string>()
  for (const { step, actor } of system.transitions) actorOf.set(step.replace(/\/.*/, ''), actor)
  for (const { name, actor } of system.threads) actorOf.set(name.replace(/\(.*/, ''), actor)
  const rank = (part: string): number => (system.actors[actorOf.get(part) ?? '']?.fair === 'none' ? 0 : 1)
  return [...assumptions.keys()].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

/** A minimal set of the declared assumptions that keeps the property from being broken. */
export function minimalKept(
  system: System,
  declared: Assumptions,
  breaks: (assumptions: Assumptions) => boolean,
): Assumption[] {
  return lessened(byDispensability(system, declared), declared, new Map(), breaks)
}

/** A minimal set of assumptions beyond the declared ones under which the property would not be broken, if there is one. */
export function minimalAdded(
  system: System,
  declared: Assumptions,
  breaks: (assumptions: Assumptions) => boolean,
): Assumption[] | undefined {
  const order = byDispensability(system, declared)
  const raised = (least: Fairness): Assumptions =>
    new Map(order.map((part) => [part, least === 'strong' || declared.get(part) === 'strong' ? 'strong' : 'weak']))
  const enough = [raised('weak'), raised('strong')].find((assumptions) => !breaks(assumptions))
  return enough && lessened(order, enough, declared, breaks)
}

const weaker: Readonly<Record<Fairness, readonly Fairness[]>> = {
  strong: ['none', 'weak'],
  weak: ['none'],
  none: [],
}

/** Weakens assumptions one after the other, never below a floor, as long as nothing breaks; tells what stays above it. */
function lessened(
  order: readonly string[],
  enough: Assumptions,
  floor: Assumptions,
  breaks: (assumptions: Assumptions) => boolean,
): Assumption[] {
  const least = (part: string): Fairness => floor.get(part) ?? 'none'
  const none = new Map(order.map((part) => [part, least(part)] as const))
  if (!breaks(none)) return []
  const now = new Map(enough)
  for (const part of order) {
    const before = now.get(part)!
    const choices = weaker[before].filter((fair) => fair === least(part) || weaker[fair].includes(least(part)))
    now.set(part, choices.find((fair) => !breaks(new Map([...now, [part, fair]]))) ?? before)
  }
  return order.flatMap((of) => {
    const fair = now.get(of)!
    return fair === 'none' || fair === least(of) ? [] : [{ of, fair }]
  })
}

/** `a, b and c`. */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`

/** `strong fairness of channel.deliver, weak fairness of host`. */
export const spelledNeeds = (needs: readonly Assumption[]): string =>
  listed(needs.map(({ of, fair }) => `${fair} fairness of ${of}`))
