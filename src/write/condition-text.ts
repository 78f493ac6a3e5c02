/** Conditions read from text into a typed tree, each name looked up where it stands. No text is ever run. */

import { isMet, spelled, spelledPath, type Comparison, type Condition, type Term } from './condition.js'
import { misfit, spell, type Shape } from './domain.js'
import { fieldsOfFamily } from './family.js'
import { Mistake, suggestion } from './mistake.js'
import type { Predicate } from './predicate.js'
import { threadsOf } from './standing.js'
import type { System } from './system.js'

/** `at(thread)`, before it is said what it is compared with. */
interface Place {
  readonly kind: 'place'
  readonly thread: string
}

/**
 * Reads a condition of a system: `vbd.state == 'closed' && at(suspend) != 'enter'`. Fields by their path, `dev[0].used`, `queue.length`;
 * places as `at(tx(0)) == 'wait'` or `at(suspend, 'enter', 'end')`; `== != < <= > >=`, `+ -`, `! && ||`, parentheses; numbers, texts in
 * quotes, `true`, `false`, `null`. A field, thread or label that only other variants of the model have is nowhere here, and equal to nothing.
 * @throws Mistake for bad syntax, for names that no variant has, and for comparisons that could never be true or never be false.
 */
export const conditionIn = (system: System, text: string): Condition => new Reader(system, text).whole()

/** The predicate that a condition is. */
export function predicateOf(system: System, text: string): Predicate<unknown> {
  const condition = conditionIn(system, text)
  return (state, at) => isMet(condition, state, at)
}

type Read = Condition | Term | Place
type Kind = 'true or false' | 'a number' | 'a text' | 'nothing' | 'anything'

interface Token {
  readonly text: string
  readonly at: number
}

