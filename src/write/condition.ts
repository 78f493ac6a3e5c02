/** Conditions on states as plain data: comparisons of fields and places, and what they say of a state. */

import type { Shape } from './domain.js'
import type { At } from './model.js'

/** A condition, its names looked up. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  /** Where a thread stands: at one of these labels. */
  | { readonly kind: 'at'; readonly thread: string; readonly labels: readonly string[] }
  | { readonly kind: 'compare'; readonly op: Comparison; readonly left: Term; readonly right: Term }
  | { readonly kind: 'truth'; readonly of: Term }

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

/** What can be compared: a field, the length of a list, a value, a sum. */
export type Term =
  | { readonly kind: 'field'; readonly path: readonly (string | number)[]; readonly shape: Shape | undefined }
  | { readonly kind: 'length'; readonly of: Term }
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  | { readonly kind: 'sum'; readonly sign: 1 | -1; readonly left: Term; readonly right: Term }

/** Whether a condition is met in a state. */
export function isMet(condition: Condition, state: unknown, at: At): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.of.every((one) => isMet(one, state, at))
    case 'or':
      return condition.of.some((one) => isMet(one, state, at))
    case 'not':
      return !isMet(condition.of, state, at)
    case 'at':
      return condition.labels.some((label) => at(condition.thread, label))
    case 'truth':
      return valueOf(condition.of, state) === true
    case 'compare':
      return compared(condition.op, valueOf(condition.left, state), valueOf(condition.right, state))
  }
}

function compared(op: Comparison, left: unknown, right: unknown): boolean {
  if (op === '==') return left === right && left !== undefined
  if (op === '!=') return left !== right
  if (typeof left !== 'number' || typeof right !== 'number') return false
  return op === '<' ? left < right : op === '<=' ? left <= right : op === '>' ? left > right : left >= right
}

/** The value of a term in a state; undefined where something on the way is not there. */
export function valueOf(term: Term, state: unknown): unknown {
  switch (term.kind) {
    case 'value':
      return term.value
    case 'field':
      return term.path.reduce<unknown>(
        (here, key) => (here as Record<string | number, unknown> | null | undefined)?.[key],
        state,
      )
    case 'length':
      return (valueOf(term.of, state) as readonly unknown[] | null | undefined)?.length
    case 'sum': {
      const [left, right] = [valueOf(term.left, state), valueOf(term.right, state)]
      return typeof left === 'number' && typeof right === 'number' ? left + term.sign * right : undefined
    }
  }
}

/** A term as it is written. */
export function spelled(term: Term): string {
  switch (term.kind) {
    case 'field':
      return spelledPath(term.path)
    case 'length':
      return `${spelled(term.of)}.length`
    case 'value':
      return typeof term.value === 'string' ? `'${term.value}'` : String(term.value)
    case 'sum':
      return `${spelled(term.left)} ${term.sign > 0 ? '+' : '-'} ${spelled(term.right)}`
  }
}

/** `dev[0].used` */
export const spelledPath = (path: readonly (string | number)[]): string =>
  path.reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${key}` : key), '')
