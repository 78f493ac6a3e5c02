/** While a model's code runs, what is outside of its state cannot be asked for. */

/** Thrown by what was asked for. */
export class Outside extends Error {}

type Owner = Record<string, unknown>
const world = globalThis as unknown as Owner

/** Objects whose properties are out of reach, with their names. */
const owners: readonly (readonly [name: string, owner: Owner, keys: readonly string[]])[] = [
  [
    '',
    world,
    [
      'Date',
      'process',
      'setTimeout',
      'setInterval',
      'setImmediate',
      'queueMicrotask',
      'fetch',
      'WeakMap',
      'WeakSet',
      'WeakRef',
    ],
  ],
  ['Date.', Date as unknown as Owner, ['now']],
  ['Math.', Math as unknown as Owner, ['random']],
  ['performance.', performance as unknown as Owner, ['now']],
  ['Intl.', Intl, ['DateTimeFormat']],
  ['crypto.', crypto as unknown as Owner, ['getRandomValues', 'randomUUID']],
]

interface Trap {
  readonly owner: Owner
  readonly key: string
  readonly trap: () => never
}

const traps: readonly Trap[] = owners.flatMap(([name, owner, keys]) =>
  keys.map((key) => ({
    owner,
    key,
    trap: function (): never {
      throw new Outside(`it asks for what is outside of the state: ${name}${key}`)
    },
  })),
)

let armed = false

/** Does something while what is outside of the state is out of reach. What is done must not wait for anything. */
export function trapped<T>(act: () => T): T {
  if (armed) return act()
  armed = true
  const before = traps.map(({ owner, key }) => owner[key])
  for (const { owner, key, trap } of traps) owner[key] = trap
  try {
    return act()
  } finally {
    traps.forEach(({ owner, key }, i) => (owner[key] = before[i]))
    armed = false
  }
}
