/**
 * xenbus: requests, transactions and the reader thread against the locks that a suspend takes.
 *
 * Source: drivers/xen/xenbus/xenbus_xs.c of Linux 3.10, one request at a time, and of Linux 7.3.4, where requests are counted.
 */

import { env, environment, int, oneOf, parameter, source, system } from '../src/index.js'
import { counted } from './xenbus-locks/counted.js'
import { patches } from './xenbus-locks/patches.js'
import { action, model, step, thread, type Seen, type State } from './xenbus-locks/state.js'

const xs = 'drivers/xen/xenbus/xenbus_xs.c'

/** `xs_talkv`: takes the request lock, puts the request on the ring, and waits for the reply. */
const talk = (who: 'driver' | 'suspender' | 'work') => ({
  send: {
    origin: source(xs, 'xs_talkv'),
    signals: 'xenstored',
    when: (s: Seen) => s.requestLock === 'free',
    then: (d: State) => {
      d.requestLock = who
      d.message = 'request'
    },
  },
  receive: {
    origin: source(xs, 'read_reply'),
    when: (s: Seen) => s.message === 'delivered' && s.requestLock === who,
    then: (d: State) => {
      d.requestLock = 'free'
      d.message = 'none'
    },
  },
})

/** A driver of the guest that reads and writes its nodes, alone or in a transaction, again and again. */
const driver = thread(
  'driver',
  { actor: 'driver', says: 'a kernel thread: the freezer leaves it alone' },
  step('begin', {
    origin: env('the driver needs something from xenstore'),
    when: (s) => s.domain === 'running',
    either: {
      xenbus_transaction_start: {
        origin: source(xs, 'xenbus_transaction_start'),
        when: (s) => s.transactionLock !== 'suspender',
        then: (d) => {
          d.transactions.driver = true
        },
      },
      xenbus_read: { origin: source(xs, 'xenbus_read'), says: 'A single request needs no transaction.' },
    },
  }),
  step('xs_talkv', talk('driver').send),
  step('read_reply', talk('driver').receive),
  step('xenbus_transaction_end', {
    origin: source(xs, 'xenbus_transaction_end'),
    goto: 'begin',
    then: (d) => {
      d.transactions.driver = false
    },
  }),
)

/** Whether a process of the guest can go on. */
const runs = (s: Seen): boolean => s.tasks === 'running' && s.domain === 'running'

const closeUsers = (d: State): void => {
  d.transactions.user--
}

/** A process that opens a transaction through /dev/xen/xenbus and takes its time. */
const user = thread(
  'user',
  { actor: 'user', says: 'frozen with all other tasks' },
  step('transaction_start', {
    origin: source('drivers/xen/xenbus/xenbus_dev_frontend.c', 'xenbus_write_transaction'),
    when: (s) => runs(s) && s.transactionLock !== 'suspender' && s.transactions.user < 2,
    then: (d) => {
      d.transactions.user++
    },
  }),
  step('transaction_end', {
    origin: source('drivers/xen/xenbus/xenbus_dev_frontend.c', 'xenbus_write_transaction'),
    when: runs,
    either: {
      ok: { then: closeUsers },
      fails: {
        says: 'xenstored refuses, for instance with EAGAIN; the transaction is over all the same.',
        provoke: 'two processes that change one node in overlapping transactions',
        then: closeUsers,
      },
    },
    goto: 'transaction_start',
  }),
)

/** `xenbus_thread`: takes one message after the other from the ring, each as a whole under the response lock. */
const reader = thread(
  'xenbus_thread',
  { actor: 'reader', says: 'the one thread that reads from the ring' },
  step('lock', {
    origin: source(xs, 'process_msg'),
    when: (s) => (s.message === 'reply' || s.event) && s.domain === 'running' && s.responseLock === 'free',
    then: (d) => {
      d.responseLock = 'reader'
    },
  }),
  step('read_header', {
    origin: source('drivers/xen/xenbus/xenbus_comms.c', 'xb_read'),
    when: (s) => s.domain === 'running',
    then: (d) => {
      d.halfRead = true
    },
  }),
  step('read_body', {
    origin: source('drivers/xen/xenbus/xenbus_comms.c', 'xb_read'),
    when: (s) => s.domain === 'running',
    then: (d) => {
      d.halfRead = false
      if (d.responseLock === 'reader') d.responseLock = 'free'
      if (d.transactionLock === 'reader') d.transactionLock = 'free'
    },
    either: {
      reply: {
        signals: 'driver',
        when: (s) => s.message === 'reply',
        then: (d) => {
          d.message = 'delivered'
        },
      },
      event: {
        when: (s) => s.message !== 'reply',
        then: (d) => {
          d.event = false
        },
      },
    },
    goto: 'lock',
  }),
)

