/** Copying by the engine, which refuses a proxy without asking it anything: who tries is found out, should the refusal be caught. */

type Method = (this: unknown, ...given: unknown[]) => unknown
type Owner = Record<string, Method>

/** Asked for rather than imported: a browser has none, and needs none. */
const serializer = (globalThis as { process?: NodeJS.Process }).process?.getBuiltinModule('node:v8').Serializer

const places: readonly (readonly [Owner, string])[] = [
  [globalThis as unknown as Owner, 'structuredClone'],
  ...(serializer ? [[serializer.prototype as unknown as Owner, 'writeValue'] as const] : []),
  [MessagePort.prototype as unknown as Owner, 'postMessage'],
]

/** Who is to be told of a refusal; nobody most of the time. */
let refused: (() => never) | undefined

/** The same methods, which tell. */
const telling = places.map(([owner, name]): Method => {
  const copies = owner[name]!
  return function (this: unknown, ...given) {
    try {
      return copies.apply(this, given)
    } catch (cause) {
      refused?.()
      throw cause
    }
  }
})
const silent = places.map(([owner, name]) => owner[name]!)

/** Runs code; `told` is called, and must throw, when the engine refuses to copy something. */
export function tellingRefusals<T>(told: () => never, code: () => T): T {
  refused = told
  places.forEach(([owner, name], i) => (owner[name] = telling[i]!))
  try {
    return code()
  } finally {
    refused = undefined
    places.forEach(([owner, name], i) => (owner[name] = silent[i]!))
  }
}