const tokens = /\s*(===|!==|==|!=|<=|>=|&&|\|\||'[^']*'|"[^"]*"|\d+|[A-Za-z_$][\w$]*|\S)/gy
const isName = (token: Token | undefined): boolean => token !== undefined && /^[A-Za-z_$]/.test(token.text)
const isText = (token: Token | undefined): boolean => token !== undefined && /^(['"]).*\1$/.test(token.text)

/** Reads a condition by recursive descent, and looks up each name where it stands. */
class Reader {
  private readonly tokens: readonly Token[]
  private next = 0
  private readonly where: string

  constructor(
    private readonly system: System,
    text: string,
  ) {
    this.where = `condition ${JSON.stringify(text)}`
    this.tokens = [...text.matchAll(tokens)].map((match) => ({
      text: match[1]!,
      at: match.index + match[0].length - match[1]!.length,
    }))
  }

  whole(): Condition {
    if (this.tokens.length === 0) throw new Mistake('a condition', 'is empty', `write one: state.field == 'value'`)
    const found = this.asCondition(this.either())
    if (this.next < this.tokens.length) throw this.unexpected()
    return found
  }

  private either = (): Read => this.chain('||', 'or', () => this.chain('&&', 'and', () => this.comparison()))

  private chain(sign: string, kind: 'and' | 'or', part: () => Read): Read {
    const first = part()
    if (this.tokens[this.next]?.text !== sign) return first
    const of = [this.asCondition(first)]
    while (this.takes(sign)) of.push(this.asCondition(part()))
    return { kind, of }
  }

  private comparison(): Read {
    const left = this.sum()
    const sign = this.takes('===', '!==', '==', '!=', '<=', '>=', '<', '>')
    if (sign === undefined && this.tokens[this.next]?.text === '=') throw this.unexpected()
    if (sign === undefined) return left
    const op = sign.replace(/^([=!]=)=$/, '$1') as Comparison
    const right = this.sum()
    const [place, other] = left.kind === 'place' ? [left, right] : [right, left]
    if (place.kind === 'place') return this.placed(place, op, other)
    const terms = [this.asTerm(left), this.asTerm(right)] as const
    this.refuseUnlike(op, ...terms)
    return { kind: 'compare', op, left: terms[0], right: terms[1] }
  }

  private placed({ thread }: Place, op: Comparison, other: Read): Condition {
    if (other.kind !== 'value' || typeof other.value !== 'string' || (op !== '==' && op !== '!='))
      throw new Mistake(this.where, `where ${thread} stands is compared with a label`, `at(${thread}) == 'label'`)
    const at = this.standing(thread, [other.value])
    return op === '==' ? at : { kind: 'not', of: at }
  }

  private sum(): Read {
    let left = this.unary()
    for (let sign = this.takes('+', '-'); sign !== undefined; sign = this.takes('+', '-')) {
      const [a, b] = [this.asTerm(left), this.asTerm(this.unary())]
      for (const one of [a, b])
        if (!['a number', 'anything'].includes(kindOf(one)))
          throw new Mistake(this.where, `${spelled(one)} is ${kindOf(one)}`, `only numbers can be added`)
      left = { kind: 'sum', sign: sign === '+' ? 1 : -1, left: a, right: b }
    }
    return left
  }

  private unary(): Read {
    if (this.takes('!') !== undefined) return { kind: 'not', of: this.asCondition(this.unary()) }
    const minus = this.takes('-') !== undefined
    const token = this.tokens[this.next]
    if (token && /^\d/.test(token.text)) {
      this.next++
      return { kind: 'value', value: minus ? -Number(token.text) : Number(token.text) }
    }
    if (minus) throw this.unexpected()
    return this.primary(token)
  }

  private primary(token: Token | undefined): Read {
    if (this.takes('(') !== undefined) {
      const inner = this.either()
      this.expect(')')
      return inner
    }
    if (isText(token)) return { kind: 'value', value: this.quoted() }
    if (!isName(token)) throw this.unexpected()
    this.next++
    const { text } = token!
    if (text === 'true' || text === 'false') return { kind: 'value', value: text === 'true' }
    if (text === 'null') return { kind: 'value', value: null }
    return text === 'at' && this.tokens[this.next]?.text === '(' ? this.at() : this.field(text)
  }

  /** `at(thread)`, `at(thread, 'label', …)`; a thread's own arguments stand behind its name. */
  private at(): Read {
    this.expect('(')
    const thread = isText(this.tokens[this.next]) ? this.quoted() : this.threadName()
    const labels: string[] = []
    while (this.takes(',') !== undefined)
      labels.push(isText(this.tokens[this.next]) ? this.quoted() : this.name('a label'))
    this.expect(')')
    return labels.length > 0 ? this.standing(thread, labels) : { kind: 'place', thread }
  }

  private threadName(): string {
    let name = this.name('a thread')
    if (this.takes('(') === undefined) return name
    name += '('
    while (this.tokens[this.next] && this.tokens[this.next]!.text !== ')')
      name += this.tokens[this.next++]!.text.replace(/^(['"])(.*)\1$/, '$2')
    this.expect(')')
    return `${name})`
  }

  private standing(thread: string, labels: readonly string[]): Condition {
    const threads = threadsOf(this.system)
    try {
      threads.has(thread)
      for (const label of labels) threads.insist(thread, label)
    } catch (error) {
      if (!(error instanceof Mistake)) throw error
      throw new Mistake(this.where, error.what, error.next)
    }
    return { kind: 'at', thread, labels }
  }

  private field(first: string): Term {
    let path: readonly (string | number)[] = []
    let shape: Shape | undefined = this.system.shape
    let key: string | number | undefined = first
    for (; key !== undefined; key = this.key()) {
      const inner: Shape | undefined = shape?.kind === 'optional' ? shape.of : shape
      if (key === 'length' && (inner?.kind === 'list' || inner?.kind === 'array'))
        return { kind: 'length', of: { kind: 'field', path, shape } }
      shape = inner && this.within(inner, path, key)
      path = [...path, key]
    }
    return { kind: 'field', path, shape }
  }

  /** `.name`, `[0]`, `['name']`; undefined where the path ends. */
  private key(): string | number | undefined {
    if (this.takes('.') !== undefined) return this.name('a field')
    if (this.takes('[') === undefined) return undefined
    const token = this.tokens[this.next]
    const key = isText(token) ? this.quoted() : Number(token?.text)
    if (typeof key === 'number') {
      if (!Number.isInteger(key)) throw this.unexpected()
      this.next++
    }
    this.expect(']')
    return key
  }

  /** The shape of a part; undefined if only other variants have it. */
  private within(shape: Shape, path: readonly (string | number)[], key: string | number): Shape | undefined {
    const place = path.length === 0 ? 'the state' : spelledPath(path)
    const size = shape.kind === 'array' ? shape.length : shape.kind === 'list' ? shape.capacity : undefined
    if (size !== undefined && (shape.kind === 'array' || shape.kind === 'list')) {
      if (typeof key === 'number' && key < size) return shape.of
      throw new Mistake(this.where, `${place} has no index ${key}`, `there are ${size}, from 0 to ${size - 1}`)
    }
    if (shape.kind !== 'record')
      throw new Mistake(this.where, `${place} is ${spell(shape)} and has no part ${key}`, `compare it: ${place} == …`)
    if (Object.hasOwn(shape.fields, key)) return shape.fields[key]
    const known = [...fieldsOfFamily(this.system.model, path.map(String))]
    if (known.includes(String(key))) return undefined
    const hint = path.length === 0 ? `; a value stands in quotes: '${key}'` : ''
    const all = [...new Set([...Object.keys(shape.fields), ...known])]
    throw new Mistake(this.where, `there is no field '${key}' in ${place}`, suggestion(String(key), all) + hint)
  }

  /** @throws Mistake for a comparison of what is never alike, and with a value that a field never has. */
  private refuseUnlike(op: Comparison, left: Term, right: Term): void {
    const kinds = [left, right].map(kindOf)
    const isOpen = kinds.includes('anything') || (['==', '!='].includes(op) && kinds.includes('nothing'))
    if (!isOpen && kinds[0] !== kinds[1])
      throw new Mistake(
        this.where,
        `${spelled(left)} is ${kinds[0]}, and ${spelled(right)} is ${kinds[1]}`,
        'compare like with like',
      )
    if (op !== '==' && op !== '!=') {
      if (kinds.some((kind) => kind !== 'a number' && kind !== 'anything'))
        throw new Mistake(this.where, `only numbers are less or greater`, `use == or !=`)
      return
    }
    for (const [field, value] of [
      [left, right],
      [right, left],
    ] as const)
      if (field.kind === 'field' && field.shape && value.kind === 'value' && misfit(field.shape, value.value))
        throw new Mistake(this.where, `${spelled(field)} is never ${spelled(value)}`, allowed(field.shape, value.value))
  }

  private asCondition(read: Read): Condition {
    if (read.kind === 'place')
      throw new Mistake(this.where, `at(${read.thread}) names no label`, `write at(${read.thread}) == 'label'`)
    if (!isTerm(read)) return read
    if (['true or false', 'anything'].includes(kindOf(read))) return { kind: 'truth', of: read }
    throw new Mistake(this.where, `${spelled(read)} is ${kindOf(read)}, not true or false`, 'compare it with something')
  }

  private asTerm(read: Read): Term {
    if (read.kind === 'place' || !isTerm(read))
      throw new Mistake(
        this.where,
        'a condition is compared or added',
        'compare fields and values; join conditions by && and ||',
      )
    const { kind } = read
    const shape = kind === 'field' ? (read.shape?.kind === 'optional' ? read.shape.of : read.shape) : undefined
    if (shape && ['record', 'array', 'list'].includes(shape.kind)) {
      const parts = shape.kind === 'record' ? Object.keys(shape.fields).join(', ') : 'an index, or length'
      throw new Mistake(this.where, `${spelled(read)} is a whole ${shape.kind}`, `name a part of it: ${parts}`)
    }
    return read
  }

  private quoted = (): string => this.tokens[this.next++]!.text.slice(1, -1)

  private name(what: string): string {
    const token = this.tokens[this.next]
    if (!isName(token)) throw this.unexpected(what)
    this.next++
    return token!.text
  }

  private takes(...texts: readonly string[]): string | undefined {
    const token = this.tokens[this.next]
    if (!token || !texts.includes(token.text)) return undefined
    this.next++
    return token.text
  }

  private expect(text: string): void {
    if (this.takes(text) === undefined) throw this.unexpected(`'${text}'`)
  }

  private unexpected(wanted?: string): Mistake {
    const token = this.tokens[this.next]
    const found = token ? `'${token.text}' at position ${token.at + 1}` : 'the end'
    const next =
      wanted === undefined ? `fields, at(thread) == 'label', == != < <= > >=, + -, ! && ||` : `wanted: ${wanted}`
    return new Mistake(
      this.where,
      token?.text === '=' ? `one '=' is no comparison: write ==` : `did not expect ${found}`,
      next,
    )
  }
}

const isTerm = (read: Condition | Term): read is Term => ['field', 'length', 'value', 'sum'].includes(read.kind)

function kindOf(term: Term): Kind {
  if (term.kind === 'sum' || term.kind === 'length') return 'a number'
  if (term.kind === 'value') return term.value === null ? 'nothing' : kinds[typeof term.value as keyof typeof kinds]
  const shape = term.shape?.kind === 'optional' ? term.shape.of : term.shape
  switch (shape?.kind) {
    case 'bool':
      return 'true or false'
    case 'int':
    case 'member':
      return 'a number'
    case 'oneOf':
      return 'a text'
    default:
      return 'anything'
  }
}
const kinds = { string: 'a text', number: 'a number', boolean: 'true or false' } as const

const allowed = (shape: Shape, value: unknown): string =>
  shape.kind === 'oneOf' && typeof value === 'string' ? suggestion(value, shape.names) : `allowed: ${spell(shape)}`
