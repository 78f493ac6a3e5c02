/**
 * virtio-balloon over hibernation: who owns a page, the size work, page reporting. The base is the driver of 2026: the
 * balloon is leaked before the freeze and filled again after.
 */

import { bool, int, oneOf, over, parameter, record, source, type ValueOf } from '../src/index.js'
import * as virtio from './virtio/machine.js'
import { driver_ok, hibernation, rested } from './virtio/pm.js'

const file = 'drivers/virtio/virtio_balloon.c'

/** The machine with the balloon queue and the reporting queue, and the page that changes hands. */
export const state = record({
  ...virtio.machine('balloon', 'reporting'),
  /** Pages in the balloon: as the guest counts, as the host does, as the host wants. */
  actual: int(0, 1),
  hostActual: int(0, 1),
  target: int(0, 1),
  /** What the message in the balloon queue says. */
  message: oneOf('none', 'inflate', 'deflate'),
  sizeWork: bool(),
  reportWork: bool(),
})

type Balloon = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)

const say = (d: Balloon, message: 'inflate' | 'deflate'): void => {
  virtio.add(d, 'balloon')
  virtio.kick(d, 'balloon')
  d.message = message
}

const acked = (s: Balloon): boolean => s.queues.balloon.buffer === 'used'

const takeAck = (d: Balloon): void => {
  if (!virtio.getBuf(d, 'balloon')) return
  d.actual = d.message === 'inflate' ? 1 : 0
  d.message = 'none'
}

const leak_balloon = step('leak_balloon', {
  origin: source(file, 'leak_balloon'),
  either: {
    virtqueue_add: { when: (s) => s.actual > 0, then: (d) => say(d, 'deflate'), signals: 'host' },
    empty: { when: (s) => s.actual === 0, goto: 'update_balloon_size' },
  },
})

const wait_ack = (name: string) =>
  step(name, {
    origin: source(file, 'tell_host'),
    when: acked,
    then: takeAck,
    says: 'tell_host waits for the acknowledgement of the host.',
  })

const update_balloon_size = step('update_balloon_size', { origin: source(file, 'update_balloon_size') })

const virtballoon_freeze = [
  leak_balloon,
  wait_ack('virtqueue_get_buf'),
  update_balloon_size,
  virtio.virtio_reset_device,
  virtio.vp_synchronize_vectors,
  virtio.del_vqs('del_vqs', file),
]

const virtballoon_restore = [
  virtio.init_vqs('init_vqs', file),
  virtio.virtio_device_ready,
  step('virtballoon_restore', {
    origin: source(file, 'virtballoon_restore'),
    then: (d) => void (d.sizeWork = d.sizeWork || d.target !== d.actual),
    says: 'If the target differs, the size work is queued.',
  }),
]

/** The work is on a freezable queue: freezing waits until it is idle. */
const idle = (at: Readonly<Record<string, string>>): boolean =>
  at.size_work === 'update_balloon_size_func' && at.report_work === 'page_reporting_process'

const pm = (hostForgets: boolean) =>
  thread(
    'pm',
    { actor: 'pm' },
    ...hibernation<Balloon>({
      settled: idle,
      freeze: virtballoon_freeze,
      restore: virtballoon_restore,
      lost: (d) => {
        d.hostActual = 0
        if (hostForgets) d.target = 0
      },
      changed: (d) => void (d.sizeWork = true),
    }),
  )

const sizeWork = thread(
  'size_work',
  { actor: 'works', says: 'the size work, on a freezable queue' },
  step('update_balloon_size_func', {
    origin: source(file, 'update_balloon_size_func'),
    when: (s) => s.sizeWork && s.tasks === 'running',
    then: (d) => void (d.sizeWork = false),
    either: {
      resize: { when: (s) => s.actual !== s.target },
      done: { when: (s) => s.actual === s.target, goto: 'update_balloon_size_func' },
    },
  }),
  step('virtqueue_add', {
    origin: source(file, 'fill_balloon'),
    then: (d) => say(d, d.target > d.actual ? 'inflate' : 'deflate'),
    signals: 'host',
  }),
  step('virtqueue_get_buf', {
    origin: source(file, 'tell_host'),
    when: acked,
    then: (d) => {
      takeAck(d)
      d.sizeWork = true
    },
    goto: 'update_balloon_size_func',
  }),
)

const reportWork = thread(
  'report_work',
  { actor: 'works', says: 'page reporting' },
  step('page_reporting_process', {
    origin: source('mm/page_reporting.c', 'page_reporting_process'),
    when: (s) => s.reportWork && s.tasks === 'running',
    then: (d) => void (d.reportWork = false),
  }),
  step('virtqueue_add', {
    origin: source(file, 'virtballoon_free_page_report'),
    then: (d) => {
      virtio.add(d, 'reporting')
      virtio.kick(d, 'reporting')
    },
    signals: 'host',
  }),
  step('virtqueue_get_buf', {
    origin: source(file, 'virtballoon_free_page_report'),
    when: (s) => s.queues.reporting.buffer === 'used' || s.vqs === 'deleted',
    then: (d) => void virtio.getBuf(d, 'reporting'),
    goto: 'page_reporting_process',
  }),
)

