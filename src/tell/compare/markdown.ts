/** A comparison as Markdown, for a review or an issue. */

import type { PartDifference, StepDifference } from '../../write/difference.js'
import { lanesOf, stepsOf } from '../lanes.js'
import { block, code, paragraphs, prose, table } from '../pages/markdown.js'
import { count, shown } from '../text.js'
import { commandOf, type Trace } from '../trace.js'
import {
  changing,
  sideText,
  summaryOf,
  type Behaviours,
  type Change,
  type Comparison,
  type Variant,
} from './comparison.js'
import { fieldName } from './text.js'

/** Columns of the lanes: what a code host shows without scrolling. */
const columns = 80

const order: readonly Change[] = ['breaks', 'makes vacuous', 'leaves open', 'asks of one', 'fixes', 'keeps']

/** Writes a comparison; `address` is what to type to mean the protocol. */
export function compareMarkdown(comparison: Comparison, address: string): string {
  const { protocol, question, a, b, changes, adds, removes } = comparison
  const rows = order.flatMap((change) => changing(comparison, change))
  return paragraphs([
    `# ${protocol}: ${code(b.name)} against ${code(a.name)}`,
    `**${prose(question)}** Against ${code(a.name)}, ${code(b.name)} ${summaryOf(comparison)}.`,
    ...variantParts(a),
    ...variantParts(b),
    '## Verdicts',
    ...table(
      ['Property', code(a.name), code(b.name), '', 'What must hold'],
      rows.map(({ property, was, is, change, says }) => [
        code(property),
        sideText(was),
        sideText(is),
        change === 'keeps' ? '' : `**${change}**`,
        prose(says),
      ]),
    ),
    '## Edits',
    ...editParts(comparison),
    '## Behaviours',
    'A behaviour is the sequence of those steps that both variants know by name.',
    ...behaviourParts(`What ${code(b.name)} adds`, adds),
    ...behaviourParts(`What ${code(b.name)} removes`, removes),
    '## The shortest run for each change',
    ...changes.flatMap(({ trace, change, property }) =>
      trace && change !== 'keeps'
        ? [`### ${code(property)}, which ${code(b.name)} ${change}`, ...traceParts(trace, address)]
        : [],
    ),
  ])
}

function variantParts({ name, patches, parameters, states, transitions, cut }: Variant): string[] {
  const chosen = Object.entries(parameters).map(([parameter, value]) => code(`${parameter}=${value}`))
  const search = `${count(states)} states, ${count(transitions)} steps${cut === null ? '' : ', **not searched completely**'}`
  const made = patches.map(
    ({ name: patch, says, reference }) =>
      `- ${code(patch)}: ${prose(says)}${reference === null ? '' : ` (${prose(reference)})`}`,
  )
  return [
    `${code(name)}: ${[search, ...chosen].join(', ')}${patches.length === 0 ? '; no patches' : ''}.`,
    ...(cut === null ? [] : [`> ${prose(cut)}`]),
    ...(made.length === 0 ? [] : [made.join('\n')]),
  ]
}

function editParts({ edits: { parts, byText }, initially }: Comparison): string[] {
  const at = initially.map(
    ({ field, before, after }) => `- ${code(field)}: ${code(shown(before))} → ${code(shown(after))}`,
  )
  return [
    ...(byText ? ['The two have other parameters, so code that is written alike counts as the same.'] : []),
    ...(at.length === 0 ? [] : ['At first:', at.join('\n')]),
    ...parts.map((part) => block('diff', diffText(part))),
    ...(at.length + parts.length === 0 ? ['None.'] : []),
  ]
}

/** The steps of a part as a diff; what is the same is told only beside what is not. */
function diffText({ name, actor, steps }: PartDifference): string {
  const near = (i: number): boolean => steps.slice(Math.max(0, i - 1), i + 2).some(({ sign }) => sign !== ' ')
  const lines = steps.flatMap((step, i) =>
    near(i) ? stepLines(step) : i > 0 && near(i - 1) && steps.slice(i).some(({ sign }) => sign !== ' ') ? ['  …'] : [],
  )
  return [`@@ ${name}, by ${actor} @@`, ...lines].join('\n')
}

function stepLines({ sign, name, origin, moved, fields, ways }: StepDifference, indent = ''): string[] {
  const where = origin.kind === 'source' && indent === '' ? ` (${origin.symbol}, ${origin.file})` : ''
  // A step that is not alike is in both: its fields tell what of it goes and comes.
  const head = `${sign === '~' ? ' ' : sign} ${indent}${name}${moved ? ', moved' : ''}${where}`
  const own = fields.flatMap((field) => {
    const [first, ...rest] = field.text.split('\n')
    const margin = `${field.sign}     ${indent}`
    return [`${margin}${fieldName(field.field)}: ${first}`, ...rest.map((line) => margin + line)]
  })
  return [head, ...own, ...ways.flatMap((way) => stepLines(way, `${indent}  `))]
}

function behaviourParts(title: string, found: Behaviours): string[] {
  if (found.kind === 'none') return [`### ${title}`, 'No behaviour.']
  if (found.kind === 'unknown') return [`### ${title}`, `Not known: ${found.says}.`]
  return [
    `### ${title}`,
    `For example, in ${found.trace.steps.length} steps. ${prose(found.trace.says)}`,
    block('text', stepsOf(found.trace, { columns })),
  ]
}

const traceParts = (trace: Trace, address: string): string[] => [
  block('text', lanesOf(trace, { columns })),
  `To see it again: ${code(commandOf(trace, address))}`,
]
