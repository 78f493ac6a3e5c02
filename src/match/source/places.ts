/** Places of C whose signs are followed along a path: local variables of one activation, fields, globals, predicates. */

/** The name of a place in an activation: `3#err`; globals and fields too, so that two activations do not share them. */
export const placeIn = (activation: number, text: string): string => `${activation}#${text}`

const identifiers = /[A-Za-z_]\w*/g

/** What an assignment to a place makes unknown: whatever mentions it, and every field of that name, through whatever pointer. */
export function overwritten(activation: number, target: string): (place: string) => boolean {
  const own = `${activation}#`
  if (/^\w+$/.test(target)) {
    const word = new RegExp(`\\b${target}\\b`)
    return (place) => place.startsWith(own) && word.test(place.slice(own.length))
  }
  const field = /(?:->|\.)(\w+)$/.exec(target)?.[1]
  if (field === undefined) return (place) => !isPlain(place)
  const end = new RegExp(`(?:->|\\.)${field}\\b`)
  return (place) => end.test(place)
}

const isPlain = (place: string): boolean => /^\d+#\$?\w+$/.test(place)

/** What a call that is not looked into may change: fields behind pointers, globals, and what its address was given of. */
export function changedByCall(
  activation: number,
  locals: ReadonlySet<string>,
  constants: readonly string[],
  addresses: readonly string[],
): (place: string) => boolean {
  const own = `${activation}#`
  return (place) => {
    const text = place.slice(place.indexOf('#') + 1)
    if (constants.includes(text) || text.startsWith('$')) return false
    if (place.startsWith(own)) {
      const words: readonly string[] = text.match(identifiers) ?? []
      if (addresses.some((name) => words.includes(name))) return true
      return /->|[*[]/.test(text) || !words.slice(0, 1).every((word) => locals.has(word))
    }
    return /->|[*[]/.test(text)
  }
}
