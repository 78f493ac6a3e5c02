/**
 * The SUSPEND bit of virtio 1.4: the driver asks, the device drains and shows SUSPEND, the driver resumes it with DRIVER_OK. A status
 * register that is written with one meaning and read with another.
 *
 * Source: oasis-tcs/virtio-spec f219feffa995 (15 July 2025), unchanged in v1.4-csd01: content.tex, Device Suspend and Device Status Field.
 */

import { bool, env, int, oneOf, over, parameter, record, system, type ValueOf } from '../src/index.js'

const spec = (says: string) => env(`virtio specification, device suspend: ${says}`)

/** What the driver believes, what the device does, and one buffer. */
export const state = record({
  believes: oneOf('running', 'asked', 'suspended', 'resuming'),
  device: oneOf('running', 'draining', 'suspended', 'needs reset'),
  /** A write to the status register that the device has not seen. */
  written: oneOf('nothing', '0x1f'),
  buffer: oneOf('guest', 'avail', 'host', 'used'),
  irq: bool(),
  /** NAPI may poll. */
  polling: bool(),
  sleeps: bool(),
  /** The device's configuration, as the driver knows it: changed and not told, or told and not read yet. */
  config: oneOf('known', 'changed', 'told'),
  changes: int(0, 1),
})

type Suspend = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)

/** The device could not suspend, or not resume: it is reset and set up anew. */
const needs_reset = {
  when: (s: Suspend) => s.device === 'needs reset',
  then: (d: Suspend) => {
    d.device = 'running'
    d.written = 'nothing'
    d.believes = 'running'
    d.polling = true
    d.buffer = 'guest'
    d.config = 'known'
  },
  goto: 'stop_napi',
  says: 'The device could not: it is reset and set up anew.',
}

const driver = thread(
  'driver',
  { actor: 'driver' },
  step('stop_napi', {
    origin: spec('the driver stops what adds and kicks'),
    when: (s) => s.sleeps && s.believes === 'running',
    then: (d) => {
      d.polling = false
      d.sleeps = false
    },
  }),
  step('write_SUSPEND', {
    origin: spec('the driver sets SUSPEND'),
    when: (s) => s.written === 'nothing',
    then: (d) => {
      d.written = '0x1f'
      d.believes = 'asked'
    },
    signals: 'device',
  }),
  step('poll_SUSPEND', {
    origin: spec('the driver waits until the device shows SUSPEND'),
    either: {
      suspended: { when: (s) => s.device === 'suspended', then: (d) => void (d.believes = 'suspended') },
      needs_reset,
    },
  }),
  step('asleep', { origin: env('the machine sleeps and wakes up') }),
  step('write_DRIVER_OK', {
    origin: spec('the driver resumes the device by setting DRIVER_OK'),
    when: (s) => s.written === 'nothing',
    says: 'No bit of the status may be cleared by the driver: what it writes is the very 0x1f of the request.',
    then: (d) => {
      d.written = '0x1f'
      d.believes = 'resuming'
    },
    signals: 'device',
  }),
  step('poll_DRIVER_OK', {
    origin: spec('the driver waits until SUSPEND is clear and DRIVER_OK set'),
    either: {
      running: {
        when: (s) => s.device === 'running',
        then: (d) => {
          d.believes = 'running'
          d.polling = true
        },
        goto: 'stop_napi',
      },
      needs_reset,
    },
  }),
)

const submit = action('virtqueue_add', {
  actor: 'worker',
  origin: spec('a buffer is made available'),
  when: (s) => s.polling && s.buffer === 'guest',
  then: (d) => void (d.buffer = 'avail'),
  signals: 'device',
})

const handler = action('napi_poll', {
  actor: 'worker',
  origin: spec('the driver takes used buffers'),
  when: (s) => s.irq,
  either: {
    virtqueue_add: {
      when: (s) => s.buffer === 'used' && s.polling,
      then: (d) => void (d.buffer = 'avail'),
      says: 'The buffer goes back to the ring.',
    },
    get_buf: { when: (s) => s.buffer === 'used' && !s.polling, then: (d) => void (d.buffer = 'guest') },
    nothing_used: {
      when: (s) => s.buffer !== 'used',
      says: 'An interrupt from before a reset: what it announced is gone.',
    },
  },
  then: (d) => void (d.irq = false),
})

