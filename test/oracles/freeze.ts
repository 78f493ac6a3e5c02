/** The virtio-freeze benchmark, as other checkers count it. */

import freeze from '../../bench/freeze.js'
import type { Oracle } from './oracle.js'

export const oracles: readonly Oracle[] = [
  [2, 2, 99721, 527323],
  [3, 1, 363339, 2603900],
].map(([N, Q, states, transitions]) => ({
  name: `Virtio freeze, N=${N} Q=${Q}`,
  source: `the comparison model for SPIN, Rumur and TLC: ${states} states, ${transitions} transitions`,
  model: freeze,
  properties: [],
  parameters: { N: N!, Q: Q! },
  states: states!,
  transitions: transitions!,
  verdicts: { 'no-deadlock': 'holds', 'in-domain': 'holds' },
}))
