/**
 * virtio-console over hibernation: the control queue and its work, a reader that is blocked, remove and close. The base
 * is the driver of Linux 6.12.117; `linux-7.3` is that of 7.3.4.
 */

import { bool, int, over, parameter } from '../src/index.js'
import * as port from './virtio/console.js'
import * as qemu from './virtio/console-host.js'
import * as virtio from './virtio/machine.js'
import { rested } from './virtio/pm.js'

const { model, patch, edit } = over(port.state)

/** The steps of the driver's freeze and restore, of a device with control queues. */
const callbacks = [
  'virtio_reset_device',
  'vp_synchronize_vectors',
  'virtqueue_disable_cb',
  'cancel_work_sync:control_work',
  'virtqueue_disable_cb:again',
  'remove_port_data',
  'virtqueue_detach_unused_buf',
  'remove_vqs',
  'init_vqs',
  'virtio_device_ready',
  'fill_queue',
  'fill_queue:port',
  'virtqueue_add:PORT_READY',
  'virtqueue_get_buf:PORT_READY',
]

const patches = [
  patch('callbacks-not-disabled', {
    kind: 'era',
    says: 'Freeze cancels the control work without disabling the callback that queues it.',
    reference: 'before c743d09dbd01, 2012',
    edits: [edit.remove('pm.virtqueue_disable_cb'), edit.remove('pm.virtqueue_disable_cb:again')],
  }),
  patch('callbacks-disabled-once', {
    kind: 'fix',
    says: 'The callback is disabled before the cancel only: no work enables it again, whatever the comment in virtcons_freeze says. A clean-up of ours.',
    edits: [edit.remove('pm.virtqueue_disable_cb:again')],
  }),
  patch('reset-unflushed', {
    kind: 'era',
    says: 'Reset does not wait for interrupts that are pending.',
    reference: 'before e6af578c5305, 2011',
    edits: [edit.remove('pm.vp_synchronize_vectors')],
  }),
  patch('no-multiport-guard', {
    kind: 'era',
    says: 'Freeze disables the callback of a control queue that a single-port device does not have.',
    reference: 'c743d09dbd01, 2012, before 2055997f983c, 2019',
    edits: [edit.before('pm.cancel_work_sync:control_work', port.disable_cb('virtqueue_disable_cb'))],
  }),
  patch('reset-before-flush', {
    kind: 'era',
    says: 'Remove resets the device while the control work may spin on it.',
    reference: 'before 0e7174b9d587, 2022',
    edits: [edit.remove('remove.virtio_break_device'), edit.remove('remove.flush_work:control_work')],
  }),
  patch('freeze-breaks-queues', {
    kind: 'fix',
    says: 'Freeze breaks the queues before it resets, as remove does: a proposal of ours.',
    edits: [edit.before('pm.virtio_reset_device', virtio.virtio_break_device)],
  }),
  patch('spin-times-out', {
    kind: 'fix',
    says: 'The spin for the answer to a control message is bounded.',
    reference: 'a mail with a spin loop, after 2022; a stop-gap, not accepted',
    edits: [
      edit.replace('pm.virtqueue_get_buf:PORT_READY', {
        when: () => true,
      }),
    ],
  }),
  patch('close-ignores-unplug', {
    kind: 'era',
    says: 'Closing a port discards its data through the queue also after the device is gone.',
    reference: 'before "Do not access vqs if device was unplugged", 2012',
    edits: [edit.replace('user.port_fops_release', { either: { virtqueue_get_buf: { then: port.discard } } })],
  }),
  patch('wait-not-freezable', {
    kind: 'era',
    says: 'A blocked reader cannot be frozen.',
    reference: 'before wait_event_freezable, 2011',
    edits: [
      edit.replace('pm.freeze_processes', {
        when: (s, _, at) => s.sleeps > 0 && !at('reader', 'wait_event_freezable'),
      }),
    ],
  }),
  patch('wakeup-does-not-match', {
    kind: 'era',
    says: 'A task that was frozen in its wait sleeps in a state that no wake-up matches.',
    reference: 'thread of September 2022 on the freezer rework',
    edits: [edit.replace('reader.__refrigerator', { when: () => false })],
  }),
  patch('host-connected-kept', {
    kind: 'fix',
    says: 'The last known state of the host end is kept until the host says another: a proposal of ours, and not enough. QEMU does not say that its end is closed.',
    edits: [edit.replace('pm.remove_port_data', { then: port.discard })],
  }),
  patch('answer-read-in-restore', {
    kind: 'fix',
    says: 'Restore reads the control queue before it returns: QEMU has answered PORT_READY by the time it gives the message back. A proposal of ours.',
    edits: [edit.after('pm.virtqueue_get_buf:PORT_READY', port.read_control_queue)],
  }),
  patch('linux-7.3', {
    kind: 'era',
    says: 'The driver of 7.3: freeze stops what is sent and waits for who is sending; restore fills the control queue after it has announced the ports.',
    reference: 'drivers/char/virtio_console.c of 7.3.4; 952261953cf7 and b187532ac6db, 2026',
    edits: [
      edit.after('pm.virtio_config_core_disable', ...port.stop_sending),
      edit.move('pm.fill_queue', { after: 'pm.virtqueue_get_buf:PORT_READY' }),
      edit.after('pm.fill_queue', port.allow_sending),
    ],
  }),
  patch('linux-7.3-ports-first', {
    kind: 'fix',
    says: 'The driver of 7.3, but restore gives the ports their new queues, then fills the control queue, and announces the ports last: a proposal of ours.',
    edits: [
      edit.after('pm.virtio_config_core_disable', ...port.stop_sending),
      edit.move('pm.fill_queue', { before: 'pm.virtqueue_add:PORT_READY' }),
      edit.before('pm.virtio_config_core_enable', port.allow_sending),
    ],
  }),
  patch('ready-after-port-ready', {
    kind: 'era',
    says: 'Restore sends PORT_READY and spins for the answer before DRIVER_OK.',
    reference: 'before the virtio_device_ready conversions of 2014 (3569db593081)',
    edits: [edit.move('pm.virtio_device_ready', { after: 'pm.virtqueue_get_buf:PORT_READY' })],
  }),
  patch('no-reset', {
    kind: 'fault',
    says: 'Freeze does not reset the device.',
    edits: [edit.remove('pm.virtio_reset_device')],
  }),
  patch('no-callbacks', {
    kind: 'fault',
    says: 'The driver has no freeze and no restore; the core resets the device on resume all the same.',
    edits: callbacks.map((name) => edit.remove(`pm.${name}`)),
  }),
  patch('queues-kept', {
    kind: 'fault',
    says: 'Freeze does not delete its queues: restore builds others over them.',
    edits: [edit.remove('pm.remove_vqs')],
  }),
  patch('queue-not-filled', {
    kind: 'fault',
    says: 'Restore does not fill the control queue.',
    edits: [edit.remove('pm.fill_queue')],
  }),
  patch('messages-not-awaited', {
    kind: 'fault',
    says: 'Nobody waits until the host has taken a control message.',
    edits: [
      edit.replace('pm.virtqueue_get_buf:PORT_READY', { when: () => true }),
      edit.replace('control_work.virtqueue_get_buf:answer', { when: () => true }),
    ],
  }),
  patch('data-kept', {
    kind: 'fault',
    says: 'Reading and closing leave the data where it is.',
    edits: [
      edit.replace('reader.wait_event_freezable/data', { then: () => undefined }),
      edit.replace('user.port_fops_release', {
        either: { virtqueue_get_buf: { when: (s) => !s.removed, then: virtio.touch } },
      }),
    ],
  }),
  patch('remove-without-reset', {
    kind: 'fault',
    says: 'Remove does not reset the device.',
    edits: [edit.remove('remove.virtio_reset_device')],
  }),
]

