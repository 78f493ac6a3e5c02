/** Names in the syntax tree of a text: where they are declared, and what is written where a name can stand. */

import type { Node } from 'acorn'

export type Any = Node & Readonly<Record<string, unknown>>

/** A name that is declared inside; `from` is the parameter of which it is a part. */
export interface Binding {
  from: number | undefined
}
/** Names that mean something in one place. */
export type Scope = ReadonlyMap<string, Binding> & { readonly outer?: Scope | undefined }

export function scope(outer: Scope | undefined, names: readonly string[] = []): Scope {
  const made = new Map<string, Binding>(names.map((name) => [name, { from: undefined }]))
  return Object.assign(made, { outer })
}

export function find(scope: Scope | undefined, name: string): Binding | undefined {
  for (let here = scope; here; here = here.outer) {
    const found = here.get(name)
    if (found) return found
  }
  return undefined
}

export const isNode = (value: unknown): value is Any =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'

export const isFunction = ({ type }: Any): boolean =>
  type === 'FunctionExpression' || type === 'ArrowFunctionExpression'

export const unwrapped = (node: Any): Any => (node.type === 'ChainExpression' ? (node.expression as Any) : node)

/** The member that is asked for, if its name is written there. */
export function memberOf({ property, computed }: Any): string | undefined {
  const { type, name, value } = property as Any
  if (computed !== true) return type === 'Identifier' ? (name as string) : undefined
  return typeof value === 'string' ? value : undefined
}

/** The name at the root of a chain of members. */
export function rootOf(node: Any): string | undefined {
  if (node.type === 'Identifier') return node.name as string
  return node.type === 'MemberExpression' ? rootOf(unwrapped(node.object as Any)) : undefined
}

/** The names that a pattern declares. */
export const namesIn = (pattern: Any): readonly string[] =>
  pattern.type === 'Identifier' ? [pattern.name as string] : targetsIn(pattern).flatMap(namesIn)

/** The parts of a pattern. */
export function targetsIn(pattern: Any): readonly Any[] {
  switch (pattern.type) {
    case 'AssignmentPattern':
      return [pattern.left as Any]
    case 'RestElement':
      return [pattern.argument as Any]
    case 'ArrayPattern':
      return (pattern.elements as (Any | null)[]).filter((one) => one !== null)
    case 'ObjectPattern':
      return (pattern.properties as Any[]).map((one) => (one.type === 'RestElement' ? one : (one.value as Any)))
    default:
      return []
  }
}

/** The keys that an object pattern takes; undefined if it may take any. */
export function keysIn({ properties }: Any): readonly string[] | undefined {
  const keys = (properties as Any[]).map((one) =>
    one.type === 'RestElement' || one.computed === true ? undefined : ((one.key as Any).name as string | undefined),
  )
  return keys.includes(undefined) ? undefined : (keys as string[])
}

/** The names that statements of a block declare for it. */
export const declaredIn = (statements: readonly Any[]): readonly string[] =>
  statements.flatMap((one) => {
    if (one.type === 'ImportDeclaration') return (one.specifiers as Any[]).flatMap(({ local }) => namesIn(local as Any))
    if (one.type === 'ExportNamedDeclaration') return one.declaration ? declaredIn([one.declaration as Any]) : []
    if (one.type === 'ExportDefaultDeclaration') return declaredIn([one.declaration as Any])
    if (one.type === 'VariableDeclaration') return (one.declarations as Any[]).flatMap(({ id }) => namesIn(id as Any))
    return (one.type === 'FunctionDeclaration' || one.type === 'ClassDeclaration') && one.id
      ? namesIn(one.id as Any)
      : []
  })

/** The names that `var` declares anywhere in a function. */
export function varsIn(node: Any): readonly string[] {
  if (node.type.includes('Function')) return []
  const own = node.type === 'VariableDeclaration' && node.kind === 'var' ? declaredIn([node]) : []
  const inner = Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  )
  return [...own, ...inner.flatMap(varsIn)]
}
