/**
 * /dev/xen/xenbus: a process that is killed with a transaction open and a request under way.
 *
 * Sources: drivers/xen/xenbus/xenbus_dev_frontend.c, xenbus_comms.c and xenbus_xs.c since 4.11, where one thread writes all
 * requests and reads all replies.
 */

import { bool, each, env, list, oneOf, over, record, source, system, type ValueOf } from '../src/index.js'

/** Whoever has requests on the ring: a process, a driver of the kernel, and the clean-up after a process. */
const askers = ['process', 'driver', 'cleanup'] as const

export const state = record({
  /** `xb_write_list`, and what xenstored has and has answered: each in its order. */
  toWrite: list(3, oneOf(...askers)),
  asked: list(3, oneOf(...askers)),
  replies: list(3, oneOf(...askers)),
  answered: each(askers, bool()),
  /** The open file of the process; a request under way holds a reference of its own. */
  file: oneOf('open', 'closed', 'freed'),
  requests: oneOf('none', 'one'),
  transaction: bool(),
  work: bool(),
  /** The thread of the ring waits for the reply to a request of its own. */
  waits: bool(),
})

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)

const dev = 'drivers/xen/xenbus/xenbus_dev_frontend.c'
const xs = 'drivers/xen/xenbus/xenbus_xs.c'
const comms = 'drivers/xen/xenbus/xenbus_comms.c'

type Asker = (typeof askers)[number]

/** A request queued for the thread that writes it. */
const asks =
  (who: Asker) =>
  (d: State): void => {
    d.answered[who] = false
    d.toWrite.push(who)
  }

/** The last reference to the file is gone. */
const freeFile = (d: State): void => {
  d.file = 'freed'
  d.work = true
}

const reader = thread(
  'xenbus_thread',
  { actor: 'xenbus', says: 'the one thread that writes requests to the ring and reads replies from it' },
  step('xenbus_thread', {
    origin: source(comms, 'xenbus_thread'),
    when: (s) => !s.waits || s.answered.cleanup,
    goto: 'xenbus_thread',
    either: {
      process_writes: {
        signals: 'xenstored',
        when: (s) => s.toWrite.length > 0,
        then: (d) => void d.asked.push(d.toWrite.shift()!),
      },
      process_msg: {
        when: (s) => s.replies.length > 0 && (s.replies[0] !== 'process' || s.file !== 'closed'),
        then: (d) => {
          const who = d.replies.shift()!
          d.answered[who] = true
          if (who === 'process') d.requests = 'none'
        },
      },
      xenbus_dev_queue_reply: {
        says: 'the reply to a process that is no more: drops the last reference to its file',
        when: (s) => s.replies[0] === 'process' && s.file === 'closed',
        then: (d) => {
          d.replies.shift()
          d.requests = 'none'
        },
        goto: 'xenbus_file_free',
      },
    },
  }),
  step('xenbus_file_free', {
    origin: source(dev, 'xenbus_file_free'),
    says: 'leaves what may wait for xenstored to a work item',
    then: freeFile,
    goto: 'xenbus_thread',
  }),
)

const user = thread(
  'process',
  { actor: 'process' },
  step('open', {
    origin: source(dev, 'xenbus_file_open'),
    when: (s) => s.file === 'freed' && !s.transaction,
    then: (d) => void (d.file = 'open'),
  }),
  step('transaction_start', {
    origin: source(dev, 'xenbus_write_transaction'),
    then: (d) => void (d.transaction = true),
  }),
  step('write', {
    origin: source(dev, 'xenbus_file_write'),
    says: 'a request within the transaction',
    then: (d) => {
      asks('process')(d)
      d.requests = 'one'
    },
  }),
  step('read', {
    origin: source(dev, 'xenbus_file_read'),
    either: {
      reply: { when: (s) => s.answered.process },
      killed: {
        origin: env('the process is killed'),
        says: 'with the request under way, or before it has read the reply',
        provoke: 'ctrl-C in a program that changes many nodes in one transaction',
        goto: 'xenbus_file_release',
      },
    },
  }),
  step('transaction_end', {
    origin: source(dev, 'xenbus_write_transaction'),
    then: (d) => void (d.transaction = false),
    goto: 'transaction_start',
  }),
  step('xenbus_file_release', {
    origin: source(dev, 'xenbus_file_release'),
    either: {
      last: { when: (s) => s.requests === 'none', then: freeFile, signals: 'worker' },
      busy: {
        says: 'the request under way keeps the file',
        when: (s) => s.requests === 'one',
        then: (d) => void (d.file = 'closed'),
      },
    },
    goto: 'open',
  }),
)

