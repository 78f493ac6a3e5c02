/**
 * What each act does, described a second time and by itself: from the functions of Linux 7.3.4 that are named, as what may come of a
 * value. `[]`: the thread waits. `me` is the thread that acts, `you` another one.
 */

type Loose = Record<string, unknown>
/** What may come of a value, by the function that is called: one function for each step of the act. */
export type Table = Readonly<Record<string, Readonly<Record<string, (value: never) => readonly unknown[]>>>>

const me = 'me'

/** The value with some fields changed. */
const but = (value: object, change: Loose): Loose => ({ ...value, ...change })
const saturating = (n: number): number => Math.max(0, n - 1)

/** kernel/locking/mutex.c: __mutex_trylock_or_owner takes it if the owner word is 0; unlock clears it whoever calls. */
const mutex: Table = {
  lock: { mutex_lock: (v: string) => (v === 'free' ? [me] : []) },
  unlock: { mutex_unlock: () => ['free'] },
  trylock: { mutex_trylock: (v: string) => (v === 'free' ? [me] : [v]) },
  lockInterruptible: { mutex_lock_interruptible: (v: string) => (v === 'free' ? [me] : [v]) },
}

interface Owned {
  owner: string
  depth: number
}
/** drivers/clk/clk.c: if prepare_owner is current the refcount grows, else the mutex is taken and it is 1. */
const recursiveMutex: Table = {
  lock: {
    clk_prepare_lock: ({ owner, depth }: Owned) =>
      owner === me ? [{ owner, depth: depth + 1 }] : owner === 'free' ? [{ owner: me, depth: depth + 1 }] : [],
  },
  unlock: {
    clk_prepare_unlock: ({ owner, depth }: Owned) =>
      depth > 1 ? [{ owner, depth: depth - 1 }] : [{ owner: 'free', depth: 0 }],
  },
}

interface Sem {
  writer: string
  readers: { me: boolean; you: boolean }
  waiting: string
}
const noReader = ({ readers }: Sem): boolean => !readers.me && !readers.you
/** kernel/locking/rwsem.c: RWSEM_READ_FAILED_MASK holds the writer and the waiters' bit; trylocks look at the writer only. */
const rwsem: Table = {
  downRead: {
    down_read: (v: Sem) =>
      v.writer === 'free' && v.waiting === 'none' ? [but(v, { readers: { ...v.readers, me: true } })] : [],
  },
  upRead: { up_read: (v: Sem) => [but(v, { readers: { ...v.readers, me: false } })] },
  downWrite: {
    down_write: (v: Sem) => (v.waiting === 'none' ? [but(v, { waiting: me })] : []),
    rwsem_down_write_slowpath: (v: Sem) =>
      v.writer === 'free' && noReader(v) ? [but(v, { writer: me, waiting: 'none' })] : [],
  },
  upWrite: { up_write: (v: Sem) => [but(v, { writer: 'free' })] },
  downgrade: { downgrade_write: (v: Sem) => [but(v, { writer: 'free', readers: { ...v.readers, me: true } })] },
  tryRead: {
    down_read_trylock: (v: Sem) => (v.writer === 'free' ? [but(v, { readers: { ...v.readers, me: true } })] : [v]),
  },
  tryWrite: {
    down_write_trylock: (v: Sem) => (v.writer === 'free' && noReader(v) ? [but(v, { writer: me })] : [v]),
  },
}

interface Spin {
  owner: string
  irqsave: boolean
}
/** include/linux/spinlock_api_smp.h: local_irq_save before, local_irq_restore after. */
const spinlock: Table = {
  lock: { spin_lock: ({ owner }: Spin) => (owner === 'free' ? [{ owner: me, irqsave: false }] : []) },
  unlock: { spin_unlock: () => [{ owner: 'free', irqsave: false }] },
  lockIrqsave: { spin_lock_irqsave: ({ owner }: Spin) => (owner === 'free' ? [{ owner: me, irqsave: true }] : []) },
  unlockIrqrestore: { spin_unlock_irqrestore: () => [{ owner: 'free', irqsave: false }] },
  trylock: { spin_trylock: (v: Spin) => (v.owner === 'free' ? [{ owner: me, irqsave: false }] : [v]) },
}

const localIrq: Table = {
  disable: { local_irq_disable: () => [me] },
  enable: { local_irq_enable: () => ['on'] },
}