/** What do_suspend does between freezing the tasks and resuming the devices; S3 does nothing of it. */
const xenSuspend = [
  step('lock_transactions', {
    origin: source(xs, 'xs_suspend'),
    says: 'Keeps new transactions out and waits until no counted one is open.',
    log: 'suspending xenstore...',
    when: (s) => s.transactionLock === 'free' && !s.transactions.driver,
    then: (d) => {
      d.transactionLock = 'suspender'
    },
  }),
  step('lock_requests', {
    origin: source(xs, 'xs_suspend'),
    when: (s) => s.requestLock === 'free',
    then: (d) => {
      d.requestLock = 'suspender'
    },
  }),
  step('lock_responses', {
    origin: source(xs, 'xs_suspend'),
    when: (s) => s.responseLock === 'free',
    then: (d) => {
      d.responseLock = 'suspender'
    },
  }),
  step('hypercall', {
    origin: source('drivers/xen/manage.c', 'xen_suspend'),
    then: (d) => {
      d.domain = 'suspended'
    },
  }),
  step('returns', {
    origin: env('the toolstack continues the domain'),
    then: (d) => {
      d.domain = 'running'
    },
  }),
  step('release', {
    origin: source(xs, 'xs_resume'),
    says: 'xs_resume or xs_suspend_cancel: releases every lock.',
    then: (d) => {
      d.transactionLock = 'free'
      d.requestLock = 'free'
      if (d.responseLock === 'suspender') d.responseLock = 'free'
    },
  }),
]

const suspender = (xenstored: 'elsewhere' | 'here') =>
  thread(
    'suspend',
    { actor: 'suspender', says: 'seen from xenbus: do_suspend, or S3 of a domain that runs xenstored' },
    step('freeze_processes', {
      origin: source('kernel/power/process.c', 'freeze_processes'),
      then: (d) => {
        d.tasks = 'frozen'
      },
    }),
    ...(xenstored === 'here' ? [] : xenSuspend),
    step('xenbus_dev_resume', {
      origin: source('drivers/xen/xenbus/xenbus_probe_frontend.c', 'xenbus_frontend_dev_resume'),
      either: {
        asks_xenstored: {
          when: (s) => xenstored === 'elsewhere' && s.requestLock === 'free',
          then: talk('suspender').send.then,
          signals: 'xenstored',
        },
        defers: {
          says: 'xenstored runs in this domain and is frozen: leaves it to a work item.',
          when: () => xenstored === 'here',
          then: (d) => {
            d.work = 'queued'
          },
          goto: 'thaw_processes',
        },
      },
    }),
    step('read_reply', talk('suspender').receive),
    step('thaw_processes', {
      origin: source('kernel/power/process.c', 'thaw_processes'),
      then: (d) => {
        d.tasks = 'running'
      },
      goto: 'freeze_processes',
    }),
  )

const deferredResume = thread(
  'xenbus_frontend_delayed_resume',
  { actor: 'work', says: 'a work item on a queue of its own' },
  step('xs_talkv', {
    ...talk('work').send,
    when: (s) => s.work === 'queued' && s.requestLock === 'free' && s.tasks === 'running',
  }),
  step('read_reply', {
    ...talk('work').receive,
    then: (d) => {
      talk('work').receive.then(d)
      d.work = 'idle'
    },
    goto: 'xs_talkv',
  }),
)

export default model('xenbus-locks', {
  question: 'Can a suspend always get hold of xenstore, and does everybody who asks xenstore always get an answer?',
  parameters: {
    xenstored: parameter(oneOf('elsewhere', 'here'), 'elsewhere', 'whether xenstored is a process of this domain'),
    requests: parameter(
      oneOf('locked', 'counted'),
      'locked',
      'a lock for one request at a time (3.10), or a count of them (4.11 to 7.3)',
    ),
    drivers: parameter(int(1, 2), 1, 'how many threads of the kernel ask, where requests are counted'),
  },
  actors: {
    suspender: system('the suspend thread'),
    driver: system('a driver that uses transactions'),
    user: environment('a process that uses transactions'),
    reader: system('the reader thread of the ring'),
    work: system('the deferred resume'),
    xenstored: system('the xenstore daemon'),
  },
  initial: () => ({
    transactionLock: 'free',
    requestLock: 'free',
    responseLock: 'free',
    transactions: { driver: false, user: 0 },
    message: 'none',
    event: false,
    halfRead: false,
    tasks: 'running',
    domain: 'running',
    work: 'idle',
    users: 0,
    suspending: false,
    asked: { first: 'none', second: 'none', user: 'none', suspender: 'none' },
    line: [],
  }),
  parts: ({ xenstored, requests, drivers }) =>
    requests === 'counted'
      ? counted(drivers)
      : [
          suspender(xenstored),
          driver,
          user,
          reader,
          ...(xenstored === 'here' ? [deferredResume] : []),
          action('fire_watch', {
            actor: 'xenstored',
            origin: source('tools/xenstore/xenstored_watch.c', 'fire_watches'),
            signals: 'reader',
            when: (s) => !s.event && s.domain === 'running' && (xenstored === 'elsewhere' || s.tasks === 'running'),
            then: (d) => {
              d.event = true
            },
          }),
          action('answer', {
            actor: 'xenstored',
            origin: source('tools/xenstore/xenstored_core.c', 'handle_input'),
            signals: 'reader',
            when: (s) => s.message === 'request' && (xenstored === 'elsewhere' || s.tasks === 'running'),
            then: (d) => {
              d.message = 'reply'
            },
          }),
        ],
  patches,
  abstractions: [
    'One request and one watch event are under way at a time: for requests the lock sees to that, and more events change nothing.',
    'A domain that runs xenstored does not suspend by hypercall but goes to S3: xs_suspend is not called, the devices resume all the same.',
    'The lock of the watch list is left out: xs_suspend takes it between two others and nobody waits for xenstored while holding it.',
    'Counted requests: a domain that runs xenstored is not among them, since 7.3.4 has no hook for its S3; watch events are left out, since nobody waits for one.',
    'A process neither reads nor writes inside its transaction: its requests would take the request lock as the driver’s do.',
    'The suspend succeeds; how it fails is the business of xen-pv-guest.',
  ],
})