const config_changed = action('config_changed', {
  actor: 'driver',
  origin: spec('the driver reads its configuration anew'),
  when: (s) => s.config === 'told',
  then: (d) => void (d.config = 'known'),
})

const deviceParts = [
  action('config_change', {
    actor: 'device',
    fair: 'none',
    origin: spec('a change while suspended is announced when the device runs again'),
    when: (s) => s.changes > 0 && s.config === 'known',
    then: (d) => void d.changes--,
    either: {
      told: { when: (s) => s.device !== 'suspended', then: (d) => void (d.config = 'told'), signals: 'driver' },
      kept: { when: (s) => s.device === 'suspended', then: (d) => void (d.config = 'changed') },
    },
  }),
  action('see_write', {
    actor: 'device',
    origin: spec('the device sees a write to its status'),
    when: (s) => s.written !== 'nothing',
    then: (d) => {
      if (d.written === '0x1f' && d.device === 'running') d.device = 'draining'
      // DRIVER_OK written to a suspended device means: resume. Also when the request is written again.
      else if (d.device === 'suspended') {
        d.device = 'running'
        if (d.config === 'changed') d.config = 'told'
      }
      d.written = 'nothing'
    },
  }),
  action('take', {
    actor: 'device',
    origin: spec('a running device consumes'),
    when: (s) => s.device === 'running' && s.buffer === 'avail',
    then: (d) => void (d.buffer = 'host'),
  }),
  action('finish', {
    actor: 'device',
    origin: spec('a buffer in progress is finished and notified'),
    when: (s) => (s.device === 'running' || s.device === 'draining') && s.buffer === 'host',
    then: (d) => {
      d.buffer = 'used'
      d.irq = true
    },
    signals: 'worker',
  }),
  action('show_SUSPEND', {
    actor: 'device',
    origin: spec('drained, the device shows SUSPEND and clears DRIVER_OK'),
    when: (s) => s.device === 'draining' && s.buffer !== 'host',
    then: (d) => void (d.device = 'suspended'),
    signals: 'driver',
  }),
  action('fail', {
    actor: 'device',
    fair: 'none',
    origin: spec('a device that cannot suspend shows DEVICE_NEEDS_RESET'),
    when: (s) => s.device === 'draining',
    then: (d) => void (d.device = 'needs reset'),
    signals: 'driver',
  }),
  action('fail_to_resume', {
    actor: 'device',
    fair: 'none',
    origin: spec('a device that cannot resume shows DEVICE_NEEDS_RESET'),
    when: (s) => s.device === 'suspended' && s.written === '0x1f',
    then: (d) => {
      d.device = 'needs reset'
      d.written = 'nothing'
    },
    signals: 'driver',
  }),
]