interface Queue {
  frozen: boolean
  active: number
}
/** kernel/workqueue.c: freezing sets max_active to 0, and who freezes looks until nr_active is 0. */
const workqueue: Table = {
  freeze: {
    freeze_workqueues_begin: (v: Queue) => [but(v, { frozen: true })],
    freeze_workqueues_busy: (v: Queue) => (v.active > 0 ? [] : [v]),
  },
  flush: { __flush_workqueue: (v: Queue) => (v.active > 0 ? [] : [v]) },
  thaw: { thaw_workqueues: (v: Queue) => [but(v, { frozen: false })] },
}

interface Timer {
  armed: boolean
  running: boolean
  shutdown: boolean
}
/** kernel/time/timer.c: a timer without a function is not armed; __try_to_del_timer_sync does nothing while it runs. */
const timer: Table = {
  mod: { mod_timer: (v: Timer) => [v.shutdown ? v : but(v, { armed: true })] },
  del: { timer_delete: (v: Timer) => [but(v, { armed: false })] },
  delSync: { timer_delete_sync: (v: Timer) => (v.running ? [] : [but(v, { armed: false })]) },
  shutdownSync: {
    timer_shutdown_sync: (v: Timer) => (v.running ? [] : [{ armed: false, running: false, shutdown: true }]),
  },
  handler: {
    expire_timers: (v: Timer) => (v.armed && !v.running ? [but(v, { armed: false, running: true })] : []),
    callback_done: (v: Timer) => [but(v, { running: false })],
  },
}

interface Tasklet {
  scheduled: string
  running: boolean
  disabled: number
}
/** kernel/softirq.c, include/linux/interrupt.h: the bits SCHED and RUN, and the count. */
const tasklet: Table = {
  schedule: { __tasklet_schedule: (v: Tasklet) => [v.scheduled === 'no' ? but(v, { scheduled: 'yes' }) : v] },
  kill: {
    tasklet_kill: (v: Tasklet) => (v.scheduled === 'no' ? [but(v, { scheduled: 'held' })] : []),
    tasklet_unlock_wait: (v: Tasklet) => (v.running ? [] : [but(v, { scheduled: 'no' })]),
  },
  disable: {
    tasklet_disable: (v: Tasklet) => [but(v, { disabled: v.disabled + 1 })],
    tasklet_disable_wait: (v: Tasklet) => (v.running ? [] : [v]),
  },
  disableNosync: { tasklet_disable_nosync: (v: Tasklet) => [but(v, { disabled: v.disabled + 1 })] },
  enable: { tasklet_enable: (v: Tasklet) => [but(v, { disabled: saturating(v.disabled) })] },
  handler: {
    tasklet_action_common: (v: Tasklet) =>
      v.scheduled === 'yes' && v.disabled === 0 && !v.running ? [but(v, { scheduled: 'no', running: true })] : [],
    tasklet_unlock: (v: Tasklet) => [but(v, { running: false })],
  },
}

interface Napi {
  state: string
  disabling: boolean
  missed: boolean
}
/** net/core/dev.c: the bits SCHED (idle has none), DISABLE and MISSED; SCHED is with a poll, or with who disabled. */
const napi: Table = {
  schedule: {
    napi_schedule_prep: (v: Napi) => {
      if (v.disabling) return [v]
      return [v.state === 'idle' ? but(v, { state: 'scheduled' }) : but(v, { missed: true })]
    },
  },
  disable: {
    napi_disable: (v: Napi) => [but(v, { disabling: true })],
    napi_disable_locked: (v: Napi) => (v.state === 'idle' ? [but(v, { state: 'owned', disabling: false })] : []),
  },
  enable: { napi_enable: (v: Napi) => [v.state === 'owned' ? but(v, { state: 'idle' }) : v] },
  poll: {
    napi_poll: (v: Napi) => (v.state === 'scheduled' ? [but(v, { state: 'polling' })] : []),
    napi_complete_done: (v: Napi) => [but(v, { state: v.missed ? 'scheduled' : 'idle', missed: false })],
  },
}