const memoryFreed = action('__page_reporting_notify', {
  actor: 'works',
  origin: source('mm/page_reporting.c', '__page_reporting_notify'),
  fair: 'none',
  when: (s) => !s.reportWork,
  then: (d) => void (d.reportWork = true),
  says: 'Memory is freed, also while the image is saved.',
})

const balloon_ack = action('balloon_ack', {
  actor: 'irq',
  origin: source(file, 'balloon_ack'),
  when: (s) => s.irq.pending && s.vqs === 'built',
  then: (d) => void (d.irq.pending = false),
  says: 'Wakes whoever waits for the acknowledgement.',
})

const host = [
  action('virtqueue_pop', {
    actor: 'host',
    origin: source('hw/virtio/virtio-balloon.c', 'virtio_balloon_handle_output'),
    for: { q: ['balloon', 'reporting'] },
    when: (s, { q }) =>
      s.known &&
      s.busMaster &&
      virtio.working(s) &&
      s.queues[q].kicked &&
      (s.queues[q].buffer === 'avail' || s.vqs === 'deleted'),
    then: (d, { q }) => {
      d.queues[q].kicked = false
      if (d.vqs === 'deleted') return
      d.queues[q].buffer = 'host'
      if (q === 'balloon') d.hostActual = d.message === 'inflate' ? 1 : 0
    },
  }),
  virtio.virtqueue_push('balloon', 'reporting'),
  action('virtio_balloon_to_target', {
    actor: 'host',
    origin: source('hw/virtio/virtio-balloon.c', 'virtio_balloon_to_target'),
    when: (s) => s.target === 0 && s.status === 'driver_ok',
    then: (d) => {
      d.target = 1
      if (d.config.enabled) d.sizeWork = true
      else d.config.pending = true
    },
    says: 'The administrator inflates the balloon.',
    provoke: 'balloon 512 in the QEMU monitor',
  }),
]

const keptPages = [
  edit.remove('pm.leak_balloon'),
  edit.remove('pm.virtqueue_get_buf'),
  edit.remove('pm.update_balloon_size'),
]
const forget_pages = (when: (s: Balloon) => boolean) =>
  step('remove_common:forget_pages', {
    origin: source(file, 'virtballoon_restore'),
    either: {
      forgotten: { when, then: (d) => void (d.actual = 0) },
      kept: { when: (s) => !when(s) },
    },
    says: 'The pages in the balloon are given back to the guest without a word to the host.',
  })

/** Freeze waits for the acknowledgement only so long. */
const givesUp = (then: (d: Balloon) => void) =>
  edit.replace('pm.virtqueue_get_buf', {
    when: () => true,
    either: {
      acked: { when: (s) => acked(s), then: (d) => takeAck(d), goto: 'leak_balloon' },
      timeout: {
        when: (s) => !acked(s),
        then: (d) => {
          d.config.enabled = true
          d.image = false
          then(d)
        },
        goto: 'thaw_processes',
      },
    },
    then: () => undefined,
  })