const driver = thread(
  'driver',
  { actor: 'driver', says: 'any other user of xenstore in the guest' },
  step('xs_send', { origin: source(xs, 'xs_send'), then: asks('driver') }),
  step('read_reply', { origin: source(xs, 'read_reply'), when: (s) => s.answered.driver, goto: 'xs_send' }),
)

const worker = thread(
  'xenbus_worker',
  { actor: 'worker', says: 'the work item that cleans up after a file' },
  step('xenbus_transaction_end', {
    origin: source(xs, 'xenbus_transaction_end'),
    when: (s) => s.work,
    then: asks('cleanup'),
  }),
  step('read_reply', {
    origin: source(xs, 'read_reply'),
    when: (s) => s.answered.cleanup,
    then: (d) => {
      d.work = false
      d.transaction = false
    },
    goto: 'xenbus_transaction_end',
  }),
)

export default model('xenbus-file', {
  question: 'Does everybody who asks xenstore get an answer, even after a process that asked was killed?',
  actors: {
    process: system('a program that uses /dev/xen/xenbus, until it is killed; then another one'),
    driver: system('a driver of the kernel'),
    xenbus: system('the thread of the xenstore ring'),
    worker: system('a work queue'),
    xenstored: system('the xenstore daemon'),
  },
  initial: () => ({
    toWrite: [],
    asked: [],
    replies: [],
    answered: { process: false, driver: false, cleanup: false },
    file: 'freed',
    requests: 'none',
    transaction: false,
    work: false,
    waits: false,
  }),
  parts: () => [
    reader,
    user,
    driver,
    worker,
    action('answer', {
      actor: 'xenstored',
      origin: env('the daemon answers requests in their order'),
      signals: 'xenbus',
      when: (s) => s.asked.length > 0,
      then: (d) => void d.replies.push(d.asked.shift()!),
    }),
  ],
  patches: [
    patch('before-a8fabb38525c', {
      kind: 'era',
      says: 'Whoever drops the last reference to a file ends its transactions at once, and waits for the reply.',
      reference: 'a8fabb38525c (2019)',
      edits: [
        edit.replace('xenbus_thread.xenbus_file_free', {
          says: 'ends the transaction: queues the request, and waits for a reply that nobody else can read',
          then: (d) => {
            d.file = 'freed'
            asks('cleanup')(d)
            d.waits = true
          },
        }),
      ],
    }),
    patch('request-without-reference', {
      kind: 'fault',
      says: 'A request under way keeps no reference to the file.',
      edits: [
        edit.replace('process.xenbus_file_release/last', { when: () => true }),
        edit.remove('process.xenbus_file_release/busy'),
        edit.remove('xenbus_thread.xenbus_thread/xenbus_dev_queue_reply'),
      ],
    }),
  ],
  abstractions: [
    'A process has one transaction and one request in it; starting and ending a transaction are requests like it, and answered at once.',
    'A process that is killed while nothing of its own is under way cleans up by a work item too, as since a8fabb38525c; before, it waited itself, which blocks nobody else.',
    'The queue of a file and its locks are left out: nobody waits for xenstored while holding them.',
  ],
})
