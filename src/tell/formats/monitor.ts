/** A monitor as a table: for each state, where each event leads; what is empty is what it would report. */

import { eventsOf } from '../../machine/minimal.js'
import type { Monitor } from '../../machine/monitor.js'

/** The table as markdown, in columns of one width. */
export function monitorTable({ automaton, names }: Pick<Monitor, 'automaton' | 'names'>): string {
  const events = eventsOf(automaton)
  const rows = automaton.states.map((row, i) => [
    names[i]!,
    ...events.map((event) => (row.has(event) ? names[row.get(event)!]! : '')),
  ])
  const all = [['in', ...events], ...rows]
  const widths = all[0]!.map((_, column) => Math.max(3, ...all.map((row) => row[column]!.length)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  return `${[line(all[0]!), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...all.slice(1).map(line)].join('\n')}\n`
}
