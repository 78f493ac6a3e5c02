/** The states of a TCP connection (RFC 9293) between two peers, without sequence numbers. */

import { array, bool, env, environment, list, oneOf, over, propertiesOver, record, system } from '../../src/index.js'
import type { Oracle } from './oracle.js'

const connection = oneOf(
  'listen',
  'closed',
  'syn-sent',
  'syn-received',
  'established',
  'fin-wait-1',
  'fin-wait-2',
  'closing',
  'close-wait',
  'last-ack',
  'time-wait',
)
const segment = oneOf('syn', 'syn-ack', 'ack', 'rst', 'fin', 'ack-of-fin')
const state = record({
  /** Whether each peer has a transmission control block. */
  block: array(2, bool()),
  is: array(2, connection),
  /** What is on its way to each peer. */
  inbox: array(2, list(8, segment)),
})

const { model, action } = over(state)
const { always } = propertiesOver(state)
type Connection =
  | 'closed'
  | 'listen'
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'closing'
  | 'close-wait'
  | 'last-ack'
  | 'time-wait'
type Segment = 'syn' | 'syn-ack' | 'ack' | 'rst' | 'fin' | 'ack-of-fin'

interface Transition {
  readonly from?: Connection
  readonly to: Connection
  /** What must come first in the inbox, and is taken from it. */
  readonly receive?: readonly Segment[]
  readonly send?: Segment
  /** What becomes of the control block. */
  readonly block?: boolean
  /** Needs a control block. */
  readonly needsBlock?: boolean
}

/** A segment may not follow its like: such a step is taken in vain, as is one that would open a second connection. */
const transition = (actor: string, name: string, how: Transition, inVain = false) =>
  action(name, {
    actor,
    origin: env('RFC 9293, the state machine'),
    for: { i: [0, 1] },
    when: (s, { i }) =>
      (how.from === undefined || s.is[i] === how.from) &&
      (!how.needsBlock || s.block[i]!) &&
      (how.receive ?? []).every((wanted, k) => s.inbox[i]![k] === wanted),
    then: (d, { i }) => {
      if (inVain || (how.send !== undefined && d.inbox[1 - i]!.at(-1) === how.send)) return
      d.inbox[i]!.splice(0, how.receive?.length ?? 0)
      if (how.send !== undefined) d.inbox[1 - i]!.push(how.send)
      d.is[i] = how.to
      if (how.block !== undefined) d.block[i] = how.block
    },
  })

const tcp = model('tcp', {
  question: 'Are both ends established when nothing is on its way?',
  actors: { user: environment('opens and closes'), host: system('runs the protocol') },
  initial: () =>
    [0, 1].map((opener) => ({
      block: [true, true],
      is: [0, 1].map((i) => (i === opener ? ('syn-sent' as const) : ('listen' as const))),
      inbox: [0, 1].map((i) => (i === opener ? [] : ['syn' as const])),
    })),
  parts: () => [
    transition('user', 'active-open', { from: 'closed', to: 'syn-sent' }, true),
    transition('user', 'passive-open', { from: 'closed', to: 'listen' }, true),
    transition('user', 'send', { from: 'listen', to: 'syn-sent' }, true),
    transition('user', 'close-syn-sent', { from: 'syn-sent', to: 'closed', block: false }),
    transition('user', 'close-syn-received', { from: 'syn-received', to: 'fin-wait-1', send: 'fin' }),
    transition('user', 'close-listen', { from: 'listen', to: 'closed', block: false }),
    transition('user', 'close-established', { from: 'established', to: 'fin-wait-1', send: 'fin' }),
    transition('user', 'close-close-wait', { from: 'close-wait', to: 'last-ack', send: 'fin' }),
    transition('host', 'cross', { from: 'syn-sent', receive: ['syn'], send: 'syn-ack', to: 'syn-received' }),
    transition('host', 'connect', { from: 'syn-sent', receive: ['syn-ack'], send: 'ack', to: 'established' }),
    transition('host', 'back-to-listen', { from: 'syn-received', receive: ['rst'], to: 'listen' }),
    transition('host', 'connected', { from: 'syn-received', receive: ['ack'], to: 'established' }),
    transition('host', 'accept', { from: 'listen', receive: ['syn'], send: 'syn-ack', to: 'syn-received' }),
    transition('host', 'peer-closes', { from: 'established', receive: ['fin'], send: 'ack-of-fin', to: 'close-wait' }),
    transition('host', 'both-close', { from: 'fin-wait-1', receive: ['fin'], send: 'ack-of-fin', to: 'closing' }),
    transition('host', 'fin-heard', { from: 'fin-wait-1', receive: ['ack-of-fin'], to: 'fin-wait-2' }),
    transition('host', 'peer-too', { from: 'fin-wait-2', receive: ['fin'], send: 'ack-of-fin', to: 'time-wait' }),
    transition('host', 'closed-both', { from: 'closing', receive: ['ack-of-fin'], to: 'time-wait' }),
    transition('host', 'last', { from: 'last-ack', receive: ['ack-of-fin'], to: 'closed' }),
    transition('host', 'timeout', { from: 'time-wait', needsBlock: true, to: 'closed', block: false }),
    transition('host', 'skip-closing', {
      from: 'fin-wait-1',
      receive: ['fin', 'ack-of-fin'],
      send: 'ack-of-fin',
      to: 'time-wait',
    }),
    transition('host', 'reset', { needsBlock: true, send: 'rst', to: 'time-wait' }),
    transition('host', 'reset-to-listen', { receive: ['rst'], to: 'listen' }),
    transition('host', 'reset-to-closed', { receive: ['rst'], to: 'closed' }),
  ],
})

export const oracles: readonly Oracle[] = [
  {
    name: 'TCP',
    source:
      'tlaplus/Examples tcp (MCtcp), re-run with TLC: 1,182 distinct, 6,322 generated from 2 initial states, depth 14',
    model: tcp,
    properties: [
      always('both-established', 'With nothing on its way, both ends are established or neither is.', {
        when: (s) => s.inbox.every((queue) => queue.length === 0),
        holds: (s) => (s.is[0] === 'established') === (s.is[1] === 'established'),
      }),
    ],
    states: 1182,
    transitions: 6320,
    depth: 13,
    verdicts: { 'no-deadlock': 'holds', 'in-domain': 'holds', 'both-established': 'holds' },
  },
]
