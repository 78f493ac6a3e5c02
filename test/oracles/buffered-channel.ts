/** A sender, a buffer of three and a receiver, joined by two-phase handshakes (the inner FIFO of Specifying Systems). */

import { env, int, list, over, propertiesOver, record, system } from '../../src/index.js'
import { upTo, type Oracle } from './oracle.js'

const message = int(0, 2)
const channel = record({ value: message, ready: int(0, 1), taken: int(0, 1) })
const state = record({ in: channel, out: channel, buffer: list(3, message) })
const { model, action } = over(state)
const { step } = propertiesOver(state)
const origin = env('the handshake')

const fifo = model('buffered-channel', {
  question: 'Do messages leave in the order in which they came?',
  actors: { sender: system('offers'), buffer: system('takes and offers'), receiver: system('takes') },
  initial: () =>
    upTo(3).flatMap((a) =>
      upTo(2).flatMap((p) =>
        upTo(3).flatMap((b) =>
          upTo(2).map((q) => ({
            in: { value: a, ready: p, taken: p },
            out: { value: b, ready: q, taken: q },
            buffer: [],
          })),
        ),
      ),
    ),
  parts: () => [
    action('offer', {
      actor: 'sender',
      origin,
      for: { value: upTo(3) },
      when: (s) => s.in.ready === s.in.taken,
      then: (d, { value }) => {
        d.in.value = value
        d.in.ready = 1 - d.in.ready
      },
    }),
    action('take', {
      actor: 'buffer',
      origin,
      when: (s) => s.in.ready !== s.in.taken,
      then: (d) => {
        if (d.buffer.length === 3) return
        d.in.taken = 1 - d.in.taken
        d.buffer.push(d.in.value)
      },
    }),
    action('offer', {
      actor: 'buffer',
      origin,
      when: (s) => s.buffer.length > 0 && s.out.ready === s.out.taken,
      then: (d) => {
        d.out.value = d.buffer.shift()!
        d.out.ready = 1 - d.out.ready
      },
    }),
    action('take', {
      actor: 'receiver',
      origin,
      when: (s) => s.out.ready !== s.out.taken,
      then: (d) => void (d.out.taken = 1 - d.out.taken),
    }),
  ],
})

export const oracles: readonly Oracle[] = [
  {
    name: 'Buffered channel',
    source:
      'tlaplus/Examples MCInnerFIFO, re-run with TLC: 3,864 distinct, 9,660 generated from 36 initial states, depth 11',
    model: fifo,
    properties: [
      step('first-out', 'What is offered to the receiver is what has waited longest.', {
        on: 'buffer.offer',
        holds: (before, after) => after.out.value === before.buffer[0],
      }),
    ],
    states: 3864,
    transitions: 9660 - 36,
    depth: 10,
    verdicts: { 'no-deadlock': 'holds', 'in-domain': 'holds', 'first-out': 'holds' },
  },
]
