/** The variables that functions close over, and what they hold just now: asked of the engine, since the language does not tell. */

import { Session } from 'node:inspector'

/** Variables by name, innermost scope first; those of the global object are left out. */
export type Scopes = readonly Readonly<Record<string, unknown>>[]

/** Where functions are put to be asked about, and where their scopes come back. */
const desk = Symbol.for('thawproof scopes')
const name = `globalThis[Symbol.for('thawproof scopes')]`

interface Internal {
  readonly name: string
  readonly value?: { readonly objectId?: string }
}
interface Properties {
  readonly result: readonly { readonly name: string; readonly value?: { readonly objectId?: string } }[]
  readonly internalProperties?: readonly Internal[]
}

let session: Session | undefined

/** The scopes of each function, in order; undefined where the engine does not tell. Some 50 microseconds for each. */
export function scopesOf(functions: readonly unknown[]): readonly (Scopes | undefined)[] {
  if (functions.length === 0) return []
  const world = globalThis as unknown as Record<symbol, unknown>
  world[desk] = functions
  try {
    session ??= connected()
    const { result } = post<{ result: { objectId: string } }>('Runtime.evaluate', {
      expression: name,
      objectGroup: name,
    })
    const listed = post<Properties>('Runtime.getProperties', { objectId: result.objectId, ownProperties: true })
    const ids = functions.map((_, i) => listed.result.find((one) => one.name === String(i))?.value?.objectId)
    const found = ids.map((objectId) => objectId !== undefined && scopesId(objectId))
    const known = found.filter((id) => typeof id === 'string')
    if (known.length === 0) return functions.map(() => undefined)
    post('Runtime.callFunctionOn', {
      objectId: result.objectId,
      functionDeclaration: `function(...found){${name}=found}`,
      arguments: known.map((objectId) => ({ objectId })),
    })
    post('Runtime.releaseObjectGroup', { objectGroup: name })
    const all = (world[desk] as readonly ArrayLike<Scope>[]).map(variablesIn)
    return found.map((id) => (typeof id === 'string' ? all.shift() : undefined))
  } catch {
    return functions.map(() => undefined)
  } finally {
    Reflect.deleteProperty(world, desk)
  }
}

interface Scope {
  readonly description: string
  readonly object: Readonly<Record<string, unknown>>
}

const variablesIn = (scopes: ArrayLike<Scope>): Scopes =>
  Array.from(scopes)
    .filter(({ description }) => description !== 'Global')
    .map(({ object }) => object)

function connected(): Session {
  const made = new Session()
  made.connect()
  return made
}

function scopesId(objectId: string): string | undefined {
  const { internalProperties = [] } = post<Properties>('Runtime.getProperties', { objectId, ownProperties: true })
  return internalProperties.find((one) => one.name === '[[Scopes]]')?.value?.objectId
}

/** Asks the engine; it answers at once. */
function post<T>(method: string, parameters: object): T {
  let answer: unknown
  session!.post(method, parameters, (error, found) => {
    if (error) throw new Error(error.message)
    answer = found
  })
  return answer as T
}
