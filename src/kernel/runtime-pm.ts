/** Runtime power management of a device, and the link to its supplier. Linux 7.3.4, drivers/base/power/runtime.c and core.c. */

import { int, oneOf, record } from '../write/domain.js'
import type { Thread } from '../write/model.js'
import { leaves, type Piece, type Placeable } from '../write/piece.js'
import { handling, type Handler } from './handler.js'
import type { Queue, WorkqueueWords } from './queue.js'
import { Field, thing, together, type Abstracted, type Thing, type Way } from './thing.js'
import { looking } from '../write/word.js'
import { optionsOf } from './takes.js'

/** What is known of a device. */
export interface Device {
  status: 'active' | 'suspending' | 'suspended' | 'resuming'
  usage: number
  disabled: number
  request: 'none' | 'suspend' | 'resume'
}

export type RuntimePM = Thing<Device, 'runtimePM'>

/** A device of which at most `usage` references are held. */
export const runtimePM = looking(
  'runtimePM',
  optionsOf.runtimePM,
  ({ usage = 2, disabled = 2 }: { readonly usage?: number; readonly disabled?: number } = {}): RuntimePM =>
    thing(
      'runtimePM',
      record({
        status: oneOf('active', 'suspending', 'suspended', 'resuming'),
        usage: int(0, usage),
        disabled: int(0, disabled),
        request: oneOf('none', 'suspend', 'resume'),
      }),
    ),
)

/** A device that is active and unused. */
export const activeDevice: Device = { status: 'active', usage: 0, disabled: 0, request: 'none' }

/** The steps of a driver's callbacks. */
export interface Callbacks<S> {
  readonly suspend?: readonly Placeable<S>[]
  readonly resume?: readonly Placeable<S>[]
}

export interface RuntimePMWords<S> {
  readonly field: string
  readonly getNoresume: Piece<unknown>
  readonly putNoidle: Piece<unknown>
  /** Counts, and resumes the device in this thread if it is suspended: these are the steps of its callback. */
  getSync(...resume: readonly Placeable<S>[]): Piece<unknown>
  /** Drops a reference, and suspends the device in this thread if it was the last one. */
  putSync(...suspend: readonly Placeable<S>[]): Piece<unknown>
  /** Asks pm_wq to resume; takes no reference. */
  readonly requestResume: Piece<unknown>
  /** Drops a reference, and asks pm_wq to suspend if it was the last one. */
  readonly put: Piece<unknown>
  /** Two steps: no request any more, and no transition under way. */
  readonly barrier: Piece<unknown>
  /** The same, and none begins until it is enabled again. */
  readonly disable: Piece<unknown>
  readonly enable: Piece<unknown>
  /** In a system suspend: disabled, and suspended by its own callback if it was active. */
  forceSuspend(...suspend: readonly Placeable<S>[]): Piece<unknown>
  /** In a system resume: resumed if it is in use, and enabled. */
  forceResume(...resume: readonly Placeable<S>[]): Piece<unknown>
  /** The work item of the device on pm_wq: it serves the requests that callbacks are given for, or both if none is. */
  worker(head: Handler & { readonly name: string; readonly on?: WorkqueueWords }, callbacks?: Callbacks<S>): Thread
}

type Draft = Record<string, Device>

const runtime = (symbol: string): Abstracted => ['drivers/base/power/runtime.c', symbol]
const settled = ({ status }: Device): boolean => status === 'active' || status === 'suspended'

