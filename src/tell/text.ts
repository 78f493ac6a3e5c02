/** Text for terminals: colours that can be off, counts, wrapping. */

import stringWidth from 'string-width'
import { styleText } from 'node:util'

let coloured = false

/** Whether {@link paint} colours; decided once, by the command line. */
export function colour(on: boolean): void {
  coloured = on
}

/** Text in a colour or weight, or as it is. */
export const paint = (style: 'green' | 'red' | 'yellow' | 'cyan' | 'bold' | 'dim', text: string): string =>
  coloured ? styleText(style, text, { validateStream: false }) : text

/** `1,234,567` */
export const count = (n: number): string => n.toLocaleString('en-US')

/** Lines of at most `columns`, broken at blanks; from the second on behind `indent`. */
export function wrapped(text: string, columns: number, indent = ''): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<=\S) /)) {
    const joined = line === '' ? word : `${line} ${word}`
    if (line !== '' && stringWidth(joined) > columns) {
      lines.push(line)
      line = indent + word
    } else line = joined
  }
  return [...lines, line]
}

/** Text filled with blanks to a width in terminal columns. */
export const padded = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - stringWidth(text)))
