/** What each thing is, and what its words leave out: read by whoever writes the page of the words. */

import type { Words } from './words.js'

/** The sentences of a thing. */
export interface About {
  readonly says: string
  /** What is simplified, and why that is no wrong answer to what the words are asked. */
  readonly leavesOut: string
}

export const about: { readonly [K in keyof Words<unknown, never>]: About } = {
  mutex: {
    says: 'A mutex and who holds it.',
    leavesOut:
      'Spinning, hand-over and priorities: whoever waits may be next. That unlock touches the mutex after it was let go is for lifetimes to say.',
  },
  recursiveMutex: {
    says: 'A mutex that its holder takes again, as the prepare lock of clocks.',
    leavesOut: 'The spinlock inside: owner and count change in one step.',
  },
  rwsem: {
    says: 'Readers, a writer, and a writer that waits and keeps new readers out.',
    leavesOut:
      'The order of several writers that wait: one has queued, the others come behind it in any order. Optimistic spinning.',
  },
  spinlock: {
    says: 'A spinlock, its holder, and whether that has interrupts off.',
    leavesOut:
      'On which CPU anybody is: a handler that finds the lock held with interrupts on may be on that CPU, which is what is asked.',
  },
  localIrq: {
    says: 'The interrupts of one CPU.',
    leavesOut: 'Other CPUs; nesting by flags.',
  },
  work: {
    says: 'A work item: on a list or not, the function that it calls, whether its last pool is known, who runs.',
    leavesOut:
      'The timer of a delayed item and the start of its run are one step. One who flushes at a time. An item that is initialised while it is on a list is taken off it: the list would be corrupt, which `no-init-in-use` says.',
  },
  workqueue: {
    says: 'A queue: frozen or not, ordered or not, how many of its items run.',
    leavesOut: 'Pools, CPUs, rescuers. Flushing waits for what runs; what is pending counts as queued later.',
  },
  timer: {
    says: 'A timer: armed, running, shut down for good.',
    leavesOut: 'Time: it expires whenever it is armed.',
  },
  tasklet: {
    says: 'A tasklet: scheduled, running, disabled.',
    leavesOut: 'The list of the CPU and the order in it.',
  },
  napi: {
    says: 'A NAPI instance: owned by who disabled it, idle, scheduled, polling; whether it missed something.',
    leavesOut: 'Budgets, busy polling, threads of its own, deferred interrupts.',
  },
  irq: {
    says: 'An interrupt line with one action: requested, disabled by depth, pending, in its hard handler or in its thread, armed for wake-up.',
    leavesOut:
      'Sharing, affinity, level and edge: what was raised while it could not be handled is pending. IRQF_ONESHOT is taken for granted.',
  },
  completion: {
    says: 'How often it was completed and not yet waited for, or for all.',
    leavesOut: 'More calls of complete() than are counted.',
  },
  waitqueue: {
    says: 'Which threads are on it and asleep.',
    leavesOut: 'Exclusive waiters, signals.',
  },
  kthread: {
    says: 'What a kernel thread was told, and what it has answered.',
    leavesOut: 'Its result; a thread that is stopped before it has begun.',
  },
  freezer: {
    says: 'Whether tasks are to freeze, and which are frozen.',
    leavesOut:
      'Tasks that count as frozen while they sleep; the order of user tasks and kernel threads, which is two freezers.',
  },
  runtimePM: {
    says: 'The runtime status of a device, its usage count, its disable depth, and the request that is queued.',
    leavesOut: 'Parents, autosuspend delays, idle callbacks that refuse, deferred resumes, errors of callbacks.',
  },
  deviceLink: {
    says: 'The references that a consumer holds on its supplier.',
    leavesOut: 'The states of the link while drivers are bound.',
  },
  refcount: {
    says: 'How many references there are.',
    leavesOut: 'Saturation.',
  },
  lifetime: {
    says: 'Whether an object is there, and which things are part of it.',
    leavesOut: 'What becomes of its memory.',
  },
  rcu: {
    says: 'Which readers are inside, and which have been since before a grace period began.',
    leavesOut: 'Callbacks, nesting, two grace periods at once: the first waits for the second.',
  },
  notifier: {
    says: 'Which blocks are registered, and whether the chain is being called.',
    leavesOut: 'Priorities, answers that stop the chain, two calls at once.',
  },
  wakeup: {
    says: 'Events in progress, whether one was over since the count was read, and whether the count is saved.',
    leavesOut: 'Sources apart from each other, time limits, the count itself.',
  },
  reset: {
    says: 'A reset line.',
    leavesOut: 'Shared lines, which count.',
  },
  mailbox: {
    says: 'A request that is waited for, one that nobody waits for any more, and an answer.',
    leavesOut: 'Several requests in flight, contents.',
  },
  barrier: {
    says: 'Which threads have come.',
    leavesOut: 'Which one is the last.',
  },
  kick: {
    says: 'Whether a virtual CPU is in the guest, and whether it was kicked.',
    leavesOut: 'What the guest does; exits of its own.',
  },
  local: {
    says: 'A local variable of each of some threads.',
    leavesOut: 'Scopes: it keeps its value when its function is left.',
  },
  retries: {
    says: 'How often a loop that gives up has looked in vain.',
    leavesOut: 'Time: so many looks stand for it, and nothing is promised between two of them.',
  },
}
