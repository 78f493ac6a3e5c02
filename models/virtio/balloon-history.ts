/** Other drivers of the balloon: those before, those that were proposed, and errors. */

import { over, source } from '../../src/index.js'
import { acked, file, say, state, takeAck, wait_ack, type Balloon } from './balloon.js'
import * as virtio from './machine.js'
import { driver_ok } from './pm.js'

const { step, patch, edit } = over(state)

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
          virtio.touch(d)
          d.config.enabled = true
          d.image = false
          then(d)
        },
        goto: 'thaw_processes',
      },
    },
    then: () => undefined,
  })

export const patches = [
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
        when: (s, _, at) => s.sleeps > 0 && at('size_work', 'update_balloon_size_func'),
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
