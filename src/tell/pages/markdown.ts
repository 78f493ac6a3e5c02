/** Markdown as code hosts render it: text made safe, tables, anchors. */

/** Prose that stays prose: nothing in it becomes markup or breaks a table. */
export const prose = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*|[\]]/g, '\\$&')
    .replace(/</g, '&lt;')

/** A name, as code. */
export const code = (text: string): string => `\`${text.replace(/`/g, "'").replace(/\|/g, '\\|')}\``

/** A block of text that is shown as it is. */
export const block = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``

/** A table; nothing if it has no rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return []
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')]
}

/** A link to a heading of the same page, named as code hosts name them. */
export const toHeading = (heading: string): string =>
  `#${heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replace(/ /g, '-')}`

/** Paragraphs with empty lines between. */
export const paragraphs = (parts: readonly string[]): string => `${parts.join('\n\n')}\n`
