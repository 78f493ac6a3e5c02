/** The state of xenbus that a suspend meets: locks, transactions, one message, one watch event. */

import { bool, each, int, list, oneOf, over, record, type Frozen, type ValueOf } from '../../src/index.js'

export const state = record({
  /** `suspend_mutex`, later `transaction_mutex`: shared by open transactions, exclusive for the suspender. */
  transactionLock: oneOf('free', 'reader', 'suspender'),
  requestLock: oneOf('free', 'driver', 'suspender', 'work'),
  responseLock: oneOf('free', 'reader', 'suspender'),
  /** Open transactions, as the kernel counts them: the driver's, and those of user space. */
  transactions: record({ driver: bool(), user: int(0, 2) }),
  /** The one request to xenstored, and its reply. */
  message: oneOf('none', 'request', 'reply', 'delivered'),
  /** A watch event, which xenstored sends unasked. */
  event: bool(),
  /** The reader has read the header of a message and not its body. */
  halfRead: bool(),
  tasks: oneOf('running', 'frozen'),
  domain: oneOf('running', 'suspended'),
  /** Since 4.11: requests and transactions of the kernel that are under way (`xs_state_users`), and whether a suspend waits or is active. */
  users: int(0, 6),
  suspending: bool(),
  asked: each(['first', 'second', 'user', 'suspender'], oneOf('none', 'queued', 'replied', 'delivered')),
  /** Requests in the order in which they were put on the ring; replies come in the same. */
  line: list(4, oneOf('first', 'second', 'user', 'suspender')),
  /** The work item that resumes a frontend after the tasks are thawed. */
  work: oneOf('idle', 'queued'),
})

export type State = ValueOf<typeof state>
export type Seen = Frozen<State>

export const { model, thread, step, action, patch, edit } = over(state)
