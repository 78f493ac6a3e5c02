/**
 * The third preparation of C for the parser: a macro that heads a block becomes a `while`, a type among arguments a name.
 * Same length, same lines; what stood there is read off the text before.
 */

import { blankOut } from './attributes.js'

/** Macros that head a loop: `list_for_each_entry`, `for_each_domain`, `QTAILQ_FOREACH`. */
const loops = '\\w*(?:for_each|FOREACH|_each_)\\w*'

/** Macros that head a block which is done once: under a lock, or within some other scope. */
const scopes = 'scoped_\\w+|WITH_\\w+|with_\\w+'

const head = new RegExp(`^([ \\t]+(?:\\w+:[ \\t]+|\\} else |else )?)(${loops}|${scopes})(?=\\s*\\()`, 'gm')

const typeArgument = /(?<=\w\(\s*|,\s*)(?:struct|union|enum)(\s+\w+)(\s*\**)(?=\s*[,)])/g

/** `KERN_ERR PREFIX` before a string that is printed. */
const prefixes = /(?<=\(\s*)(?:[A-Z_][A-Z0-9_]*\s+)+(?=")/g

/** Whether a macro of that name heads a loop, a scope, or nothing that we know of. */
export const headOf = (name: string): 'loop' | 'scope' | undefined =>
  new RegExp(`^(?:${scopes})$`).test(name) ? 'scope' : new RegExp(`^(?:${loops})$`).test(name) ? 'loop' : undefined

/** The text in words that the parser knows. */
export function withoutMacros(text: string): string {
  const bare = text.replace(prefixes, blankOut)
  const plain = bare.replace(typeArgument, (whole, name: string, stars: string) => {
    const blank = ' '.repeat(whole.length - name.length - stars.length)
    return blank + name + ' '.repeat(stars.length)
  })
  return plain.replace(head, (whole, before: string, name: string, at: number) => {
    if (name.length < 5 || !bodyFollows(plain, at + whole.length)) return whole
    return `${before}while${' '.repeat(name.length - 5)}`
  })
}

/** The arguments of such a macro are short. */
const longest = 1000

/** Whether a block or a statement stands behind the argument list at a place. */
function bodyFollows(text: string, from: number): boolean {
  let depth = 0
  for (let i = from; i < Math.min(text.length, from + longest); i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')' && --depth === 0)
      return /^(?:\s|\/\*[\s\S]*?\*\/)*[{A-Za-z_*(]/.test(text.slice(i + 1, i + 300))
  }
  return false
}
