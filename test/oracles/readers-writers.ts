/** Readers and writers, three of each kind at most, served in the order in which they asked. */

import { array, bool, env, list, member, oneOf, over, propertiesOver, record, system } from '../../src/index.js'
import { upTo, type Oracle } from './oracle.js'

const N = 3
const actor = member('actor', N)
const state = record({
  reading: array(actor, bool()),
  writing: array(actor, bool()),
  waiting: list(2 * N, record({ to: oneOf('read', 'write'), who: actor })),
})
const { model, action } = over(state)
const { always } = propertiesOver(state)
const origin = env('one of three')

const library = model('readers-writers', {
  question: 'Does nobody read while somebody writes?',
  actors: { who: system('reads and writes'), door: system('lets in') },
  initial: () => ({ reading: upTo(N).map(() => false), writing: upTo(N).map(() => false), waiting: [] }),
  parts: () => [
    action('ask', {
      actor: 'who',
      origin,
      for: { i: actor, to: ['read', 'write'] },
      when: (s, { i, to }) => !s.waiting.some((one) => one.who === i && one.to === to),
      then: (d, { i, to }) => void d.waiting.push({ to, who: i }),
    }),
    action('let-in', {
      actor: 'door',
      origin,
      when: (s) =>
        s.waiting.length > 0 && !s.writing.includes(true) && (s.waiting[0]!.to === 'read' || !s.reading.includes(true)),
      then: (d) => {
        const { to, who } = d.waiting.shift()!
        if (to === 'read') d.reading[who] = true
        else d.writing[who] = true
      },
    }),
    action('stop', {
      actor: 'who',
      origin,
      for: { i: actor },
      when: (s, { i }) => s.reading[i]! || s.writing[i]!,
      then: (d, { i }) => {
        if (d.reading[i]) d.reading[i] = false
        else d.writing[i] = false
      },
    }),
  ],
})

export const oracles: readonly Oracle[] = [
  {
    name: 'Readers and writers, 3',
    source: 'tlaplus/Examples ReadersWriters, re-run with TLC: 21,527 distinct, 59,674 generated, depth 13',
    model: library,
    properties: [
      always(
        'exclusive',
        'Nobody reads while somebody writes, and one writes at most.',
        (s) =>
          !(s.reading.includes(true) && s.writing.includes(true)) && s.writing.filter((writes) => writes).length <= 1,
      ),
    ],
    states: 21527,
    // Our own count; what they stand for adds up to the published one.
    orbits: 3601,
    transitions: 59673,
    depth: 12,
    verdicts: { 'no-deadlock': 'holds', 'in-domain': 'holds', exclusive: 'holds' },
  },
]
