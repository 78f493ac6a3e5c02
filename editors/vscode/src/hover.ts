/** What the mouse on the name of a step shows: the function that it stands for, and whether the last check took it. */

import { stepsIn } from './steps.js'

/** Markdown for a position, from 0; undefined where no step is named. */
export function hoverOf(text: string, line: number, character: number, untaken: readonly string[]): string | undefined {
  const step = stepsIn(text).find(
    (one) => one.line === line && character >= one.column && character <= one.column + one.length,
  )
  if (!step) return undefined
  return [
    `**${step.name}**`,
    ...(step.origin === undefined ? [] : [step.origin]),
    ...(untaken.includes(step.name) ? ['_never taken_'] : []),
  ].join('  \n')
}