interface Line {
  requested: boolean
  depth: number
  pending: boolean
  hard: boolean
  woken: boolean
  threaded: boolean
  wake: number
}
const quiet = (v: Line): boolean => !(v.hard || v.woken || v.threaded)
/** kernel/irq: the action, desc->depth, IRQS_PENDING, IRQD_IRQ_INPROGRESS, IRQTF_RUNTHREAD and threads_active, wake_depth. */
const irq: Table = {
  request: { request_threaded_irq: (v: Line) => [but(v, { requested: true, depth: 0 })] },
  free: {
    free_irq: (v: Line) => [but(v, { requested: false })],
    free_irq_wait: (v: Line) => (quiet(v) ? [v] : []),
  },
  disableNosync: { disable_irq_nosync: (v: Line) => [but(v, { depth: v.depth + 1 })] },
  disable: {
    disable_irq: (v: Line) => [but(v, { depth: v.depth + 1 })],
    disable_irq_wait: (v: Line) => (quiet(v) ? [v] : []),
  },
  enable: { enable_irq: (v: Line) => [but(v, { depth: saturating(v.depth) })] },
  synchronize: { synchronize_irq: (v: Line) => (quiet(v) ? [v] : []) },
  enableWake: { enable_irq_wake: (v: Line) => [but(v, { wake: v.wake + 1 })] },
  disableWake: { disable_irq_wake: (v: Line) => [but(v, { wake: saturating(v.wake) })] },
  wakeThread: { __irq_wake_thread: (v: Line) => [but(v, { woken: true })] },
  handler: {
    handle_irq_event: (v: Line) =>
      v.requested && v.depth === 0 && v.pending && quiet(v) ? [but(v, { pending: false, hard: true })] : [],
    handler_done: (v: Line) => [but(v, { hard: false })],
  },
  thread: {
    irq_thread: (v: Line) => (v.woken && !v.threaded ? [but(v, { woken: false, threaded: true })] : []),
    wake_threads_waitq: (v: Line) => [but(v, { threaded: false })],
  },
}

interface Done {
  done: number
  all: boolean
}
const done = (v: Done): boolean => v.all || v.done > 0
const taken = (v: Done): Done => (v.all ? v : { ...v, done: v.done - 1 })
/** kernel/sched/completion.c: done counts, UINT_MAX is never counted down. */
const completion: Table = {
  complete: { complete: (v: Done) => [v.all || v.done === 1 ? v : { ...v, done: v.done + 1 }] },
  completeAll: { complete_all: () => [{ done: 0, all: true }] },
  reinit: { reinit_completion: () => [{ done: 0, all: false }] },
  wait: { wait_for_completion: (v: Done) => (done(v) ? [taken(v)] : []) },
  waitTimeout: { wait_for_completion_timeout: (v: Done) => [done(v) ? taken(v) : v] },
}

interface Told {
  shouldPark: boolean
  parked: boolean
  shouldStop: boolean
  exited: boolean
}
/** kernel/kthread.c: KTHREAD_SHOULD_PARK, KTHREAD_SHOULD_STOP; parked and exited are completed by the thread. */
const kthread: Table = {
  park: {
    kthread_park: (v: Told) => [but(v, { shouldPark: true })],
    kthread_park_wait: (v: Told) => (v.parked ? [v] : []),
  },
  unpark: { kthread_unpark: (v: Told) => [but(v, { shouldPark: false, parked: false })] },
  stop: {
    kthread_stop: (v: Told) => [but(v, { shouldStop: true, shouldPark: false, parked: false })],
    kthread_stop_wait: (v: Told) => (v.exited ? [v] : []),
  },
  parkme: {
    kthread_parkme: (v: Told) => [v.shouldPark ? but(v, { parked: true }) : v],
    __kthread_parkme: (v: Told) => (v.parked ? [] : [v]),
  },
  shouldStop: { kthread_should_stop: (v: Told) => [v] },
  exit: { kthread_exit: (v: Told) => [but(v, { exited: true })] },
}

interface Cold {
  freezing: boolean
  frozen: { me: boolean; you: boolean }
}
const all = (v: Cold): boolean => v.frozen.me && v.frozen.you
/** kernel/power/process.c, kernel/freezer.c. */
const freezer: Table = {
  freeze: {
    freeze_processes: (v: Cold) => [but(v, { freezing: true })],
    try_to_freeze_tasks: (v: Cold) => (all(v) ? [v] : []),
  },
  freezeTimeout: {
    freeze_processes: (v: Cold) => [but(v, { freezing: true })],
    try_to_freeze_tasks: (v: Cold) => [v],
  },
  thaw: { thaw_processes: () => [{ freezing: false, frozen: { me: false, you: false } }] },
  tryToFreeze: {
    try_to_freeze: (v: Cold) => [v.freezing ? but(v, { frozen: { ...v.frozen, me: true } }) : v],
    __refrigerator: (v: Cold) => (v.frozen.me ? [] : [v]),
  },
}

export const tables: Readonly<Record<string, Table>> = {
  mutex,
  recursiveMutex,
  rwsem,
  spinlock,
  localIrq,
  workqueue,
  timer,
  tasklet,
  napi,
  irq,
  completion,
  kthread,
  freezer,
}
