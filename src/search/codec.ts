/** Source text that packs, unpacks and compares states: generated once per system, compiled by the expander. */

import { fieldsOf, least, spell, type Shape } from '../write/domain.js'
import type { Bits, Group, Leaf, Layout, Node, Queue } from './layout.js'
import { hashText } from './store.js'

/**
 * Generated code works on two plain objects that live as long as the search: `c`, the state being expanded, and `n`,
 * on which an effect runs. Between two effects `n` equals `c`; `diff` reads off what an effect changed and puts it back,
 * so that only changed fields are encoded and nothing is copied. Every record, array and list inside them is a constant
 * of the generated code (`c3`, `n3`); an effect that puts another object in such a place takes the slow path.
 */
export interface CodecText {
  /** Constants: the objects of `c` and `n`, and the name tables of `oneOf` domains. */
  readonly constants: string
  /** Statements that set `c` and `n` from locals `w0`, `w1`, … */
  readonly decode: string
  /** Functions `pack(o, out, at)`, `restore()` and `diff(k, a0, a1, …)`; want `batch` and `hashes` in scope. */
  readonly functions: string
}

/** Thrown by generated code when a value cannot be packed; the explorer turns it into a full report. */
export class Unpackable extends Error {}

/** An answer that is neither true nor false, or a value that an effect returns: a second look tells where. */
export function unsound(found?: unknown): never {
  // What a promise does later must not end the process.
  if (found instanceof Promise) found.catch(() => undefined)
  throw new Unpackable('an answer that is none')
}

/** The names of the packed words as parameters or locals: `w0,w1`. */
export const wordNames = (layout: Layout, letter: string): string =>
  Array.from({ length: layout.words }, (_, i) => `${letter}${i}`).join(',')

/** The objects that generated code calls `c0 …` or `n0 …`, for a fresh state of the layout. */
export function objectsOf(layout: Layout): unknown[] {
  const objects: unknown[] = new Array<unknown>(layout.objects)
  const build = (node: Node): unknown => {
    switch (node.kind) {
      case 'leaf':
        return least(node.shape)
      case 'queue':
        // Slots beyond the length keep their objects, so that growing a list allocates nothing.
        node.items.forEach(build)
        return (objects[node.index] = [])
      case 'maybe':
        build(node.inner)
        return null
      case 'group': {
        const parts = node.parts.map(([key, part]) => [key, build(part)] as const)
        // Not sealed, which would make arrays slow: see straysAmong.
        return (objects[node.index] = node.array ? parts.map(([, value]) => value) : Object.fromEntries(parts))
      }
    }
  }
  build(layout.root)
  return objects
}

/** How many fields each object of a layout shows, -1 for a list: those of its items. */
export function fieldsIn(layout: Layout): readonly number[] {
  const fields: number[] = []
  const walk = (node: Node): void => {
    if (node.kind === 'maybe') walk(node.inner)
    if (node.kind !== 'group' && node.kind !== 'queue') return
    fields[node.index] = node.kind === 'queue' ? -1 : node.parts.length
    for (const part of node.kind === 'queue' ? node.items : node.parts.map(([, one]) => one)) walk(part)
  }
  walk(layout.root)
  return fields
}

/**
 * Whether code has written a field that is not declared, or an index that is none, on one of the objects. It would be lost, or met
 * again in other states: objects outlive the states that they show. So it is enough to look now and then.
 */
export const straysAmong = (objects: readonly unknown[], fields: readonly number[]): boolean =>
  objects.some((object, i) => {
    const expected = fields[i]! < 0 ? (object as readonly unknown[]).length : fields[i]!
    return fieldsOf(object as object) > expected
  })

/** Generates the text for a layout. */
export function codecText(layout: Layout): CodecText {
  const names = new NameTables()
  const decode = decodeNode(layout.root, '', names)
  const functions = [packFunction(layout), restoreFunction(layout), diffFunction(layout)].join('\n')
  const objects = Array.from({ length: layout.objects }, (_, i) => `const c${i}=C[${i}],n${i}=N[${i}];`).join('')
  return { constants: `${objects}\n${names.text()}`, decode, functions }
}

class NameTables {
  private readonly texts: string[] = []
  of(names: readonly string[]): string {
    const text = JSON.stringify(names)
    const at = this.texts.indexOf(text)
    return `E${at < 0 ? this.texts.push(text) - 1 : at}`
  }
  text(): string {
    return this.texts.map((text, i) => `const E${i}=${text};`).join('\n')
  }
}

const raw = (bits: Bits, letter = 'w'): string =>
  bits.width === 32 ? `(${letter}${bits.word}>>>0)` : `(${letter}${bits.word}>>>${bits.shift}&${(1 << bits.width) - 1})`

const put = (bits: Bits, code: string): string => `(${code})<<${bits.shift}`

