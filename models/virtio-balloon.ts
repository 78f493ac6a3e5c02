/**
 * virtio-balloon over hibernation: who owns a page, the size work, page reporting. The base is the driver of Linux 7.3.4: the
 * balloon is leaked before the freeze and filled again after.
 */

import { bool, int, over, parameter, source, type At } from '../src/index.js'
import { acked, file, leak_balloon, say, state, takeAck, wait_ack, type Balloon } from './virtio/balloon.js'
import { patches } from './virtio/balloon-history.js'
import * as virtio from './virtio/machine.js'
import { hibernation, rested } from './virtio/pm.js'

const { model, thread, step, action } = over(state)

const update_balloon_size = step('update_balloon_size', { origin: source(file, 'update_balloon_size') })

const virtballoon_freeze = [
  leak_balloon,
  wait_ack('virtqueue_get_buf'),
  update_balloon_size,
  virtio.virtio_reset_device,
  virtio.vp_synchronize_vectors,
  virtio.del_vqs('del_vqs', 'drivers/virtio/virtio_pci_common.c', 'vp_del_vqs'),
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
const idle = (at: At): boolean =>
  at('size_work', 'update_balloon_size_func') && at('report_work', 'page_reporting_process')

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
  then: (d) => {
    virtio.touch(d)
    d.irq.pending = false
  },
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
    'The statistics queue is left out, and the out-of-memory notifier, which is not called while tasks are frozen (oom_killer_disable).',
    'Hints of free pages are left out. Their work is freezable; once the ring is full it goes round (send_free_pages) until the host takes one or gives another command, and freezing waits for that. That the shrinker and remove_common(), before the reset, give pages back whose hints the host may not have used yet is what virtio 1.4 allows: a driver may release them even then, and what is written to such a page counts; nobody reads a page that he was given before he has written it, and with init_on_free or poisoning it is written as it is freed. The list is under its own lock, and no virtqueue is touched.',
    'The freezer is patient: that it gives up after twenty seconds is the subject of the protocol freezer.',
  ],
})
