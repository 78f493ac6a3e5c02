/**
 * xenbus since Linux 4.11, as in 7.3.4: there is no request lock; requests are counted, and a suspend waits until none is under way.
 *
 * Source: drivers/xen/xenbus/xenbus_xs.c (xs_request_enter, xs_request_exit, xs_suspend) and xenbus_comms.c (process_msg).
 */

import { env, source } from '../../src/index.js'
import { action, step, thread, type Seen, type State } from './state.js'

const xs = 'drivers/xen/xenbus/xenbus_xs.c'
const comms = 'drivers/xen/xenbus/xenbus_comms.c'

/** Who asks: two threads of the kernel, a process, and the thread that suspends, for the devices that it resumes. */
type Asker = State['line'][number]

/** xs_request_enter(): a suspend that waits keeps out whoever finds nobody inside. */
const maySend = (s: Seen): boolean => s.users > 0 || !s.suspending

const send = (d: State, who: Asker, users: number): void => {
  d.users += users
  d.asked[who] = 'queued'
  d.line.push(who)
}

const receive = (d: State, who: Asker, users: number): void => {
  d.users -= users
  d.asked[who] = 'none'
}

/** A thread of the kernel that asks again and again, alone or in a transaction. */
const kernel = (who: 'first' | 'second') =>
  thread(
    `driver-${who}`,
    { actor: 'driver', says: 'a kernel thread that the freezer leaves alone' },
    step('xs_request_enter', {
      origin: source(xs, 'xs_request_enter'),
      signals: 'xenstored',
      when: (s) => s.domain === 'running' && maySend(s),
      either: {
        read: { says: 'a request alone is one user', then: (d) => send(d, who, 1) },
        transaction_start: {
          says: 'the transaction is a user of its own, until it ends',
          then: (d) => send(d, who, 2),
          goto: 'wait-started',
        },
      },
    }),
    step('read_reply', {
      origin: source(xs, 'xs_wait_for_reply'),
      when: (s) => s.asked[who] === 'delivered',
      then: (d) => receive(d, who, 1),
      goto: 'xs_request_enter',
    }),
    step('wait-started', {
      origin: source(xs, 'xs_wait_for_reply'),
      when: (s) => s.asked[who] === 'delivered',
      then: (d) => receive(d, who, 1),
    }),
    step('transaction_end', {
      origin: source(xs, 'xs_request_enter'),
      says: 'somebody is inside, the transaction itself: nobody keeps this request out',
      signals: 'xenstored',
      when: (s) => s.domain === 'running' && s.users > 0,
      then: (d) => send(d, who, 1),
    }),
    step('wait-ended', {
      origin: source(xs, 'xs_request_exit'),
      when: (s) => s.asked[who] === 'delivered',
      then: (d) => receive(d, who, 2),
      goto: 'xs_request_enter',
    }),
  )

/** A process that asks through /dev/xen/xenbus; its transactions are not counted. */
const user = thread(
  'process',
  { actor: 'user', says: 'frozen with all other tasks' },
  step('xenbus_dev_request_and_reply', {
    origin: source(xs, 'xenbus_dev_request_and_reply'),
    signals: 'xenstored',
    when: (s) => s.tasks === 'running' && s.domain === 'running' && s.asked.user === 'none' && maySend(s),
    then: (d) => send(d, 'user', 1),
    goto: 'xenbus_dev_request_and_reply',
  }),
)

/** Whether the first in line has this. */
const first = (s: Seen, asked: 'queued' | 'replied'): boolean => s.line[0] !== undefined && s.asked[s.line[0]] === asked

const reader = thread(
  'reader',
  { actor: 'reader', says: 'xenbus_thread' },
  step('mutex_lock', {
    origin: source(comms, 'process_msg'),
    when: (s) => first(s, 'replied') && s.domain === 'running' && s.responseLock === 'free',
    then: (d) => void (d.responseLock = 'reader'),
  }),
  step('xb_read-header', {
    origin: source(comms, 'xb_read'),
    when: (s) => s.domain === 'running',
    then: (d) => void (d.halfRead = true),
  }),
  step('xb_read-body', {
    origin: source(comms, 'process_msg'),
    says: 'the reply is handed over; a process is done with it then, a thread once it has seen it',
    signals: 'driver',
    when: (s) => s.domain === 'running',
    then: (d) => {
      const who = d.line.shift()!
      d.halfRead = false
      d.responseLock = 'free'
      if (who === 'user') receive(d, 'user', 1)
      else d.asked[who] = 'delivered'
    },
    goto: 'mutex_lock',
  }),
)

const suspender = thread(
  'suspend',
  { actor: 'suspender', says: 'do_suspend, seen from xenbus' },
  step('freeze_processes', {
    origin: source('kernel/power/process.c', 'freeze_processes'),
    then: (d) => void (d.tasks = 'frozen'),
  }),
  step('xs_suspend_enter', {
    origin: source(xs, 'xs_suspend_enter'),
    log: 'suspending xenstore...',
    then: (d) => void (d.suspending = true),
  }),
  step('wait_event', {
    origin: source(xs, 'xs_suspend_enter'),
    says: 'nobody is inside',
    when: (s) => s.users === 0,
  }),
  step('lock_responses', {
    origin: source(xs, 'xs_suspend'),
    when: (s) => s.responseLock === 'free',
    then: (d) => void (d.responseLock = 'suspender'),
  }),
  step('hypercall', {
    origin: source('drivers/xen/manage.c', 'xen_suspend'),
    then: (d) => void (d.domain = 'suspended'),
  }),
  step('returns', {
    origin: env('the toolstack continues the domain'),
    then: (d) => void (d.domain = 'running'),
  }),
  step('release', {
    origin: source(xs, 'xs_resume'),
    says: 'xs_resume or xs_suspend_cancel',
    then: (d) => {
      if (d.responseLock === 'suspender') d.responseLock = 'free'
      d.suspending = false
    },
  }),
  step('xenbus_dev_restore', {
    origin: source('drivers/xen/xenbus/xenbus_probe_frontend.c', 'xenbus_frontend_dev_restore'),
    signals: 'xenstored',
    when: maySend,
    then: (d) => send(d, 'suspender', 1),
  }),
  step('xs_wait_for_reply', {
    origin: source(xs, 'xs_wait_for_reply'),
    when: (s) => s.asked.suspender === 'delivered',
    then: (d) => receive(d, 'suspender', 1),
  }),
  step('thaw_processes', {
    origin: source('kernel/power/process.c', 'thaw_processes'),
    then: (d) => void (d.tasks = 'running'),
    goto: 'freeze_processes',
  }),
)

/** The threads of xenbus as it is since 4.11. */
export const counted = (drivers: number) => [
  suspender,
  kernel('first'),
  ...(drivers === 2 ? [kernel('second')] : []),
  user,
  reader,
  action('reply', {
    actor: 'xenstored',
    origin: source('tools/xenstored/core.c', 'send_reply'),
    says: 'one after the other',
    signals: 'reader',
    when: (s) => first(s, 'queued'),
    then: (d) => void (d.asked[d.line[0]!] = 'replied'),
  }),
]