export function runtimePMWords<S>(name: string, of: Thing<unknown>): RuntimePMWords<S> {
  const field = new Field<Device>(name, of)
  const drop = (draft: Draft): void => {
    if (draft[name]!.usage > 0) draft[name]!.usage--
  }
  const becomes =
    (status: Device['status']) =>
    (draft: Draft): void =>
      void (draft[name]!.status = status)
  const moving = (before: Device['status'], during: Device['status'], steps: readonly unknown[], end: string) => [
    ...(steps as readonly Piece<unknown>[]),
    field.act('done', runtime(before === 'suspended' ? 'rpm_resume' : 'rpm_suspend'), {
      named: end,
      then: becomes(during === 'resuming' ? 'active' : 'suspended'),
    }),
  ]
  const resuming = (steps: readonly unknown[]): Piece<unknown>[] => [
    field.act('resume', runtime('rpm_resume'), {
      with: 'sleeps',
      either: {
        resumes: { when: (one) => one.status === 'suspended' && one.disabled === 0, then: becomes('resuming') },
        stays: { when: (one) => one.status === 'active' || (settled(one) && one.disabled > 0), goto: leaves },
      },
    }),
    ...moving('suspended', 'resuming', steps, 'rpm_resume_done'),
  ]
  const suspending = (steps: readonly unknown[]): Piece<unknown>[] => [
    field.act('suspend', runtime('rpm_suspend'), {
      with: 'sleeps',
      either: {
        suspends: { when: canSuspend, then: becomes('suspending') },
        stays: { when: (one) => !canSuspend(one), goto: leaves },
      },
    }),
    ...moving('active', 'suspending', steps, 'rpm_suspend_done'),
  ]
  return {
    field: name,
    getNoresume: field.act('get', ['include/linux/pm_runtime.h', 'pm_runtime_get_noresume'], {
      then: (draft) => void draft[name]!.usage++,
    }),
    putNoidle: field.act('put', ['include/linux/pm_runtime.h', 'pm_runtime_put_noidle'], { then: drop }),
    getSync: (...steps) =>
      pieces(
        field.act('get', runtime('__pm_runtime_resume'), { then: (draft) => void draft[name]!.usage++ }),
        ...resuming(steps),
      ),
    putSync: (...steps) => pieces(field.act('put', runtime('__pm_runtime_idle'), { then: drop }), ...suspending(steps)),
    requestResume: field.act('request', ['include/linux/pm_runtime.h', 'pm_request_resume'], {
      then: (draft) => {
        if (draft[name]!.disabled === 0 && draft[name]!.status !== 'active') draft[name]!.request = 'resume'
      },
    }),
    put: field.act('put', ['include/linux/pm_runtime.h', 'pm_runtime_put'], {
      then: (draft) => {
        const one = draft[name]!
        if (one.usage === 1 && one.disabled === 0 && one.request === 'none') one.request = 'suspend'
        drop(draft)
      },
    }),
    ...disabling<S>(field),
    worker: (head, callbacks = {}) => workerOf(field, head, callbacks, resuming, suspending),
  }
}

const canSuspend = ({ status, usage, disabled }: Device): boolean =>
  status === 'active' && usage === 0 && disabled === 0

/** Acts, some of which may be several pieces by themselves; who leaves them goes on behind. */
const pieces = (...made: readonly Piece<unknown>[]): Piece<unknown> => together(...made)

function disabling<S>(
  field: Field<Device>,
): Pick<RuntimePMWords<S>, 'barrier' | 'disable' | 'enable' | 'forceSuspend' | 'forceResume'> {
  const { field: name } = field
  const forget = (draft: Draft): void => void (draft[name]!.request = 'none')
  const wait = (named: string): Piece<unknown> =>
    field.act('wait', runtime('__pm_runtime_barrier'), { named, when: settled, with: 'sleeps' })
  const counted = (named?: string): Piece<unknown> =>
    field.act('disable', runtime('__pm_runtime_disable'), {
      ...(named !== undefined && { named }),
      then: (draft) => {
        draft[name]!.disabled++
        forget(draft)
      },
      with: 'sleeps',
    })
  const enabled = (named?: string): Piece<unknown> =>
    field.act('enable', runtime('pm_runtime_enable'), {
      ...(named !== undefined && { named }),
      then: (draft) => {
        if (draft[name]!.disabled > 0) draft[name]!.disabled--
      },
    })
  return {
    barrier: together(
      field.act('barrier', runtime('pm_runtime_barrier'), { then: forget, with: 'sleeps' }),
      wait('pm_runtime_barrier_wait'),
    ),
    disable: together(counted(), wait('__pm_runtime_disable_wait')),
    enable: enabled(),
    forceSuspend: (...steps) =>
      together(
        counted('pm_runtime_force_suspend'),
        wait('pm_runtime_force_suspend_wait'),
        field.act('force', runtime('pm_runtime_force_suspend'), {
          named: 'pm_runtime_status_suspended',
          either: {
            active: { when: ({ status }) => status === 'active' },
            suspended: { when: ({ status }) => status !== 'active', goto: leaves },
          },
        }),
        ...(steps as unknown as readonly Piece<unknown>[]),
        field.act('done', runtime('pm_runtime_force_suspend'), {
          named: 'pm_runtime_set_suspended',
          then: (draft) => void (draft[name]!.status = 'suspended'),
        }),
      ),
    forceResume: (...steps) =>
      together(
        field.act('force', runtime('pm_runtime_force_resume'), {
          either: {
            in_use: { when: ({ usage, status }) => usage > 0 && status === 'suspended' },
            unused: {
              when: ({ usage, status }) => usage === 0 || status !== 'suspended',
              goto: `pm_runtime_force_resume_enable:${name}`,
            },
          },
        }),
        ...(steps as unknown as readonly Piece<unknown>[]),
        field.act('done', runtime('pm_runtime_force_resume'), {
          named: 'pm_runtime_set_active',
          then: (draft) => void (draft[name]!.status = 'active'),
        }),
        enabled('pm_runtime_force_resume_enable'),
      ),
  }
}

