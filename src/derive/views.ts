/** Views of a state that look like ordinary objects and tell what is done with them: every way to look through one is trapped. */

import { keyOf, partsIn, type Composite, type Node } from './slots.js'

/** What the engine's printing asks an object for; named here, so that models can be probed where there is no Node. */
const printed = Symbol.for('nodejs.util.inspect.custom')

/** Marks a part that was neither looked at nor written. */
export const untouched = Symbol('untouched')

/** Asks a view for what stands behind it. */
const origin = Symbol('origin')

/** The parts of an object by key: {@link untouched} at first; what code reads is made on demand, and what it writes stays there. */
export type Parts = Record<PropertyKey, unknown>

/** What stands behind a view: where it was in the state, and its parts by now. */
export interface Seen {
  readonly node: Composite
  readonly parts: Parts
}

/** What stands behind a value, if that is a view. */
export const behind = (value: object): Seen | undefined => (value as { [origin]?: Seen })[origin]

/** Who is told what is done with views. */
export interface Watcher {
  /** The value of a part. */
  readonly made: (node: Node, draft: boolean) => unknown
  /** A key was asked for that the part does not have. */
  readonly missed: (node: Composite, key: string) => void
  /** Something was done that cannot be followed: from here on the run tells nothing. @throws always */
  readonly opaque: (what: string) => never
}

/** What all views of one place have in common. */
class Form {
  readonly nodes: ReadonlyMap<string, Node>
  private readonly blank: Parts | readonly unknown[]

  constructor(readonly node: Composite) {
    const parts = partsIn(node).map((part, i) => [keyOf(node, i), part] as const)
    const list = node.kind === 'queue' || node.array
    this.nodes = new Map(parts)
    this.blank = list ? parts.map(() => untouched) : Object.fromEntries(parts.map(([key]) => [key, untouched]))
  }

  /** Parts that nobody has looked at yet; of a list, its first `length`. */
  parts(length: number): Parts {
    const { node, blank } = this
    if (node.kind === 'queue') return (blank as unknown[]).slice(0, length) as unknown as Parts
    return node.array ? ([...(blank as unknown[])] as unknown as Parts) : { ...(blank as Parts) }
  }
}

/** Makes views of the places of one state. */
export class Views {
  private readonly forms = new Map<Composite, Form>()
  private readonly behindArrays: object
  private readonly behindRecords: object

  constructor(private readonly watcher: Watcher) {
    // What stands behind a proxy in the engine holds nothing, and tells if something looks there past the traps.
    const trapped = <T extends object>(target: T): T =>
      Object.defineProperties(target, {
        [printed]: { configurable: true, value: () => watcher.opaque('it prints a part of the state') },
        [Symbol.toStringTag]: { configurable: true, get: () => watcher.opaque('it looks past a part of the state') },
      })
    this.behindArrays = trapped([])
    this.behindRecords = trapped({})
  }

  /** A view of a part that is there; a draft may be written. */
  of(node: Composite, length: number, draft: boolean): object {
    let form = this.forms.get(node)
    if (!form) this.forms.set(node, (form = new Form(node)))
    const array = node.kind === 'queue' || node.array
    return new Proxy(
      array ? this.behindArrays : this.behindRecords,
      new View(form, form.parts(length), draft, this.watcher),
    )
  }
}

/** How one view answers. */
class View implements ProxyHandler<object> {
  constructor(
    private readonly form: Form,
    private readonly parts: Parts,
    private readonly draft: boolean,
    private readonly watcher: Watcher,
  ) {}

  /** Printing with proxies shown prints this. */
  [printed](): never {
    return this.watcher.opaque('it prints a part of the state')
  }

  get(_: object, key: string | symbol): unknown {
    const { parts } = this
    const known = parts[key]
    if (known === untouched) return this.part(key as string)
    if (known !== undefined) return known
    if (key === origin) return { node: this.form.node, parts } satisfies Seen
    if (typeof key === 'string' && !(key in parts)) this.watcher.missed(this.form.node, key)
    return known
  }

  private part(key: string): unknown {
    const node = this.form.nodes.get(key)!
    const value = this.watcher.made(node, this.draft)
    // A scalar that was only read is still as it was.
    return node.kind === 'leaf' ? value : (this.parts[key] = value)
  }

  set(_: object, key: string | symbol, value: unknown): boolean {
    if (this.draft) {
      if (typeof key === 'symbol') this.watcher.opaque('it writes a symbol')
      this.parts[key] = value
    }
    return this.draft
  }

  deleteProperty(_: object, key: string | symbol): boolean {
    return this.draft && Reflect.deleteProperty(this.parts, key)
  }

  has(_: object, key: string | symbol): boolean {
    const there = Reflect.has(this.parts, key)
    if (!there && typeof key === 'string') this.watcher.missed(this.form.node, key)
    return there
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(this.parts)
  }

  getOwnPropertyDescriptor(_: object, key: string | symbol): PropertyDescriptor | undefined {
    const own = Reflect.getOwnPropertyDescriptor(this.parts, key)
    return own && { ...own, value: this.get(_, key) }
  }

  getPrototypeOf(): object | null {
    return Reflect.getPrototypeOf(this.parts)
  }

  isExtensible(): never {
    return this.watcher.opaque('it asks whether a part of the state may be extended')
  }

  preventExtensions(): never {
    return this.watcher.opaque('it freezes a part of the state')
  }

  defineProperty(): never {
    return this.watcher.opaque('it defines a property of a part of the state')
  }

  setPrototypeOf(): never {
    return this.watcher.opaque('it gives a part of the state another prototype')
  }
}
