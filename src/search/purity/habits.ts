/** What a function does with names, read off its text: which it takes from outside, which it changes, on which of its arguments it writes. */

import { parse } from 'acorn'
import {
  declaredIn,
  find,
  isFunction,
  isNode,
  keysIn,
  memberOf,
  namesIn,
  rootOf,
  scope,
  targetsIn,
  unwrapped,
  varsIn,
  type Any,
  type Binding,
  type Scope,
} from './names.js'

/** A call of a function by a name from outside: for each argument, the parameter of the caller that it comes from. */
export interface Call {
  readonly name: string
  readonly args: readonly (number | undefined)[]
}

/** What the text of a function tells. */
export interface Habits {
  /** Names from outside, with the members that are asked of each; null where it is used in any other way. */
  readonly free: ReadonlyMap<string, ReadonlySet<string> | null>
  /** A place that changes what such a name stands for, as text. */
  readonly changes: string | undefined
  /** By parameter, a place that writes on what it was given, as text. */
  readonly writes: ReadonlyMap<number, string>
  readonly calls: readonly Call[]
  /** Whether something in it is asynchronous. */
  readonly waits: boolean
  /** A comparison of which nobody takes the answer, as text: an assignment was meant. */
  readonly idle: string | undefined
}

/** Methods that write on what they belong to. */
const mutators = 'push pop shift unshift splice sort reverse fill copyWithin'.split(' ')
const writers = [
  'Object.assign',
  'Object.defineProperty',
  'Reflect.set',
  'Reflect.deleteProperty',
  'Reflect.defineProperty',
]

const known = new Map<string, Habits | undefined>()

/** The habits of a function; undefined if its text is not that of a function of the language. Linear, and remembered by text. */
export function habitsOf(text: string): Habits | undefined {
  if (!known.has(text)) known.set(text, read(text))
  return known.get(text)
}

/** Globals of which a module may be made that are not in its text. */
const elsewhere =
  'Date Math.random performance crypto process require fetch globalThis global self eval Function Intl'.split(' ')

/** Whether a module asks for what is not in its text: clock, chance, environment; true if it cannot be read. Linear. */
export function asksOutside(text: string): boolean {
  try {
    const program = parse(text, { ecmaVersion: 'latest', sourceType: 'module' })
    const { free } = new Reader(text).read(program as unknown as Any)
    const asked = [...free].flatMap(([name, members]) => [name, ...[...(members ?? [])].map((one) => `${name}.${one}`)])
    return asked.some((name) => elsewhere.includes(name)) || free.get('Math') === null
  } catch {
    return true
  }
}

function read(text: string): Habits | undefined {
  // A method is one only inside of an object or a class.
  for (const [before, after] of [
    ['(', ')'],
    ['({', '})'],
    ['(class{', '})'],
  ] as const)
    try {
      const program = parse(before + text + after, { ecmaVersion: 'latest', sourceType: 'module' })
      return new Reader(before + text + after).read(program as unknown as Any)
    } catch {
      continue
    }
  return undefined
}

class Reader {
  private readonly free = new Map<string, Set<string> | null>()
  private readonly writes = new Map<number, string>()
  private readonly calls: Call[] = []
  private changes: string | undefined
  private waits = false
  private idle: string | undefined
  /** The outermost function: its parameters are counted. */
  private root = true

  constructor(private readonly text: string) {}

  read(program: Any): Habits {
    this.visit(program, scope(undefined))
    const { free, changes, writes, calls, waits, idle } = this
    return { free, changes, writes, calls, waits, idle }
  }

