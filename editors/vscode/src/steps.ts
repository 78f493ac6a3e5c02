/** Where the steps of a model are written: found in the text, so that it works while the file does not compile. */

/** A step where it is written. */
export interface Written {
  /** `suspend.enter`, or `actor.action`. */
  readonly name: string
  /** From 0; the name between its quotes. */
  readonly line: number
  readonly column: number
  readonly length: number
  /** The function that it stands for, or what makes it happen, as it is written. */
  readonly origin?: string
}

const word = /\b(thread|step|action)\(\s*(['"])([^'"\n]+)\2/g

/** The steps and actions of a file in the order of their text; a step belongs to the thread before it, or to the target of the edit. */
export function stepsIn(text: string): readonly Written[] {
  const found = [...text.matchAll(word)]
  let thread: string | undefined
  return found.flatMap((match, i): readonly Written[] => {
    const [whole, kind, , name] = match
    if (kind === 'thread') {
      thread = name!
      return []
    }
    const end = found[i + 1]?.index ?? text.length
    const body = text.slice(match.index, end)
    const owner =
      kind === 'action' ? /\bactor:\s*['"]([^'"]+)['"]/.exec(body)?.[1] : (editedIn(text, match.index) ?? thread)
    if (owner === undefined) return []
    const start = match.index + whole.length - name!.length - 1
    const before = text.slice(0, start).split('\n')
    const origin = /\borigin:\s*(source|env)\(([^)]*)\)/.exec(body)
    return [
      {
        name: `${owner}.${name!}`,
        line: before.length - 1,
        column: before.at(-1)!.length,
        length: name!.length,
        ...(origin && { origin: origin[2]!.replace(/['"]/g, '').replace(/,\s*/, ': ') }),
      },
    ]
  })
}

/** The thread of the target of the edit that a step stands in, if it stands in one. */
function editedIn(text: string, at: number): string | undefined {
  const before = text.slice(0, at)
  const edit = [...before.matchAll(/\bedit\.(?:before|after)\(\s*['"]([^'".]+)\./g)].at(-1)
  if (!edit) return undefined
  const open = before.slice(edit.index)
  const depth = (open.match(/\(/g)?.length ?? 0) - (open.match(/\)/g)?.length ?? 0)
  return depth > 0 ? edit[1] : undefined
}

/** Whether a file holds a model: it imports the vocabulary and exports something by default. */
export const isModel = (text: string): boolean => /from ['"]thawproof['"]/.test(text) && /^export default /m.test(text)
