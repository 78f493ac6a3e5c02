/** The second half of what each act does, described by itself; see kernel-tables.ts. */

import type { Table } from './kernel-tables.js'

const but = (value: object, change: Record<string, unknown>): Record<string, unknown> => ({ ...value, ...change })

interface Device {
  status: string
  usage: number
  disabled: number
  request: string
}
const still = (v: Device): boolean => v.status === 'active' || v.status === 'suspended'
const dropped = (v: Device): Record<string, unknown> => but(v, { usage: Math.max(0, v.usage - 1) })
/** rpm_resume waits while a transition is under way; -EACCES if runtime PM is disabled; rpm_suspend gives up instead. */
const resumed = (v: Device): readonly unknown[] => {
  if (v.status === 'active') return [v]
  if (v.status !== 'suspended') return []
  return [v.disabled > 0 ? v : but(v, { status: 'resuming' })]
}
const suspended = (v: Device): readonly unknown[] => [
  v.status === 'active' && v.usage === 0 && v.disabled === 0 ? but(v, { status: 'suspending' }) : v,
]
const request = (v: Device, asked: string): readonly unknown[] =>
  v.request === asked ? [but(v, { request: 'none' })] : []
/** drivers/base/power/runtime.c: usage_count, disable_depth, runtime_status, request. */
const runtimePM: Table = {
  getNoresume: { pm_runtime_get_noresume: (v: Device) => [but(v, { usage: v.usage + 1 })] },
  putNoidle: { pm_runtime_put_noidle: (v: Device) => [dropped(v)] },
  getSync: {
    __pm_runtime_resume: (v: Device) => [but(v, { usage: v.usage + 1 })],
    rpm_resume: resumed,
    rpm_resume_done: (v: Device) => [but(v, { status: 'active' })],
  },
  putSync: {
    __pm_runtime_idle: (v: Device) => [dropped(v)],
    rpm_suspend: suspended,
    rpm_suspend_done: (v: Device) => [but(v, { status: 'suspended' })],
  },
  requestResume: {
    pm_request_resume: (v: Device) => [v.disabled > 0 || v.status === 'active' ? v : but(v, { request: 'resume' })],
  },
  put: {
    pm_runtime_put: (v: Device) => [
      v.usage === 1 && v.disabled === 0 && v.request === 'none' ? but(v, { usage: 0, request: 'suspend' }) : dropped(v),
    ],
  },
  barrier: {
    pm_runtime_barrier: (v: Device) => [but(v, { request: 'none' })],
    pm_runtime_barrier_wait: (v: Device) => (still(v) ? [v] : []),
  },
  disable: {
    __pm_runtime_disable: (v: Device) => [but(v, { disabled: v.disabled + 1, request: 'none' })],
    __pm_runtime_disable_wait: (v: Device) => (still(v) ? [v] : []),
  },
  enable: { pm_runtime_enable: (v: Device) => [but(v, { disabled: Math.max(0, v.disabled - 1) })] },
  forceSuspend: {
    pm_runtime_force_suspend: (v: Device) => [but(v, { disabled: v.disabled + 1, request: 'none' })],
    pm_runtime_force_suspend_wait: (v: Device) => (still(v) ? [v] : []),
    pm_runtime_status_suspended: (v: Device) => [v],
    pm_runtime_set_suspended: (v: Device) => [but(v, { status: 'suspended' })],
  },
  forceResume: {
    pm_runtime_force_resume: (v: Device) => [v],
    pm_runtime_set_active: (v: Device) => [but(v, { status: 'active' })],
    pm_runtime_force_resume_enable: (v: Device) => [but(v, { disabled: Math.max(0, v.disabled - 1) })],
  },
  worker: {
    pm_runtime_work: (v: Device) => [...request(v, 'suspend'), ...request(v, 'resume')],
    rpm_suspend: suspended,
    rpm_suspend_done: (v: Device) => [but(v, { status: 'suspended' })],
    pm_runtime_work_suspended: (v: Device) => [v],
    rpm_resume: resumed,
    rpm_resume_done: (v: Device) => [but(v, { status: 'active' })],
    pm_runtime_work_done: (v: Device) => [v],
  },
}

/** lib/refcount.c: what was 0 stays 0. */
const refcount: Table = {
  get: { kref_get: (v: number) => [v === 0 ? 0 : v + 1] },
  getUnlessZero: { kref_get_unless_zero: (v: number) => [v === 0 ? 0 : v + 1] },
  put: { kref_put: (v: number) => [v === 0 ? 0 : v - 1] },
}

const lifetime: Table = {
  allocate: { kzalloc: () => ['alive'] },
  use: { use: (v: string) => [v] },
  free: { kfree: () => ['freed'] },
}