  private visit(node: Any, here: Scope): void {
    switch (node.type) {
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return this.visitFunction(node, here, () => undefined)
      case 'BlockStatement':
      case 'StaticBlock':
      case 'Program':
        return this.visitAll(node.body as Any[], scope(here, declaredIn(node.body as Any[])))
      case 'SwitchStatement': {
        this.visit(node.discriminant as Any, here)
        const cases = node.cases as Any[]
        return this.visitAll(cases, scope(here, declaredIn(cases.flatMap((one) => one.consequent as Any[]))))
      }
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
        return this.visitLoop(node, here)
      case 'CatchClause':
        return this.visit(node.body as Any, scope(here, node.param ? namesIn(node.param as Any) : []))
      case 'VariableDeclarator':
        return this.visitDeclarator(node, here)
      case 'Identifier':
        return this.use(node.name as string, here, null)
      case 'MemberExpression':
        return this.visitMember(node, here)
      case 'CallExpression':
        return this.visitCall(node, here)
      case 'AssignmentExpression':
        this.target(node.left as Any, here, node)
        return this.visit(node.right as Any, here)
      case 'UpdateExpression':
        return this.target(node.argument as Any, here, node)
      case 'ExpressionStatement':
        this.refuseIdle(node.expression as Any)
        return this.visit(node.expression as Any, here)
      case 'UnaryExpression':
        if (node.operator === 'void') this.refuseIdle(node.argument as Any)
        if (node.operator === 'delete') return this.target(node.argument as Any, here, node)
        return this.visit(node.argument as Any, here)
      case 'AwaitExpression':
      case 'ImportExpression':
        this.waits = true
        return this.visitChildren(node, here)
      case 'Property':
      case 'MethodDefinition':
      case 'PropertyDefinition':
        if (node.computed === true) this.visit(node.key as Any, here)
        if (node.value) this.visit(node.value as Any, here)
        return
      case 'ImportDeclaration':
        return
      case 'ExportNamedDeclaration':
        if (node.declaration) this.visit(node.declaration as Any, here)
        return
      case 'LabeledStatement':
        return this.visit(node.body as Any, here)
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'MetaProperty':
        return
      case 'ClassDeclaration':
      case 'ClassExpression': {
        const own = scope(here, node.id ? namesIn(node.id as Any) : [])
        if (node.superClass) this.visit(node.superClass as Any, own)
        return this.visit(node.body as Any, own)
      }
      default:
        this.visitChildren(node, here)
    }
  }