const patches = [
  patch('pages-kept-restore-differs', {
    kind: 'era',
    says: 'Pages stay in the balloon; only restore, not thaw, forgets them.',
    reference: 'e562966dbaf4, 2012',
    edits: [
      ...keptPages,
      edit.after(
        'pm.init_vqs',
        forget_pages((s) => !s.image),
      ),
    ],
  }),
  patch('pages-kept-forgotten-always', {
    kind: 'fault',
    says: 'Pages stay in the balloon; thaw and restore forget them alike.',
    reference: 'the case that e562966dbaf4 tells apart',
    edits: [
      ...keptPages,
      edit.after(
        'pm.init_vqs',
        step('remove_common:forget_pages', {
          origin: source(file, 'virtballoon_restore'),
          then: (d) => void (d.actual = 0),
        }),
      ),
    ],
  }),
  patch('pages-kept', {
    kind: 'era',
    says: 'Pages stay in the balloon, and nobody tells the host anything: the first series.',
    reference: 'virtio: Support for hibernation (S4), 29 September 2011',
    edits: keptPages,
  }),
  patch('refilled-before-ready', {
    kind: 'era',
    says: 'Restore fills the balloon before DRIVER_OK and waits for the acknowledgement.',
    reference: 'drivers/virtio/virtio_balloon.c of 3.4',
    edits: [
      edit.remove('pm.virtio_device_ready'),
      edit.after(
        'pm.init_vqs',
        step('fill_balloon', {
          origin: source(file, 'fill_balloon'),
          either: {
            virtqueue_add: { when: (s) => s.target > s.actual, then: (d) => say(d, 'inflate'), signals: 'host' },
            enough: { when: (s) => s.target <= s.actual, goto: 'virtballoon_restore' },
          },
        }),
        wait_ack('virtqueue_get_buf:refill'),
      ),
      edit.after('pm.virtballoon_restore', driver_ok),
    ],
  }),
  patch('reporting-not-freezable', {
    kind: 'era',
    says: 'Page reporting runs on a queue that nobody freezes.',
    reference: 'before the fix of CVE-2026-74481',
    edits: [
      edit.replace('report_work.page_reporting_process', { when: (s) => s.reportWork }),
      edit.replace('pm.freeze_processes', {
        when: (s, _, at) => s.sleeps > 0 && at.size_work === 'update_balloon_size_func',
      }),
    ],
  }),
  patch('leak-gives-up', {
    kind: 'fix',
    says: 'A host that does not acknowledge makes freeze fail instead of wait; the size work, or the next freeze, waits for the answer later: a proposal of ours.',
    edits: [
      givesUp((d) => void (d.sizeWork = true)),
      edit.replace('pm.leak_balloon', {
        either: {
          unanswered: { when: (s) => s.message !== 'none', says: 'The leak of an earlier sleep is still under way.' },
          virtqueue_add: {
            when: (s) => s.message === 'none' && s.actual > 0,
            then: (d) => say(d, 'deflate'),
            signals: 'host',
          },
          empty: { when: (s) => s.message === 'none' && s.actual === 0, goto: 'update_balloon_size' },
        },
      }),
      edit.replace('size_work.update_balloon_size_func', {
        either: {
          unanswered: { when: (s) => s.message !== 'none', goto: 'virtqueue_get_buf' },
          resize: { when: (s) => s.message === 'none' && s.actual !== s.target },
          done: { when: (s) => s.message === 'none' && s.actual === s.target, goto: 'update_balloon_size_func' },
        },
      }),
    ],
  }),
  patch('leak-forgets', {
    kind: 'fault',
    says: 'Freeze gives up on a host that does not acknowledge, and nobody waits for the answer later.',
    edits: [givesUp(() => undefined)],
  }),
  patch('changes-at-once', {
    kind: 'era',
    says: 'A configuration change reaches the driver at any time, also during a sleep.',
    reference: 'before 22b7050a024d, 2014',
    edits: [edit.replace('pm.virtio_config_core_disable', { then: () => undefined })],
  }),
  patch('status-sequence-missing', {
    kind: 'era',
    says: 'Restore goes from reset to DRIVER_OK at once.',
    reference: 'before 6fbc198cf623, 2014',
    edits: ['virtio_add_status:ACKNOWLEDGE', 'virtio_add_status:DRIVER', 'virtio_features_ok'].map((name) =>
      edit.remove(`pm.${name}`),
    ),
  }),
  patch('changes-never-again', {
    kind: 'fault',
    says: 'Restore does not deliver configuration changes again.',
    edits: [edit.remove('pm.virtio_config_core_enable')],
  }),
  patch('queues-not-deleted', {
    kind: 'fault',
    says: 'Freeze resets and leaves the queues where they are; restore builds them once more.',
    edits: [edit.remove('pm.del_vqs')],
  }),
  patch('handlers-not-awaited', {
    kind: 'fault',
    says: 'Reset does not wait for handlers.',
    edits: [edit.remove('pm.vp_synchronize_vectors')],
  }),
  patch('resizes-always', {
    kind: 'fault',
    says: 'The size work resizes without looking whether the size is right.',
    edits: [
      edit.replace('size_work.update_balloon_size_func', {
        either: { resize: { then: () => undefined } },
      }),
    ],
  }),
  patch('reports-not-awaited', {
    kind: 'fault',
    says: 'Page reporting does not wait until the host has returned the report.',
    edits: [edit.replace('report_work.virtqueue_get_buf', { when: () => true })],
  }),
  patch('no-reset', {
    kind: 'fault',
    says: 'Freeze does not reset.',
    edits: [
      edit.remove('pm.virtio_reset_device'),
      edit.replace('report_work.page_reporting_process', { when: (s) => s.reportWork }),
    ],
  }),
]

export default model('virtio-balloon', {
  question: 'Do guest and host agree, after every sleep, on who owns the pages of the balloon?',
  parameters: {
    strict: parameter(bool(), true, 'the host ignores kicks before DRIVER_OK'),
    sleeps: parameter(int(1, 3), 2, 'how often the machine may go to sleep'),
    hostForgets: parameter(bool(), false, 'a host that was off also forgets the target'),
    reporting: parameter(bool(), true, 'free pages are reported'),
  },
  actors: { ...virtio.actors, works: { says: 'workqueues', fair: 'weak' } },
  initial: ({ strict, sleeps }) => ({
    ...virtio.live({ balloon: 'guest', reporting: 'guest' }, { strict, sleeps }),
    actual: 1,
    hostActual: 1,
    target: 1,
    message: 'none',
    sizeWork: false,
    reportWork: false,
  }),
  parts: ({ hostForgets, reporting }) => [
    pm(hostForgets),
    sizeWork,
    reportWork,
    ...(reporting ? [memoryFreed] : []),
    balloon_ack,
    ...host,
  ],
  patches,
  resting: rested,
  abstractions: [
    'The balloon holds one page; a message moves one page, and the host has moved it when it takes the message.',
    'A waiter looks into the ring; the interrupt that wakes it only has to be handled.',
    'The statistics queue and the out-of-memory notifier are left out.',
  ],
})
