/** The virtio-freeze protocol that peers are compared on: N drivers, Q buffers per virtqueue. */

import {
  array,
  bool,
  env,
  environment,
  int,
  over,
  parameter,
  propertiesOver,
  record,
  system,
  type ValueOf,
} from '../src/index.js'

const parameters = {
  N: parameter(int(1, 4), 2, 'drivers'),
  Q: parameter(int(1, 15), 2, 'buffers per virtqueue'),
}

/** The state, by the model's parameters. */
export const state = ({ N, Q }: { N: number; Q: number }) =>
  record({
    idx: int(0, N - 1),
    restore: bool(),
    wake: bool(),
    d: array(
      N,
      record({
        stopped: bool(),
        vq: bool(),
        dev: bool(),
        irqen: bool(),
        pend: bool(),
        kick: bool(),
        avail: int(0, Q),
        used: int(0, Q),
      }),
    ),
  })

/** The state of the model. */
export type Freeze = ValueOf<typeof state>

const { model, thread, step, action } = over(state)

const origin = env('the virtio-freeze benchmark')

export default model('virtio-freeze', {
  question: 'Do the transmit path and the interrupt handler only ever run on a live virtqueue?',
  parameters,
  actors: {
    pm: system('the power-management core'),
    tx: system('the transmit path of a driver'),
    dev: system('the device'),
    irq: system('the interrupt handler'),
    host: environment('wakes the machine'),
  },
  initial: ({ N }) => ({
    idx: 0,
    restore: false,
    wake: false,
    d: Array.from({ length: N }, () => ({
      stopped: false,
      vq: true,
      dev: true,
      irqen: true,
      pend: false,
      kick: false,
      avail: 0,
      used: 0,
    })),
  }),
  parts: ({ N, Q }) => {
    const i = Array.from({ length: N }, (_, k) => k)
    return [
      thread(
        'pm',
        { actor: 'pm' },
        step('run', { origin }),
        step('stop', {
          origin,
          either: {
            awake: { when: (s) => s.wake && s.idx === 0, then: (d) => void (d.wake = false), goto: 'run' },
            undo: {
              when: (s) => s.wake && s.idx > 0,
              then: (d) => {
                d.wake = false
                d.idx--
              },
              goto: 'findvqs',
            },
            go: { when: (s) => !s.wake, then: (d) => void (d.d[d.idx]!.stopped = true) },
          },
        }),
        step('waittx', {
          origin,
          when: (s, _, at) => at(`tx(${s.idx})`, 'enter'),
          then: (d) => void (d.d[d.idx]!.irqen = false),
        }),
        step('waitirq', { origin, when: (s, _, at) => at(`irq(${s.idx})`, 'enter') }),
        step('reset', {
          origin,
          then: (d) => {
            const x = d.d[d.idx]!
            x.dev = x.pend = x.kick = false
          },
        }),
        step('delvqs', {
          origin,
          then: (d) => {
            const x = d.d[d.idx]!
            x.vq = false
            x.avail = x.used = 0
          },
          either: {
            last: { when: (s) => s.idx === N - 1 },
            more: { when: (s) => s.idx < N - 1, then: (d) => void d.idx++, goto: 'stop' },
          },
        }),
        step('sleep', {
          origin,
          either: {
            cancel: { when: (s) => s.wake, then: (d) => void (d.wake = false), goto: 'findvqs' },
            poweroff: { when: (s) => !s.wake },
          },
        }),
        step('boot', {
          origin,
          then: (d) => {
            d.restore = true
            d.idx = 0
          },
        }),
        step('findvqs', { origin, then: (d) => void (d.d[d.idx]!.vq = true) }),
        step('driverok', { origin, then: (d) => void (d.d[d.idx]!.dev = true) }),
        step('irqon', { origin, then: (d) => void (d.d[d.idx]!.irqen = true) }),
        step('starttx', {
          origin,
          then: (d) => void (d.d[d.idx]!.stopped = false),
          either: {
            restored: {
              when: (s) => s.restore && s.idx === N - 1,
              then: (d) => {
                d.restore = false
                d.idx = 0
              },
              goto: 'run',
            },
            restoring: { when: (s) => s.restore && s.idx < N - 1, then: (d) => void d.idx++, goto: 'findvqs' },
            undone: { when: (s) => !s.restore && s.idx === 0, goto: 'run' },
            undoing: { when: (s) => !s.restore && s.idx > 0, then: (d) => void d.idx--, goto: 'findvqs' },
          },
        }),
      ),
      action('wake', {
        actor: 'host',
        origin,
        when: (s, _, at) => !s.wake && at('pm', 'stop', 'waittx', 'waitirq', 'reset', 'delvqs', 'sleep'),
        then: (d) => void (d.wake = true),
      }),
      thread(
        'tx',
        { actor: 'tx', for: { i } },
        step('enter', { origin, when: (s, { i }) => !s.d[i]!.stopped }),
        step('add', {
          origin,
          either: {
            room: { when: (s, { i }) => s.d[i]!.avail + s.d[i]!.used < Q, then: (d, { i }) => void d.d[i]!.avail++ },
            full: { when: (s, { i }) => s.d[i]!.avail + s.d[i]!.used === Q, goto: 'enter' },
          },
        }),
        step('kick', { origin, then: (d, { i }) => void (d.d[i]!.kick = true), goto: 'enter' }),
      ),
      action('complete', {
        actor: 'dev',
        for: { i },
        origin,
        when: (s, { i }) => s.d[i]!.dev && s.d[i]!.kick && s.d[i]!.avail > 0,
        then: (d, { i }) => {
          const x = d.d[i]!
          x.avail--
          x.used++
          x.pend = true
          x.kick = x.avail > 0
        },
      }),
      thread(
        'irq',
        { actor: 'irq', for: { i } },
        step('enter', {
          origin,
          when: (s, { i }) => s.d[i]!.pend && s.d[i]!.irqen,
          then: (d, { i }) => void (d.d[i]!.pend = false),
        }),
        step('reclaim', {
          origin,
          either: {
            one: { when: (s, { i }) => s.d[i]!.used > 0, then: (d, { i }) => void d.d[i]!.used--, goto: 'reclaim' },
            empty: { when: (s, { i }) => s.d[i]!.used === 0 },
          },
        }),
        step('recheck', {
          origin,
          either: {
            again: { when: (s, { i }) => s.d[i]!.used > 0, goto: 'reclaim' },
            exit: { when: (s, { i }) => s.d[i]!.used === 0, goto: 'enter' },
          },
        }),
      ),
    ]
  },
})

const { always } = propertiesOver(state)

/** What the peers check too. */
export const properties = ({ N, Q }: Readonly<Record<string, unknown>>) => {
  const tx = Array.from({ length: N as number }, (_, k) => `tx(${k})`)
  const irq = Array.from({ length: N as number }, (_, k) => `irq(${k})`)
  return [
    always('live-vq', 'The sender and the handler only ever run on a live virtqueue.', (s, at) => {
      for (let k = 0; k < tx.length; k++)
        if ((!at(tx[k]!, 'enter') || !at(irq[k]!, 'enter')) && !s.d[k]!.vq) return false
      return true
    }),
    always('ring-bound', 'The ring is never overfull.', (s) => {
      for (const d of s.d) if (d.avail + d.used > (Q as number)) return false
      return true
    }),
    always('quiet-asleep', 'A sleeping machine has no virtqueue and no buffer in flight.', {
      when: (_, at) => at('pm', 'sleep', 'boot'),
      holds: (s) => {
        for (const d of s.d) if (d.vq || d.dev || d.avail !== 0 || d.used !== 0) return false
        return true
      },
    }),
  ]
}