  private visitChildren(node: Any, here: Scope): void {
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) this.visitAll(value.filter(isNode), here)
      else if (isNode(value)) this.visit(value, here)
    }
  }

  private visitAll(nodes: readonly Any[], here: Scope): void {
    for (const node of nodes) this.visit(node, here)
  }

  /** @param from what a parameter is a part of. */
  private visitFunction(node: Any, outer: Scope, from: (index: number) => number | undefined): void {
    const root = this.root
    this.root = false
    if (node.async === true) this.waits = true
    const params = node.params as Any[]
    const here = scope(outer, [...(node.id ? namesIn(node.id as Any) : []), ...varsIn(node.body as Any), 'arguments'])
    params.forEach((param, i) => {
      for (const name of namesIn(param)) (here as Map<string, Binding>).set(name, { from: root ? i : from(i) })
    })
    for (const param of params) this.visitDefaults(param, here)
    this.visit(node.body as Any, here)
  }

  /** What stands in a pattern besides names: default values and computed keys. */
  private visitDefaults(pattern: Any, here: Scope): void {
    switch (pattern.type) {
      case 'AssignmentPattern':
        this.visit(pattern.right as Any, here)
        return this.visitDefaults(pattern.left as Any, here)
      case 'ObjectPattern':
        for (const one of pattern.properties as Any[]) {
          if (one.computed === true) this.visit(one.key as Any, here)
          this.visitDefaults((one.type === 'RestElement' ? one.argument : one.value) as Any, here)
        }
        return
      case 'ArrayPattern':
        for (const one of pattern.elements as (Any | null)[]) if (one) this.visitDefaults(one, here)
        return
      case 'RestElement':
        return this.visitDefaults(pattern.argument as Any, here)
    }
  }

  private visitDeclarator({ id, init }: Any, here: Scope): void {
    this.visitDefaults(id as Any, here)
    if (!init) return
    const from = this.partOf(init as Any, here)
    for (const name of namesIn(id as Any)) {
      const binding = find(here, name)
      if (binding && from !== undefined) binding.from = from
    }
    const source = init as Any
    const keys = (id as Any).type === 'ObjectPattern' ? keysIn(id as Any) : undefined
    if (source.type === 'Identifier' && keys) this.use(source.name as string, here, keys)
    else this.visit(source, here)
  }

  private visitLoop(node: Any, outer: Scope): void {
    const left = (node.left ?? node.init) as Any | null
    const here = scope(outer, left?.type === 'VariableDeclaration' ? declaredIn([left]) : [])
    if (node.await === true) this.waits = true
    if (left && left.type !== 'VariableDeclaration' && node.left) this.target(left, here, node)
    else if (left) this.visit(left, here)
    if (node.type === 'ForOfStatement' && left?.type === 'VariableDeclaration') {
      const from = this.partOf(node.right as Any, outer)
      const [declarator] = left.declarations as Any[]
      for (const name of namesIn(declarator!.id as Any)) find(here, name)!.from = from
    }
    for (const part of [node.right, node.test, node.update, node.body]) if (part) this.visit(part as Any, here)
  }

  private visitMember(node: Any, here: Scope): void {
    const object = node.object as Any
    const member = memberOf(node)
    if (object.type === 'Identifier' && member !== undefined) this.use(object.name as string, here, [member])
    else this.visit(object, here)
    if (node.computed === true) this.visit(node.property as Any, here)
  }

  private visitCall(node: Any, here: Scope): void {
    const callee = unwrapped(node.callee as Any)
    const args = node.arguments as Any[]
    this.visit(callee, here)
    if (callee.type === 'MemberExpression') {
      const object = callee.object as Any
      const method = memberOf(callee)
      const from = this.partOf(object, here)
      if (from !== undefined && mutators.includes(method ?? '')) this.wrote(from, node)
      const first = args[0] && this.partOf(args[0], here)
      if (first !== undefined && writers.includes(`${String(object.name)}.${method ?? ''}`)) this.wrote(first, node)
      if (object.type === 'Identifier' && method !== undefined)
        this.note(`${object.name as string}.${method}`, args, here)
      const skipped = method === 'reduce' || method === 'reduceRight' ? 1 : 0
      for (const arg of args)
        if (isFunction(arg)) this.visitFunction(arg, here, (i) => (i < skipped ? undefined : from))
        else this.visit(arg, here)
      return
    }
    if (callee.type === 'Identifier') this.note(callee.name as string, args, here)
    this.visitAll(args, here)
  }

  /** Notes a call by a name from outside. */
  private note(name: string, args: readonly Any[], here: Scope): void {
    if (find(here, name.split('.')[0]!)) return
    this.calls.push({ name, args: args.map((arg) => this.partOf(arg, here)) })
  }

  /** A place that is written on: a name, a member, or a pattern of those. */
  private target(node: Any, here: Scope, whole: Any): void {
    const place = unwrapped(node)
    if (place.type === 'Identifier') {
      if (!find(here, place.name as string)) this.changed(whole)
      return this.use(place.name as string, here, null)
    }
    if (place.type === 'MemberExpression') {
      const from = this.partOf(place, here)
      if (from !== undefined) this.wrote(from, whole)
      const owner = rootOf(place)
      if (owner !== undefined && !find(here, owner)) this.changed(whole)
      return this.visit(place, here)
    }
    for (const one of targetsIn(place)) this.target(one, here, whole)
  }

  private refuseIdle(one: Any): void {
    if (one.type === 'BinaryExpression' && /^([=!]==?|[<>]=?)$/.test(one.operator as string))
      this.idle ??= this.snippet(one)
  }

  private changed(place: Any): void {
    this.changes ??= this.snippet(place)
  }

  private wrote(parameter: number, place: Any): void {
    if (!this.writes.has(parameter)) this.writes.set(parameter, this.snippet(place))
  }

  private snippet({ start, end }: Any): string {
    const text = this.text.slice(start, end).replace(/\s+/g, ' ')
    return text.length > 60 ? `${text.slice(0, 59)}…` : text
  }

  private use(name: string, here: Scope, members: readonly string[] | null): void {
    if (find(here, name)) return
    const before = this.free.get(name)
    if (members === null || before === null) this.free.set(name, null)
    else this.free.set(name, new Set([...(before ?? []), ...members]))
  }

  /** The parameter of which the value of an expression is a part, as far as that is plain. */
  private partOf(node: Any, here: Scope): number | undefined {
    const at = (inner: unknown): number | undefined => this.partOf(inner as Any, here)
    switch (node.type) {
      case 'Identifier':
        return find(here, node.name as string)?.from
      case 'MemberExpression':
        return at(node.object)
      case 'ChainExpression':
        return at(node.expression)
      case 'LogicalExpression':
        return at(node.left) ?? at(node.right)
      case 'ConditionalExpression':
        return at(node.consequent) ?? at(node.alternate)
      default:
        return undefined
    }
  }
}