const patches = [
  patch('request-repeated', {
    kind: 'fault',
    says: 'The driver writes SUSPEND again when the device is slow.',
    edits: [
      edit.replace('driver.poll_SUSPEND', {
        either: {
          suspended: { when: (s) => s.device === 'suspended', then: (d) => void (d.believes = 'suspended') },
          again: {
            when: (s) => s.device === 'draining' && s.written === 'nothing',
            then: (d) => void (d.written = '0x1f'),
            goto: 'poll_SUSPEND',
          },
          needs_reset,
        },
      }),
    ],
  }),
  patch('napi-left-on', {
    kind: 'fault',
    says: 'The driver does not stop NAPI before it asks.',
    edits: [edit.replace('driver.stop_napi', { then: (d) => void (d.sleeps = false) })],
  }),
  patch('needs-reset-ignored', {
    kind: 'fault',
    says: 'The driver waits for SUSPEND only.',
    edits: [edit.remove('driver.poll_SUSPEND/needs_reset')],
  }),
  patch('failed-resume-ignored', {
    kind: 'fault',
    says: 'The driver waits for DRIVER_OK only.',
    edits: [edit.remove('driver.poll_DRIVER_OK/needs_reset')],
  }),
  patch('status-compared-whole', {
    kind: 'era',
    says: 'The driver waits until the status is the one that it wrote, DRIVER_OK included.',
    reference: 'virtio: Add support for the virtio suspend feature, version 2, 22 April 2024',
    edits: [edit.replace('driver.poll_SUSPEND/suspended', { when: () => false })],
  }),
  patch('resume-not-awaited', {
    kind: 'fault',
    says: 'The driver takes the device to be running as soon as it has written DRIVER_OK.',
    edits: [edit.replace('driver.poll_DRIVER_OK/running', { when: () => true })],
  }),
  patch('used-buffers-left', {
    kind: 'fault',
    says: 'While NAPI is stopped the handler leaves used buffers in the ring, and nobody looks when it is started again.',
    edits: [
      edit.replace('worker.napi_poll', {
        either: {
          virtqueue_add: {
            when: (s) => s.buffer === 'used' && s.polling,
            then: (d) => void (d.buffer = 'avail'),
          },
          get_buf: { when: (s) => s.buffer === 'used' && !s.polling },
          nothing_used: { when: (s) => s.buffer !== 'used' },
        },
      }),
    ],
  }),
  patch('slow-device-reset', {
    kind: 'fault',
    says: 'The driver does not wait for a slow device: it resets it.',
    edits: [edit.replace('driver.poll_SUSPEND/needs_reset', { when: (s) => s.device !== 'suspended' })],
  }),
  patch('napi-left-off', {
    kind: 'fault',
    says: 'The driver does not start NAPI again.',
    edits: [edit.replace('driver.poll_DRIVER_OK/running', { then: (d) => void (d.believes = 'running') })],
  }),
  patch('change-forgotten', {
    kind: 'fault',
    says: 'A device that does not announce, when it runs again, what has changed while it was suspended.',
    edits: [
      edit.replace('device.see_write', {
        then: (d) => {
          if (d.device === 'running') d.device = 'draining'
          else if (d.device === 'suspended') d.device = 'running'
          d.written = 'nothing'
        },
      }),
    ],
  }),
  patch('change-announced-at-once', {
    kind: 'fault',
    says: 'A device that announces a change while it is suspended.',
    edits: [
      edit.replace('device.config_change', {
        either: { told: { then: (d) => void (d.config = 'told') } },
      }),
    ],
  }),
  patch('consumes-while-suspended', {
    kind: 'fault',
    says: 'A device that goes on consuming when it has shown SUSPEND.',
    edits: [edit.replace('device.take', { when: (s) => s.device !== 'draining' && s.buffer === 'avail' })],
  }),
]

export default model('virtio-suspend', {
  question: 'Is the SUSPEND bit a handshake that neither side can misread?',
  parameters: {
    loaded: parameter(bool(), true, 'a buffer is in progress when the sleep begins'),
    changes: parameter(int(0, 1), 0, 'how often the configuration of the device changes'),
  },
  actors: {
    driver: system('the driver'),
    worker: { says: 'interrupt, NAPI and submitters', fair: 'weak' },
    device: system('the device'),
  },
  initial: ({ loaded, changes }) => ({
    believes: 'running',
    device: 'running',
    written: 'nothing',
    buffer: loaded ? 'host' : 'guest',
    irq: false,
    polling: true,
    sleeps: true,
    config: 'known',
    changes,
  }),
  parts: () => [driver, submit, handler, config_changed, ...deviceParts],
  patches,
  resting: (s) => s.believes === 'running' && !s.sleeps,
  abstractions: [
    'The status register is one write under way and what the device makes of it.',
    'A device that was reset because it could not suspend, or resume, is set up anew in one step.',
    'The device does not wait for its interrupts to be handled: it cannot know.',
    'That the driver writes nothing to the configuration of a suspended device is left out: nobody here writes to it at all.',
  ],
})
