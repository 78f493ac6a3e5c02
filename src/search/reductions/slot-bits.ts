/** Where the slots of a state are packed. */

import type { Slot, Slots } from '../../derive/slots.js'
import type { Bits, Layout, Node } from '../layout.js'

/** A slot, and its bits in the packed state. */
export interface PackedSlot extends Slot {
  readonly bits: Bits
}

/** The slots of a system with their bits. */
export function packedSlots({ all }: Slots, layout: Layout): readonly PackedSlot[] {
  const bits = bitsIn(layout)
  return all.map((slot, i) => ({ ...slot, bits: bits[i]! }))
}

/** Program counters, then the state in declaration order, as slots are listed. */
function bitsIn(layout: Layout): readonly Bits[] {
  const all: Bits[] = [...layout.counters]
  const walk = (node: Node): void => {
    switch (node.kind) {
      case 'leaf':
        return void all.push(node.bits)
      case 'group':
        return node.parts.forEach(([, part]) => walk(part))
      case 'maybe':
        all.push(node.present)
        return walk(node.inner)
      case 'queue':
        all.push(node.length)
        return node.items.forEach(walk)
    }
  }
  walk(layout.root)
  return all
}

/** The code in a run of bits of a packed state. */
export const codeIn = ({ word, shift, width }: Bits, words: Int32Array, at: number): number =>
  width === 32 ? words[at + word]! >>> 0 : (words[at + word]! >>> shift) & ((1 << width) - 1)