/** An expression for the value that a code stands for. */
function valueText(shape: Shape, code: string, names: NameTables): string {
  switch (shape.kind) {
    case 'bool':
      return `${code}===1`
    case 'int':
      return shape.lo === 0 ? code : `${code}+${shape.lo}`
    case 'member':
      return code
    case 'oneOf':
      return `${names.of(shape.names)}[${code}]`
    case 'optional':
      return `${code}===0?null:${valueText(shape.of, `(${code}-1)`, names)}`
    default:
      throw new Error(`${shape.kind} is not a leaf`)
  }
}

/** An expression for the code of the value in local `t`; calls `bad` if it is not in the domain. */
function codeText(shape: Shape, leaf: string): string {
  switch (shape.kind) {
    case 'bool':
      return `t===true?1:t===false?0:bad(${leaf},t)`
    case 'int':
      return `(t|0)===t&&t>=${shape.lo}&&t<=${shape.hi}?t-${shape.lo < 0 ? `(${shape.lo})` : shape.lo}:bad(${leaf},t)`
    case 'member':
      return `(t|0)===t&&t>=0&&t<${shape.size}?t:bad(${leaf},t)`
    case 'oneOf':
      return shape.names.map((name, i) => `t===${JSON.stringify(name)}?${i}:`).join('') + `bad(${leaf},t)`
    case 'optional':
      return `t===null?0:1+(${codeText(shape.of, leaf)})`
    default:
      throw new Error(`${shape.kind} is not a leaf`)
  }
}

const place = (owner: string, key: string, array: boolean): string => (array ? `${owner}[${key}]` : `${owner}.${key}`)

/** Where a part hangs in its owner: `c3.vq`, with the side left open. */
type Slot = (side: 'c' | 'n') => string

const slotIn =
  (owner: number, key: string, array: boolean): Slot =>
  (side) =>
    place(`${side}${owner}`, key, array)

function decodeNode(node: Node, slot: Slot | '', names: NameTables): string {
  switch (node.kind) {
    case 'leaf':
      return `${(slot as Slot)('c')}=${(slot as Slot)('n')}=${valueText(node.shape, raw(node.bits), names)};`
    case 'group':
      return node.parts.map(([key, part]) => decodeNode(part, slotIn(node.index, key, node.array), names)).join('\n')
    case 'maybe': {
      const at = slot as Slot
      const { index } = node.inner
      return `if(${raw(node.present)}===1){${at('c')}=c${index};${at('n')}=n${index};${decodeNode(node.inner, slot, names)}}else ${at('c')}=${at('n')}=null;`
    }
    case 'queue':
      return decodeQueue(node, names)
  }
}

function decodeQueue(node: Queue, names: NameTables): string {
  const { index } = node
  const items = node.items.map((item, i) => {
    const hang =
      item.kind === 'group' || item.kind === 'queue'
        ? `c${index}[${i}]=c${item.index};n${index}[${i}]=n${item.index};`
        : ''
    return `if(l${index}>${i}){${hang}${decodeNode(item, slotIn(index, String(i), true), names)}}`
  })
  return `const l${index}=${raw(node.length)};if(c${index}.length>l${index})c${index}.length=l${index};if(n${index}.length>l${index})n${index}.length=l${index};${items.join('')}`
}

/** `pack(o,out,at)`: every field of any object of the domain, checked; program counters left zero. */
function packFunction(layout: Layout): string {
  let fresh = 0
  const walk = (node: Node, text: string): string => {
    switch (node.kind) {
      case 'leaf':
        return `t=${text};w${node.bits.word}|=${put(node.bits, codeText(node.shape, leafName(layout, node)))};`
      case 'group': {
        const o = `o${fresh++}`
        const parts = node.parts.map(([key, part]) => walk(part, place(o, key, node.array))).join('\n')
        const check = node.array
          ? `if(!Array.isArray(${o})||${o}.length!==${node.parts.length}||fields(${o})!==${node.parts.length})bad(${misfitText(node)},${o});`
          : `if(!plain(${o})||fields(${o})!==${node.parts.length})bad(${misfitText(node)},${o});`
        return `{const ${o}=${text};${check}${parts}}`
      }
      case 'maybe': {
        const inner = walk(node.inner, 'm')
        return `{const m=${text};if(m!==null){w${node.present.word}|=1<<${node.present.shift};${inner}}}`
      }
      case 'queue': {
        const o = `o${fresh++}`
        const items = node.items.map((item, i) => `if(${o}.length>${i}){${walk(item, `${o}[${i}]`)}}`).join('')
        return `{const ${o}=${text};if(!Array.isArray(${o})||${o}.length>${node.items.length}||fields(${o})!==${o}.length)bad(${misfitText(node)},${o});w${node.length.word}|=${put(node.length, `${o}.length`)};${items}}`
      }
    }
  }
  const body = walk(layout.root, 'o')
  const words = Array.from({ length: layout.words }, (_, i) => `out[at+${i}]=w${i};`).join('')
  return `function pack(o,out,at){let t;let ${wordNames(layout, 'w').replaceAll(/w\d+/g, '$&=0')};${body}${words}}`
}

