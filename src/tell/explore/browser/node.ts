/** What stands in a browser for the few things that the engine takes of Node. */

export { same as isDeepStrictEqual } from '../../../search/copies.js'

/** A page has styles of its own. */
export const styleText = (_: unknown, text: string): string => text

export const inspect = { custom: Symbol.for('nodejs.util.inspect.custom') }

/** Nothing in a browser copies by these. */
export class Serializer {
  writeValue(): void {
    throw new Error('there is no serializer here')
  }
}
export class MessagePort {
  postMessage(): void {
    throw new Error('there are no ports here')
  }
}