type Making = (steps: readonly unknown[]) => Piece<unknown>[]

function workerOf<S>(
  field: Field<Device>,
  head: Handler & { readonly name: string; readonly on?: WorkqueueWords },
  given: Callbacks<S>,
  resuming: Making,
  suspending: Making,
): Thread {
  const { field: name } = field
  const { on } = head
  const both = !given.suspend && !given.resume
  const suspend = given.suspend ?? (both ? [] : undefined)
  const resume = given.resume ?? (both ? [] : undefined)
  const queueIn = (state: unknown): Queue => (state as Record<string, Queue>)[on!.field]!
  const work = runtime('pm_runtime_work')
  const asked = (request: Device['request']): Way<Device> => ({
    when: (one, _, state) => one.request === request && (!on || on.lets(queueIn(state))),
    then: (draft) => {
      draft[name]!.request = 'none'
      if (on) queueIn(draft).active++
    },
  })
  const end = {
    named: 'pm_runtime_work_done',
    then: (draft: Draft): void => {
      if (on) queueIn(draft).active--
    },
  }
  const done = `pm_runtime_work_done:${name}`
  const either = {
    ...(suspend && { suspend: asked('suspend') }),
    ...(resume && { resume: { ...asked('resume'), ...(suspend && { goto: `rpm_resume:${name}` }) } }),
  }
  return handling(field, head.name, head, { begin: [work, { either }], end: [work, end] }, [
    ...(suspend ? [together(...suspending(suspend))] : []),
    ...(suspend && resume ? [field.act('over', work, { named: 'pm_runtime_work_suspended', goto: done })] : []),
    ...(resume ? [together(...resuming(resume))] : []),
  ])
}

export type DeviceLink = Thing<number, 'deviceLink'>

/** The link of a consumer to the device in the field `supplier`, with at most `most` references held through it. */
export const deviceLink = (supplier: string, most = 2): DeviceLink =>
  thing('deviceLink', int(0, most), [], { supplier })

export interface DeviceLinkWords {
  readonly field: string
  readonly getSuppliers: Piece<unknown>
  /** Drops all references that are held through it. */
  readonly putSuppliers: Piece<unknown>
}

export function deviceLinkWords(name: string, of: Thing<unknown>): DeviceLinkWords {
  const field = new Field<number>(name, of)
  const supplier = (draft: Record<string, number>): Device =>
    (draft as unknown as Draft)[of.options.supplier as string]!
  return {
    field: name,
    getSuppliers: field.act('get', runtime('rpm_get_suppliers'), {
      then: (draft) => {
        draft[name]!++
        supplier(draft).usage++
      },
    }),
    putSuppliers: field.act('put', runtime('rpm_put_suppliers'), {
      then: (draft) => {
        const held = Math.min(draft[name]!, supplier(draft).usage)
        supplier(draft).usage -= held
        draft[name] = 0
      },
    }),
  }
}
