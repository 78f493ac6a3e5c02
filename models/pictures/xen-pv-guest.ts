/** The guest as somebody would sketch it: frontends and backends with the ring that each believes in, and the requests in between. */

import { pictureOf, type Frozen } from '../../src/index.js'
import { state, type State } from '../xen-pv-guest/state.js'

type Device = Frozen<State['dev']['vbd']>

/** Which ring either side is on; a backend that has none mapped reads nothing. */
function rings({ ring, backend }: Device): string {
  if (ring === null) return backend.ring === null ? 'no ring' : `the backend alone is on ring ${backend.ring}`
  if (backend.ring === null) return `the frontend alone is on ring ${ring}`
  return ring === backend.ring ? `both on ring ${ring}` : `frontend on ${ring}, backend on ${backend.ring}`
}

const signs = {
  free: '.',
  granted: 'g',
  'mapped by backend': 'M',
  'leaked, still mapped': 'L',
  'deferred, still mapped': 'D',
  'freed, still mapped': 'F',
  leaked: 'l',
  deferred: 'd',
} as const

function device(name: string, one: Device): string {
  const side = (ring: number | null): string => (ring === null ? '    -   ' : `[ring ${ring}]`)
  const joined = one.ring !== null && one.ring === one.backend.ring ? '═══' : ' × '
  const grants = one.grants.map((grant) => signs[grant]).join('')
  const front = `${one.connected}${one.pm === 'suspended' ? ', suspended' : ''}`
  return `${name}  ${one.backend.node.padEnd(9)} ${side(one.backend.ring)} ${joined} ${side(one.ring)} ${front.padEnd(24)} grants ${grants}`
}

export default pictureOf(state, {
  show: {
    disk: (s) => rings(s.dev.vbd),
    network: (s) => rings(s.dev.vif),
    'requests in flight': (s) => s.requests.filter(({ slot }) => slot !== 'empty').length,
  },
  draw: (s) =>
    [
      `domain ${s.domain}, tasks ${s.tasks}, xenbus locks ${s.xsLocks}`,
      '     backend                          frontend',
      device('vbd', s.dev.vbd),
      device('vif', s.dev.vif),
      ...s.requests.flatMap(({ shadow, slot }, i) =>
        shadow === 'idle' && slot === 'empty' ? [] : [`request ${i}: ${shadow}, its slot ${slot}`],
      ),
    ].join('\n'),
})
