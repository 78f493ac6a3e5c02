/** Text for terminals: colours that can be off, counts, wrapping. */

import stringWidth from 'string-width'
import { styleText } from 'node:util'

let coloured = false

/** Whether {@link paint} colours; decided once, by the command line. */
export function colour(on: boolean): void {
  coloured = on
}

/** What {@link paint} can do. Green, red and yellow are for what is as claimed, is not, or is open; magenta for violations that were found. */
export type Style = 'green' | 'red' | 'yellow' | 'magenta' | 'cyan' | 'bold' | 'dim'

/** Text in a colour or weight, or as it is. */
export const paint = (style: Style, text: string): string =>
  coloured ? styleText(style, text, { validateStream: false }) : text

/** `1,234,567` */
export const count = (n: number): string => n.toLocaleString('en-US')

let program = 'thawproof'

/** What {@link asCalled} writes for `thawproof`; decided once, by the command line. */
export function called(as: string): void {
  program = as
}

/** Commands that a text begins with, or that stand on indented lines of it, as this program was called: to be typed where it was. */
export const asCalled = (text: string): string =>
  text.replace(/^( *)thawproof (?=[a-z])/gm, (_, blanks: string) => `${blanks}${program} `)

/** `1 step`, `2,000 steps`, `2 boxes` */
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`

/** `84 kB`, `1.2 MB` */
export const sizeText = (text: string): string => {
  const bytes = Buffer.byteLength(text)
  return bytes < 999_500 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

/** Lines of at most `columns`, broken at blanks; from the second on behind `indent`. A word too long is broken within. */
export function wrapped(text: string, columns: number, indent = ''): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<=\S) /).flatMap((one) => pieces(one, columns - indent.length))) {
    const joined = line === '' ? word : `${line} ${word}`
    if (line !== '' && stringWidth(joined) > columns) {
      lines.push(line)
      line = indent + word
    } else line = joined
  }
  return [...lines, line]
}

/** A word in pieces that fit, cut behind a sign where there is one; blanks before it are the filling of a column. */
function pieces(word: string, columns: number): string[] {
  if (stringWidth(word.trimStart()) <= columns) return [word]
  const signs = word.slice(0, columns).search(/[/._,:-][^/._,:-]*$/) + 1
  const cut = signs > columns / 2 ? signs : columns
  return [word.slice(0, cut), ...pieces(word.slice(cut), columns)]
}

/** Text filled with blanks to a width in terminal columns. */
export const padded = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - stringWidth(text)))

/** Text with its control characters made visible: a terminal would obey them, and XML has no place for them. */
export const visible = (text: string): string =>
  text
    .replace(/[\x00-\x08\x0b-\x1f]/g, (sign) => String.fromCodePoint(0x2400 + sign.codePointAt(0)!))
    .replace(/[\x7f-\x9f]/g, '\u2421')

/** Values without the quotes that JSON wants. */
export const shown = (value: unknown): string => (typeof value === 'string' ? visible(value) : JSON.stringify(value))

/** `['dev', 0, 'vq']` as `dev[0].vq`. */
export const spellPath = (path: readonly (string | number)[]): string =>
  path.reduce<string>(
    (text, key) => (/^\d+$/.test(String(key)) ? `${text}[${key}]` : text ? `${text}.${key}` : String(key)),
    '',
  )

/** `dev[0].vq` as `['dev', 0, 'vq']`; the inverse of {@link spellPath}. */
export const pathIn = (field: string): readonly (string | number)[] =>
  [...field.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, name]) => (index === undefined ? name! : Number(index)))
