/** Copies of a state: frozen ones to be looked at, and ones to be written on that behave as those of the search; and whether two are the same. */

/** A frozen copy of plain data; -0 becomes 0, since no domain tells them apart. Linear. */
export function frozen<T>(data: T): T {
  return copied(data, Object.freeze) as T
}

/** A copy to write on. Linear. */
export function writable<T>(data: T): T {
  return copied(data, (value) => value) as T
}

/** States are nothing but records, arrays and scalars: this is several times faster than a structured clone. */
function copied(data: unknown, close: <O extends object>(value: O) => O): unknown {
  if (typeof data === 'number') return data === 0 ? 0 : data
  if (typeof data !== 'object' || data === null) return data
  if (Array.isArray(data)) return close(Array.from(data, (item) => copied(item, close)))
  const copy: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(data)) copy[key] = copied(value, close)
  return close(copy)
}

/** Whether two pieces of plain data are the same, as the strictest comparison of the engine has it: -0 is not 0. Linear. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  const keys = Reflect.ownKeys(a)
  return (
    keys.length === Reflect.ownKeys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key as never], b[key as never]))
  )
}
