/** What is strange about a file that is loaded without being wrong: told by the thread of the command, and by no other. */

let tell: (what: string) => void = () => undefined

/** Has warnings of this thread told. */
export function warnBy(telling: (what: string) => void): void {
  tell = telling
}

/** Tells a warning, if this thread tells any. */
export const warn = (what: string): void => tell(what)
