/** What xenbus was in earlier years, and what would repair it. */

import { source } from '../../src/index.js'
import { edit, patch, step } from './state.js'

export const patches = [
  patch('xenlinux-2.6.18', {
    kind: 'era',
    says: 'xenlinux does not freeze tasks for a suspend.',
    reference: 'xen.git linux-2.6-xen-sparse/drivers/xen/core/machine_reboot.c',
    edits: [edit.replace('suspend.freeze_processes', { says: 'There is no freezer in this path.', then: () => {} })],
  }),
  patch('before-d10e0cc113c9', {
    kind: 'era',
    says: 'xs_suspend also waits for transactions of user space.',
    reference: 'd10e0cc113c9 (2019)',
    edits: [
      edit.replace('suspend.lock_transactions', {
        when: (s) => s.transactionLock === 'free' && !s.transactions.driver && s.transactions.user === 0,
      }),
    ],
  }),
  patch('before-79d14c1747', {
    kind: 'era',
    says: 'When xenstored refuses to end a transaction of user space, the kernel goes on counting it.',
    reference: 'xen.git 79d14c1747 (2006)',
    edits: [edit.replace('user.transaction_end/fails', { then: () => {} })],
  }),
  patch('before-c70b3e5890', {
    kind: 'era',
    says: 'The reader protects a message with the transaction lock, for there is no response lock yet.',
    reference: 'xen.git 8c364f217a and, a day later, c70b3e5890 (2007)',
    edits: [
      edit.replace('xenbus_thread.lock', {
        when: (s) => (s.message === 'reply' || s.event) && s.domain === 'running' && s.transactionLock === 'free',
        then: (d) => {
          d.transactionLock = 'reader'
        },
      }),
      edit.remove('suspend.lock_responses'),
    ],
  }),
  patch('before-8c364f217a', {
    kind: 'era',
    says: 'Nothing keeps a suspend from coming between the two halves of a message.',
    reference: 'xen.git 8c364f217a (2007)',
    edits: [
      edit.replace('xenbus_thread.lock', {
        when: (s) => (s.message === 'reply' || s.event) && s.domain === 'running',
        then: () => {},
      }),
      edit.remove('suspend.lock_responses'),
    ],
  }),
  patch('before-33c1174bae3c', {
    kind: 'era',
    says: 'The resume callback asks xenstored at once, wherever that runs.',
    reference: '33c1174bae3c (2013)',
    edits: [
      edit.replace('suspend.xenbus_dev_resume/asks_xenstored', { when: (s) => s.requestLock === 'free' }),
      edit.remove('suspend.xenbus_dev_resume/defers'),
    ],
  }),
  patch('work-initialised-at-resume', {
    kind: 'era',
    says: 'The work item is initialised at every resume, not once when the device is probed.',
    reference: '33c1174bae3c (2013), before Linux 3.18',
    edits: [
      edit.before(
        'suspend.xenbus_dev_resume',
        step('INIT_WORK', {
          origin: source('drivers/xen/xenbus/xenbus_probe_frontend.c', 'xenbus_frontend_dev_resume'),
          says: 'Of an item that is queued, the list that it is on is forgotten.',
        }),
      ),
    ],
  }),
  patch('closed-when-asked', {
    kind: 'fix',
    says: 'Once a suspend waits nobody is let in who is not in a transaction already.',
    reference: 'a proposal of ours',
    edits: ['driver-first', 'driver-second'].map((who) =>
      edit.replace(`${who}.xs_request_enter`, { when: (s) => s.domain === 'running' && !s.suspending }),
    ),
  }),
  patch('count-kept', {
    kind: 'fault',
    says: 'The end of a transaction takes its request off the count, and not the transaction; then the thread ends.',
    edits: [
      edit.replace('driver-first.wait-ended', {
        then: (d) => {
          d.users--
          d.asked.first = 'none'
        },
        goto: 'end',
      }),
    ],
  }),
  patch('nobody-counted', {
    kind: 'fault',
    says: 'A suspend does not wait until nobody is inside.',
    edits: [edit.replace('suspend.wait_event', { when: () => true })],
  }),
  patch('nobody-waits', {
    kind: 'fault',
    says: 'A driver goes on without the reply to its request.',
    edits: [edit.replace('driver.read_reply', { when: () => true })],
  }),
  patch('keep-request-lock', {
    kind: 'fault',
    says: 'xs_resume forgets the request lock.',
    edits: [
      edit.replace('suspend.release', {
        then: (d) => {
          d.transactionLock = 'free'
          if (d.responseLock === 'suspender') d.responseLock = 'free'
        },
      }),
    ],
  }),
]
