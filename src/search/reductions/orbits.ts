/** Search of one state per orbit: states that differ only in the names of members are stored once (Ip and Dill 1996). */

import type { System } from '../../write/system.js'
import type { Expander, Watch } from '../expander.js'
import { layOut } from '../layout.js'
import { offsetIn, segmentOf } from '../store.js'
import { Canon, mostOrders } from './canon.js'
import { slotsOf } from '../../derive/slots.js'
import { asymmetry } from './equivariance.js'
import { packedSlots, type PackedSlot } from './slot-bits.js'
import { generatorsOf, poolsOf, type Pool } from './symmetry.js'
import { Probe } from '../../derive/probe.js'

/** What a search of representatives says of the whole space. */
export interface Census {
  states: number
  transitions: number
}

/** A symmetry that was proved. */
export interface Symmetry {
  readonly pools: readonly Pool[]
  /** Makes an expander store representatives only, and count what they stand for. */
  readonly reduce: (expander: Expander, census: Census) => Expander
}

/** Whether a system declares members that could be alike. */
export const hasMembers = (system: System): boolean => poolsOf(system, slotsOf(system)).some(({ size }) => size > 1)

/**
 * Proves the symmetry of the members that a system declares.
 * @returns a sentence without a full stop on what stands against it, if something does.
 */
export function symmetryOf(system: System, watch: Watch): Symmetry | { readonly off: string } {
  const layout = layOut(system)
  const probe = new Probe(system)
  const { slots } = probe
  const pools = poolsOf(system, slots).filter(({ size }) => size > 1)
  const canon = new Canon(
    packedSlots(slots, layout).map((slot) => ofPools(slot, pools)),
    layout.words,
    pools,
  )
  if (canon.loose && canon.order > mostOrders)
    return { off: `there are ${canon.order} orders of its members, more than ${mostOrders} are not tried` }
  const against = asymmetry({ system, watch, slots, probe, pools })
  if (against !== undefined) return { off: against }
  return { pools, reduce: (expander, census) => byOrbits(expander, { canon, pools }, census) }
}

/** A slot as far as it is about members of these pools: a set with one member has nobody to be exchanged with. */
function ofPools({ holds, ...slot }: PackedSlot, pools: readonly Pool[]): PackedSlot {
  const isOf = (set: string): boolean => pools.some((pool) => pool.set === set)
  return { ...slot, of: slot.of.filter(({ set }) => isOf(set)), ...(holds && isOf(holds.set) && { holds }) }
}

interface Means {
  readonly canon: Canon
  readonly pools: readonly Pool[]
}

function byOrbits(expander: Expander, { canon, pools }: Means, census: Census): Expander {
  const { batch, code, successors, store, layout, system } = expander
  const { words } = layout
  const out = new Int32Array(words)
  const enter = (from: Int32Array, at: number): number => {
    canon.represent(from, at, out)
    return code.enter(out, 0)
  }
  return {
    ...expander,
    start: () => {
      const at = Object.fromEntries(system.threads.map(({ name, labels }) => [name, labels[0]!]))
      system.initials.forEach((state, i) => (successors[i] = enter(expander.pack({ state, at }), 0)))
      store.parents.roots = store.count()
    },
    expand: (id) => {
      const segment = store.segments[segmentOf(id)]!
      const taken = expander.fan(id, segment, offsetIn(id) * words)
      const orbit = canon.represent(segment, offsetIn(id) * words, out)
      census.states += orbit
      census.transitions += orbit * taken
      for (let i = 0; i < taken; i++) successors[i] = enter(batch, i * words)
      return taken
    },
    orbits: {
      identify: (here) => {
        canon.represent(expander.pack(here), 0, out)
        return store.find(out, 0)
      },
      images: (here) => {
        const packed = expander.pack(here)
        return pools.flatMap(generatorsOf).map((permutation) => {
          const ranks = pools.map(({ set, size }) => permutation[set] ?? Array.from({ length: size }, (_, i) => i))
          const image = new Int32Array(words)
          canon.rename(packed, 0, ranks, image)
          return expander.unpack(image, 0)
        })
      },
    },
  }
}
