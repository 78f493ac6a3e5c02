/** The alternating-bit protocol twice: over lossy queues, and over a pair of one-place channels that corrupt. */

import { bool, env, environment, int, list, oneOf, over, propertiesOver, record, system } from '../../src/index.js'
import { upTo, type Oracle } from './oracle.js'

const origin = env('the protocol')
const bit = int(0, 1)

/** Queues hold two; a third is sent in vain. */
const queued = record({
  messages: list(2, record({ bit, data: int(0, 1) })),
  acks: list(2, bit),
  sendBit: bit,
  sendAck: bit,
  receiveBit: bit,
  sent: int(0, 1),
  received: int(0, 1),
})

function overQueues() {
  const { model, action } = over(queued)
  return model('alternating-bit', {
    question: 'Does what was acknowledged arrive?',
    actors: {
      sender: system('sends until it is acknowledged'),
      receiver: system('acknowledges what it got'),
      wire: environment('loses messages'),
    },
    initial: () =>
      [0, 1].flatMap((start) =>
        [0, 1].flatMap((sent) =>
          [0, 1].map((received) => ({
            messages: [],
            acks: [],
            sendBit: start,
            sendAck: start,
            receiveBit: start,
            sent,
            received,
          })),
        ),
      ),
    parts: () => [
      action('send-new', {
        actor: 'sender',
        origin,
        for: { data: [0, 1] },
        when: (s) => s.sendAck === s.sendBit,
        then: (d, { data }) => {
          if (d.messages.length === 2) return
          d.sent = data
          d.sendBit = 1 - d.sendBit
          d.messages.push({ bit: d.sendBit, data })
        },
      }),
      action('send-again', {
        actor: 'sender',
        origin,
        when: (s) => s.sendAck !== s.sendBit,
        then: (d) => {
          if (d.messages.length < 2) d.messages.push({ bit: d.sendBit, data: d.sent })
        },
      }),
      action('hear-ack', {
        actor: 'sender',
        origin,
        when: (s) => s.acks.length > 0,
        then: (d) => void (d.sendAck = d.acks.shift()!),
      }),
      action('receive', {
        actor: 'receiver',
        origin,
        when: (s) => s.messages.length > 0,
        then: (d) => {
          const message = d.messages.shift()!
          d.receiveBit = message.bit
          d.received = message.data
        },
      }),
      action('ack', {
        actor: 'receiver',
        origin,
        then: (d) => {
          if (d.acks.length < 2) d.acks.push(d.receiveBit)
        },
      }),
      action('lose-message', {
        actor: 'wire',
        origin,
        for: { i: upTo(2) },
        when: (s, { i }) => i < s.messages.length,
        then: (d, { i }) => void d.messages.splice(i, 1),
      }),
      action('lose-ack', {
        actor: 'wire',
        origin,
        for: { i: upTo(2) },
        when: (s, { i }) => i < s.acks.length,
        then: (d, { i }) => void d.acks.splice(i, 1),
      }),
    ],
  })
}

/** In the form of `ex/others/abp.m`: the value 1 is sent once at most, and must arrive once at most. */
const packet = record({ is: oneOf('empty', 'packet', 'ack', 'corrupt'), value: bit, bit })
const channels = record({
  forth: packet,
  back: packet,
  value: bit,
  old: bit,
  sentOne: bool(),
  gotOne: bool(),
  gotOneTwice: bool(),
  sendBit: bit,
  receiveBit: bit,
})

function overChannels() {
  const { model, action } = over(channels)
  const empty = { is: 'empty' as const, value: 0, bit: 0 }
  return model('alternating-bit-channels', {
    question: 'Is a value that is sent once received once at most?',
    actors: {
      sender: system('sends until it is acknowledged'),
      receiver: system('acknowledges what it got'),
      wire: environment('corrupts messages'),
    },
    initial: () => ({
      forth: empty,
      back: { is: 'ack' as const, value: 0, bit: 0 },
      value: 0,
      old: 0,
      sentOne: false,
      gotOne: false,
      gotOneTwice: false,
      sendBit: 1,
      receiveBit: 0,
    }),
    parts: () => [
      action('choose-0', {
        actor: 'sender',
        origin,
        when: (s) => s.back.is !== 'empty',
        then: (d) => void (d.value = 0),
      }),
      action('choose-1', {
        actor: 'sender',
        origin,
        when: (s) => s.back.is !== 'empty' && !s.sentOne,
        then: (d) => void (d.value = 1),
      }),
      action('send', {
        actor: 'sender',
        origin,
        when: (s) => s.back.is !== 'empty',
        then: (d) => {
          if (d.back.is === 'ack' && d.back.bit !== d.sendBit) {
            d.sendBit = 1 - d.sendBit
            if (d.sentOne) d.value = 0
            d.old = d.value
            if (d.value === 1) d.sentOne = true
          }
          d.forth = { is: 'packet', value: d.old, bit: d.sendBit }
          d.back = { ...empty }
        },
      }),
      action('receive', {
        actor: 'receiver',
        origin,
        when: (s) => s.forth.is !== 'empty',
        then: (d) => {
          if (d.forth.is === 'packet' && d.forth.bit === d.receiveBit) {
            d.receiveBit = 1 - d.receiveBit
            d.gotOneTwice ||= d.gotOne && d.forth.value === 1
            d.gotOne ||= d.forth.value === 1
          }
          d.back = { is: 'ack', value: 0, bit: d.receiveBit }
          d.forth = { ...empty }
        },
      }),
      action('corrupt', {
        actor: 'wire',
        origin,
        for: { way: ['forth', 'back'] },
        when: (s, { way }) => s[way].is !== 'empty' && s[way].is !== 'corrupt',
        then: (d, { way }) => void (d[way] = { ...empty, is: 'corrupt' }),
      }),
    ],
  })
}

const clean = { 'no-deadlock': 'holds', 'in-domain': 'holds' } as const

export const oracles: readonly Oracle[] = [
  {
    name: 'Alternating bit over queues',
    source:
      'tlaplus/Examples MCAlternatingBit, re-run with TLC: 240 distinct, 1,392 generated from 8 initial states, depth 10',
    model: overQueues(),
    properties: [
      propertiesOver(queued).always('acknowledged', 'What is acknowledged has arrived.', {
        when: (s) => s.sendAck === s.sendBit && s.messages.length === 0,
        holds: (s) => s.receiveBit === s.sendBit,
      }),
    ],
    states: 240,
    transitions: 1392 - 8,
    depth: 9,
    verdicts: { ...clean, acknowledged: 'holds' },
  },
  {
    name: 'Alternating bit over corrupting channels',
    source: 'Murphi ex/others/abp.m, re-run with Rumur: 80 states, 176 rules fired',
    model: overChannels(),
    properties: [propertiesOver(channels).always('once', 'The value 1 is not received twice.', (s) => !s.gotOneTwice)],
    states: 80,
    transitions: 176,
    verdicts: { ...clean, once: 'holds' },
  },
]