export default model('virtio-console', {
  question: 'Does the control work leave the queues alone during a sleep, and does a blocked reader behave?',
  parameters: {
    multiport: parameter(bool(), true, 'the device has control queues'),
    strict: parameter(bool(), true, 'the host ignores kicks before DRIVER_OK'),
    sleeps: parameter(int(1, 3), 2, 'how often the machine may go to sleep'),
    answers: parameter(bool(), false, 'the control work answers messages'),
    reader: parameter(bool(), false, 'a task reads from the port'),
    hvc: parameter(bool(), false, 'the kernel prints through the port, also while tasks are frozen'),
    unbind: parameter(bool(), false, 'the driver may be unbound, and the port closed'),
    toggles: parameter(int(0, 1), 1, 'how often the host end is opened or closed'),
  },
  actors: {
    ...virtio.actors,
    works: { says: 'workqueues that are not frozen', fair: 'weak' },
    hvc: { says: 'a kernel thread that prints (no_console_suspend)', fair: 'weak' },
    user: { says: 'user tasks; they run only while tasks are not frozen', fair: 'weak' },
  },
  initial: ({ multiport, strict, sleeps, toggles }) => ({
    ...virtio.live(
      { control_in: multiport ? 'avail' : 'guest', control_out: 'guest', port_out: 'guest' },
      { strict, sleeps },
    ),
    multiport,
    callbacks: true,
    controlWork: false,
    connected: true,
    host: { open: true, ready: true, pending: false, toggles },
    data: false,
    removed: false,
    portQueues: 'valid',
    freezing: false,
  }),
  parts: ({ multiport, answers, reader: reads, hvc: prints, unbind }) => [
    port.pm(multiport),
    ...(multiport ? [port.control_intr, port.controlWork(answers)] : []),
    ...qemu.host,
    ...(reads ? [port.reader, qemu.write] : []),
    ...(prints ? [port.hvc, ...qemu.printed] : []),
    ...(unbind ? [port.remove, port.close] : []),
  ],
  patches,
  resting: (s, at) => rested(s, at) || at('remove', 'end'),
  abstractions: [
    'A control message carries the state of the host end at the time it is read, the newest of several; one that finds the ring without any buffer is lost, as QEMU does it.',
    'virtqueue_disable_cb is taken to keep the handler from queueing the work, as its users mean it; the ring only promises the device will not interrupt.',
    'The data queues are one bit: something is there to be read.',
    'A handler is one step: what it races with is the work that it queues.',
    'PORT_OPEN, which restore sends behind PORT_READY for a port that is open, is a second message of the same kind. The configuration work reads a size and touches no queue; only a device without control queues has it.',
    'Of discard_port_data and fill_queue, which go through the queues of the port, only the act counts: an add and a kick.',
  ],
})