/** `restore()`: makes `n` equal to `c` again after an effect that moved objects about. */
function restoreFunction(layout: Layout): string {
  const walk = (node: Node, slot: Slot | ''): string => {
    switch (node.kind) {
      case 'leaf':
        return `${(slot as Slot)('n')}=${(slot as Slot)('c')};`
      case 'group':
        return (
          (slot === '' ? '' : `${slot('n')}=n${node.index};`) +
          (node.array ? `n${node.index}.length=${node.parts.length};` : '') +
          node.parts.map(([key, part]) => walk(part, slotIn(node.index, key, node.array))).join('')
        )
      case 'maybe':
        return `if(${(slot as Slot)('c')}===null)${(slot as Slot)('n')}=null;else{${walk(node.inner, slot)}}`
      case 'queue':
        return (
          `${(slot as Slot)('n')}=n${node.index};n${node.index}.length=0;` +
          node.items
            .map((item, i) => `if(c${node.index}.length>${i}){${walk(item, slotIn(node.index, String(i), true))}}`)
            .join('')
        )
    }
  }
  return `function restore(){${walk(layout.root, '')}}`
}

/** `diff(k,a0,…)`: packs `n` as entry k of the batch, given the words of `c` with new program counters; resets `n`. */
function diffFunction(layout: Layout): string {
  const all = (text: (i: number) => string): string => Array.from({ length: layout.words }, (_, i) => text(i)).join('')
  const counters = layout.counters.reduce<number[]>((masks, { word, mask }) => {
    masks[word] = (masks[word] ?? 0) | mask
    return masks
  }, [])
  const at = `const at=k*${layout.words};`
  const hash = `let h,q;${hashText(layout.words, 'q')}hashes[k]=h;`
  // Values are put back as they are read, so it must be settled before the first of them that no object has moved.
  return `function slow(k,${wordNames(layout, 'a')}){${at}pack(n0,batch,at);restore();
${all((i) => `a${i}=batch[at+${i}]|=a${i}&${counters[i] ?? 0};`)}${hash}}
function diff(k,${wordNames(layout, 'a')}){let t;${movedText(layout)}${valuesText(layout)}${at}${all((i) => `batch[at+${i}]=a${i};`)}${hash}}`
}

/** Statements that take the slow path if an effect put another object, or another number of items, in some place. */
function movedText(layout: Layout): string {
  const slow = `return slow(k,${wordNames(layout, 'a')});`
  const unless = (tests: readonly string[]): string => (tests.length === 0 ? '' : `if(${tests.join('||')}){${slow}}`)
  const inside = (condition: string, text: string): string => (text === '' ? '' : `if(${condition}){${text}}`)
  const walk = (node: Node, slot: Slot | ''): string => {
    switch (node.kind) {
      case 'leaf':
        return ''
      case 'group': {
        const swapped = slot === '' ? [] : [`${slot('n')}!==n${node.index}`]
        const resized = node.array ? [`n${node.index}.length!==${node.parts.length}`] : []
        const parts = node.parts.map(([key, part]) => walk(part, slotIn(node.index, key, node.array)))
        return unless([...swapped, ...resized]) + parts.join('')
      }
      case 'maybe': {
        const at = slot as Slot
        return (
          unless([`${at('n')}!==(${at('c')}===null?null:n${node.inner.index})`]) +
          inside(`${at('n')}!==null`, walk(node.inner, slot))
        )
      }
      case 'queue': {
        const { index } = node
        const items = node.items.map((item, i) =>
          inside(`n${index}.length>${i}`, walk(item, slotIn(index, String(i), true))),
        )
        return unless([`${(slot as Slot)('n')}!==n${index}`, `n${index}.length!==c${index}.length`]) + items.join('')
      }
    }
  }
  return walk(layout.root, '')
}

/** Statements that encode every value that an effect changed, and put the old one back. */
function valuesText(layout: Layout): string {
  const walk = (node: Node, slot: Slot | ''): string => {
    switch (node.kind) {
      case 'leaf': {
        const { word, mask } = node.bits
        const at = slot as Slot
        const code = codeText(node.shape, leafName(layout, node))
        return `t=${at('n')};if(t!==${at('c')}){a${word}=a${word}&${~mask}|${put(node.bits, code)};${at('n')}=${at('c')};}\n`
      }
      case 'group':
        return node.parts.map(([key, part]) => walk(part, slotIn(node.index, key, node.array))).join('')
      case 'maybe':
        return `if(${(slot as Slot)('n')}!==null){${walk(node.inner, slot)}}`
      case 'queue':
        return node.items
          .map((item, i) => `if(n${node.index}.length>${i}){${walk(item, slotIn(node.index, String(i), true))}}`)
          .join('')
    }
  }
  return walk(layout.root, '')
}

const leafName = (layout: Layout, leaf: Leaf): string => String(layout.leaves.indexOf(leaf))

const misfitText = (node: Group | Queue): string =>
  JSON.stringify(
    `${node.path || 'the state'}: wants ${node.kind === 'queue' ? spell(node.shape) : node.array ? `an array of ${node.parts.length}` : 'a record'}`,
  )
