/** Signs of life of a thread, for whoever watches over it: when it last turned, by when it has to end, and whose code it runs. */

import type { Property } from '../write/property.js'
import type { System } from '../write/system.js'

/** Milliseconds on a clock that all threads of the process share. */
export const clock = (): number => performance.timeOrigin + performance.now()

/** By when the check that is under way has to end, and when it last gave a sign of life; by {@link clock}. */
let words: Float64Array = new Float64Array([Infinity, 0])

/** Two words that another thread can read. */
export const sharedWords = (): Float64Array =>
  new Float64Array(new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT)).fill(Infinity, 0, 1)

/** Has the signs of life of this thread written where another can read them. */
export function watchedAt(place: Float64Array): void {
  words = place
  beat()
}

/** A sign of life: between two of them nothing but one stretch of a search was done, or one of its acts. */
export const beat = (): void => void (words[1] = clock())

/** When a thread gave its last sign of life. */
export const lastBeat = (place: Float64Array): number => place[1]!

/** Milliseconds that a command has to end by itself after it was asked to, and after its time is up while it gives no sign of life. */
export const grace = 350

/** Whether a thread goes on beyond the end of its time and gives no sign of life: something of it hangs, or takes long. */
export const isOverdue = (place: Float64Array): boolean => clock() > Math.max(place[0]!, place[1]!) + grace

/** Shows the signs of life of another thread as one's own, so that whoever watches this one sees that that one hangs; or of none. */
export function passOn(place: Float64Array | undefined): void {
  words[0] = place?.[0] ?? Infinity
  words[1] = place?.[1] ?? clock()
}

/** The system whose code was run last: its functions, each with what it is to its author. */
let asked: () => Iterable<readonly [string, unknown]> = () => []

/** Judges something that has to be done in so many seconds, and remembers whose code that runs. */
export async function underWatch<T>(
  seconds: number | undefined,
  system: System,
  properties: readonly Property[],
  judge: () => Promise<T>,
): Promise<T> {
  const before = words[0]!
  beat()
  words[0] = Math.min(before, seconds === undefined ? Infinity : clock() + seconds * 1000)
  asked = () => functionsOf(system, properties)
  try {
    return await judge()
  } finally {
    words[0] = before
  }
}

/** The functions of a system and its properties, each with its name. */
function* functionsOf(system: System, properties: readonly Property[]): Iterable<readonly [string, unknown]> {
  for (const { step, guards, effects } of system.transitions) {
    for (const guard of guards) yield [`the guard of ${step}`, guard]
    for (const effect of effects) yield [`the effect of ${step}`, effect]
  }
  yield ['the resting condition', system.resting]
  for (const property of properties) yield* functionsIn(`property ${property.name}`, property)
}

function* functionsIn(name: string, thing: unknown): Iterable<readonly [string, unknown]> {
  if (typeof thing === 'function') yield [name, thing]
  else if (typeof thing === 'object' && thing !== null && !Array.isArray(thing))
    for (const inner of Object.values(thing)) yield* functionsIn(name, inner)
}

/**
 * What a function is to its author, by the text from where its parameters begin to the end of its file or further. A debugger asks that
 * knows no more of it; only for what hangs, so that nothing has to be noted while a search runs.
 */
export function nameByText(text: string): string | null {
  for (const [name, one] of asked()) {
    if (typeof one !== 'function') continue
    const own = Function.prototype.toString.call(one)
    if (text.startsWith(own) || text.startsWith(own.slice(own.indexOf('(')))) return name
  }
  return null
}

// Where the debugger finds it, in whatever thread it looks.
Object.assign(globalThis, { [Symbol.for('thawproof.name')]: nameByText })
