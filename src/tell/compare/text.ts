/** A comparison as lines for the terminal. */

import type { Sign, StepDifference } from '../../write/difference.js'
import { counted, padded, paint, shown, wrapped } from '../text.js'
import { changing, sideText, type Behaviours, type Change, type Comparison, type Variant } from './comparison.js'

/** Writes a comparison. */
export function compareLines(comparison: Comparison, columns: number): string[] {
  const { a, b, changes } = comparison
  const width = Math.max(...changes.map(({ property }) => property.length))
  const block = (change: Change, style: 'green' | 'red' | 'yellow'): string[] => {
    const rows = changing(comparison, change).map(
      ({ property, was, is }) => `    ${padded(property, width)}  ${sideText(was)} → ${sideText(is)}`,
    )
    return rows.length === 0 ? [] : [`  ${paint(style, change)}`, ...rows]
  }
  return [
    ...[a, b].flatMap((variant) => sizeLines(variant, columns)),
    ...block('fixes', 'green'),
    ...block('breaks', 'red'),
    ...block('makes vacuous', 'yellow'),
    ...block('leaves open', 'yellow'),
    ...block('asks of one', 'yellow'),
    `  keeps ${counted(changing(comparison, 'keeps').length, 'property', 'properties')}`,
    ...edits(comparison, columns),
    ...behaviour(`${b.name} adds`, comparison.adds, columns),
    ...behaviour(`${b.name} removes`, comparison.removes, columns, ` of ${a.name}`),
  ]
}

const sizeLines = ({ name, states, transitions, cut }: Variant, columns: number): string[] => [
  `${paint('bold', name)}: ${counted(states, 'state')}, ${counted(transitions, 'step')}`,
  ...(cut === null ? [] : wrapped(cut, columns - 2).map((line) => `  ${paint('yellow', line)}`)),
]

/** The steps that differ, and what of them. */
function edits({ edits: { parts, byText }, initially, b }: Comparison, columns: number): string[] {
  const rows = [
    ...initially.map(({ field, before, after }) => `~ at first, ${field}: ${shown(before)} → ${shown(after)}`),
    ...parts.flatMap(({ steps }) => steps.filter(({ sign }) => sign !== ' ').map(stepLine)),
  ]
  if (rows.length === 0) return [`  ${b.name} edits nothing`]
  return [
    `  edits${byText ? ', of code as it is written' : ''}`,
    ...rows.flatMap((row) => wrapped(row, columns - 4, '  ')).map((row) => `    ${row}`),
  ]
}

const styles = { '+': 'green', '-': 'red', '~': 'yellow', ' ': 'dim' } as const satisfies Record<Sign, string>

function stepLine({ sign, name, moved, fields, ways }: StepDifference): string {
  const inside = sign === '~' || (moved && sign === '+')
  const own = inside ? [...new Set(fields.map(({ field }) => fieldName(field)))].join(', ') : ''
  const inner = inside ? ways.map(stepLine).join('; ') : ''
  const told = [own, inner].filter((text) => text !== '').join('; ')
  return `${paint(styles[sign], sign)} ${name}${moved ? ' (moved)' : ''}${told === '' ? '' : `: ${told}`}`
}

/** What a field of a step is to a reader. */
export const fieldName = (field: string): string => words[field] ?? field

const words: Readonly<Record<string, string>> = {
  when: 'guard',
  then: 'effect',
  log: 'prints',
  says: 'sentence',
  provoke: 'to provoke it',
  for: 'ranges over',
  fair: 'fairness',
}

function behaviour(title: string, found: Behaviours, columns: number, owner = ''): string[] {
  if (found.kind === 'none') return [`  ${title} no behaviour`]
  if (found.kind === 'unknown') return [`  ${title}: unknown, ${found.says}`]
  const names = found.trace.steps.map(({ name }) => name)
  const run = wrapped(names.join(' → '), columns - 4).map((line) => `    ${line}`)
  return [`  ${title}${owner}, for example in ${counted(names.length, 'step')}:`, ...run]
}