interface Readers {
  me: string
  you: string
}
const aged = (v: string): string => (v === 'in' ? 'old' : v)
/** A grace period ends when every reader that had begun before it is out. */
const rcu: Table = {
  readLock: { rcu_read_lock: (v: Readers) => [but(v, { me: v.me === 'out' ? 'in' : v.me })] },
  readUnlock: { rcu_read_unlock: (v: Readers) => [but(v, { me: 'out' })] },
  synchronize: {
    synchronize_rcu: (v: Readers) => [{ me: aged(v.me), you: aged(v.you) }],
    wait_rcu_gp: (v: Readers) => (v.me === 'old' || v.you === 'old' ? [] : [v]),
  },
}

interface Chain {
  registered: { me: boolean; you: boolean }
  calling: boolean
}
/** kernel/notifier.c: the chain's rwsem is held for reading while it is called, for writing while it changes. */
const notifier: Table = {
  register: {
    'blocking_notifier_chain_register:me': (v: Chain) =>
      v.calling ? [] : [but(v, { registered: { ...v.registered, me: true } })],
  },
  unregister: {
    'blocking_notifier_chain_unregister:me': (v: Chain) =>
      v.calling ? [] : [but(v, { registered: { ...v.registered, me: false } })],
  },
  call: {
    blocking_notifier_call_chain: (v: Chain) => (v.calling ? [] : [but(v, { calling: true })]),
    'notifier_call:me': (v: Chain) => [v],
    'notifier_call:you': (v: Chain) => [v],
    call_chain_done: (v: Chain) => [but(v, { calling: false })],
  },
}

interface Events {
  active: number
  since: boolean
  checking: boolean
}
const new_ = (v: Events): boolean => v.since || v.active > 0
/** drivers/base/power/wakeup.c: events in progress, the count against the one that was read, events_check_enabled. */
const wakeup: Table = {
  stayAwake: { __pm_stay_awake: (v: Events) => [but(v, { active: v.active + 1 })] },
  relax: { __pm_relax: (v: Events) => [but(v, { active: Math.max(0, v.active - 1), since: true })] },
  event: { pm_wakeup_ws_event: (v: Events) => [but(v, { since: true })] },
  readCount: { pm_get_wakeup_count: (v: Events) => (v.active > 0 ? [] : [but(v, { since: false })]) },
  saveCount: { pm_save_wakeup_count: (v: Events) => [but(v, { checking: !new_(v) })] },
  pending: { pm_wakeup_pending: (v: Events) => [but(v, { checking: v.checking && !new_(v) })] },
}

const reset: Table = {
  assert: { reset_control_assert: () => ['asserted'] },
  deassert: { reset_control_deassert: () => ['deasserted'] },
  access: { writel: (v: string) => [v] },
}

interface Box {
  asked: boolean
  late: boolean
  answer: string
}
const read = (v: Box): Box =>
  v.answer === 'stale' && v.asked ? { asked: false, late: true, answer: 'none' } : { ...v, answer: 'none' }
/** drivers/mailbox/mailbox.c: tx_block waits for tx_complete; an answer carries no name of its request. */
const mailbox: Table = {
  send: { mbox_send_message: (v: Box) => [but(v, { asked: true })] },
  wait: { wait_for_completion: (v: Box) => (v.answer === 'none' ? [] : [read(v)]) },
  waitTimeout: {
    wait_for_completion_timeout: (v: Box) => (v.answer === 'none' ? [but(v, { asked: false, late: true })] : [read(v)]),
  },
}

interface Come {
  me: boolean
  you: boolean
}
const barrier: Table = {
  wait: {
    pthread_barrier_wait: (v: Come) => [v.you ? { me: false, you: false } : { me: true, you: false }],
    pthread_barrier_passed: (v: Come) => (v.me ? [] : [v]),
  },
}

interface Vcpu {
  inside: boolean
  kicked: boolean
}
/** A signal that is not latched is seen only by who is in the guest. */
const kick: Table = {
  run: {
    KVM_RUN: (v: Vcpu) => [but(v, { inside: true })],
    KVM_EXIT_INTR: (v: Vcpu) => (v.kicked ? [{ inside: false, kicked: false }] : []),
  },
  kick: { pthread_kill: (v: Vcpu) => [v.inside ? but(v, { kicked: true }) : v] },
  clear: { immediate_exit_cleared: (v: Vcpu) => [but(v, { kicked: false })] },
}

/** A variable on the stack of each thread: `you` keeps its own. */
const local: Table = {
  assign: { assign: (v: { me: boolean; you: boolean }) => [but(v, { me: true })] },
  check: { check: (v: { me: boolean; you: boolean }) => [v] },
}

/** include/linux/iopoll.h, with six looks before the time is over; here what is looked for is there at the second. */
const retries: Table = {
  until: { read_poll_timeout: (looked: number) => [looked === 1 || looked === 5 ? 0 : looked + 1] },
}

export const moreTables: Readonly<Record<string, Table>> = {
  runtimePM,
  refcount,
  lifetime,
  rcu,
  notifier,
  wakeup,
  reset,
  mailbox,
  barrier,
  kick,
  local,
  retries,
}
