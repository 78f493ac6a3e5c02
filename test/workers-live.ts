/** A protocol with liveness properties that several threads search: virtio-freeze. */

import { propertiesOver, type Property } from '../src/index.js'
import freeze, { state } from '../bench/freeze.js'

export default freeze

const { leadsTo, alwaysEventually, ltl } = propertiesOver(state)

/** One holds under fairness; the others are broken by a loop. */
export const properties: readonly Property[] = [
  leadsTo('freeze-ends', 'A freeze ends: the machine runs again.', {
    from: (_, at) => at('pm', 'stop'),
    to: (_, at) => at('pm', 'run'),
  }),
  leadsTo('ring-drains', 'A ring with buffers is empty at some time.', {
    from: (s) => s.d[0]!.avail > 0,
    to: (s) => s.d[0]!.avail === 0 && s.d[0]!.used === 0,
  }),
  alwaysEventually('sleeps', 'The machine sleeps again and again.', (_, at) => at('pm', 'sleep')),
  ltl('wakes', 'A machine that sleeps runs at some time.', {
    formula: 'G (asleep -> F runs)',
    atoms: { asleep: (_, at) => at('pm', 'sleep'), runs: (_, at) => at('pm', 'run') },
  }),
]
