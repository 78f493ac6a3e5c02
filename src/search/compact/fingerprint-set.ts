/** A set of 64-bit fingerprints: ordered open addressing in regions, each of which grows on its own. */

/** The clock, also while a model may not ask for it. */
const now = performance.now.bind(performance)

/** The table is cut into 2^this regions by the upper bits of a fingerprint. */
const regionBits = 8
const regions = 1 << regionBits

/** Slots of the smallest region; a region grows by this factor when it is fuller than this. */
const fewest = 32
const growth = 1.25
const fullest = 0.875

/** Slots behind the last home, for clusters that begin near the end. */
const margin = 32

/**
 * Fingerprints in the order of their values, each at its home or as near behind it as there is room: the home grows with the
 * value, so that a look ends at the first larger one, and a region is enlarged by one pass that moves what it holds in order
 * (Amble and Knuth, _Ordered hash tables_, 1974). As no region is more than some hundredth of the table, and they start at
 * different sizes, growing never takes long and never needs the room of a second table. Values must be spread evenly, as hashes are;
 * then each takes 8 / 0.7 to 8 / 0.875 bytes.
 */
export class FingerprintSet {
  /** Pairs of words, low and high; a high word of 0 marks a free slot, and the last slot of each region is free. */
  private readonly slots: Int32Array[] = []
  private readonly counts = new Int32Array(regions)
  private readonly limits = new Int32Array(regions)
  /** Slots per value: what the lower bits of a high word are multiplied by to find the home. */
  private readonly scales = new Float64Array(regions)
  /** Bytes of all slots. */
  bytes = 0
  /** The longest that one enlargement took, in milliseconds. */
  longestPause = 0

  constructor() {
    for (let region = 0; region < regions; region++) this.place(region, fewest * growth ** (region / regions))
  }

  /** Adds a fingerprint whose high word is not 0; false if it was there. Constant on average. */
  add(high: number, low: number): boolean {
    const region = high >>> (32 - regionBits)
    const slots = this.slots[region]!
    let at = 2 * Math.trunc(((high << regionBits) >>> 0) * this.scales[region]!)
    let held: number
    while ((held = slots[at + 1]!) !== 0 && held <= high) {
      if (held === high) {
        const below = slots[at]!
        if (below === low) return false
        if (below > low) break
      }
      at += 2
    }
    // The rest of the cluster makes room.
    while (held !== 0) {
      const below = slots[at]!
      slots[at] = low
      slots[at + 1] = high
      low = below
      high = held
      at += 2
      held = slots[at + 1]!
    }
    slots[at] = low
    slots[at + 1] = high
    if (++this.counts[region]! > this.limits[region]! || at === slots.length - 2) this.enlarge(region)
    return true
  }

  /** Reads the slot where a look for such a fingerprint would begin: several of these cache misses overlap. */
  touch(high: number): number {
    const region = high >>> (32 - regionBits)
    return this.slots[region]![2 * Math.trunc(((high << regionBits) >>> 0) * this.scales[region]!)]!
  }

  private enlarge(region: number): void {
    const began = now()
    const old = this.slots[region]!
    let homes = old.length / 2 - margin
    do homes *= growth
    while (!this.moved(old, region, homes))
    this.longestPause = Math.max(this.longestPause, now() - began)
  }

  /** Puts what a region held into a larger one; false if its end is too crowded. */
  private moved(old: Int32Array, region: number, homes: number): boolean {
    const slots = this.place(region, homes)
    const scale = this.scales[region]!
    let next = 0
    for (let at = 0; at < old.length; at += 2) {
      const high = old[at + 1]!
      if (high === 0) continue
      const to = Math.max(next, 2 * Math.trunc(((high << regionBits) >>> 0) * scale))
      if (to >= slots.length - 2) return false
      slots[to] = old[at]!
      slots[to + 1] = high
      next = to + 2
    }
    return true
  }

  private place(region: number, homes: number): Int32Array {
    const whole = Math.ceil(homes)
    const slots = new Int32Array(2 * (whole + margin))
    this.bytes += slots.byteLength - (this.slots[region]?.byteLength ?? 0)
    this.slots[region] = slots
    this.scales[region] = whole / 2 ** 32
    this.limits[region] = Math.floor(whole * fullest)
    return slots
  }
}
