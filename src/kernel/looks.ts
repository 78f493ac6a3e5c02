/** What values of things tell: who holds a lock, whether a callback runs, whether a thing is in use. */

import type { Act } from '../write/model.js'
import type { Events } from './wakeup.js'
import type { Line } from './irq.js'
import type { Device } from './runtime-pm.js'
import type { Polled, Scheduled } from './softirq.js'
import type { Armed } from './timer.js'
import type { Commanded } from './kthread.js'
import type { AnyItem } from './work.js'

/** A thing in a state: what it is, and the field that holds it. */
export type Named = Pick<Act, 'thing' | 'field'>

/** The value of each kind of thing that is looked at here. */
export interface Values {
  mutex: string
  recursiveMutex: { readonly owner: string }
  rwsem: { readonly writer: string; readonly readers: Readonly<Record<string, boolean>>; readonly waiting: string }
  spinlock: { readonly owner: string; readonly irqsave: boolean }
  localIrq: string
  work: AnyItem
  timer: Armed
  tasklet: Scheduled
  napi: Polled
  irq: Line
  kthread: Commanded
  runtimePM: Device
  refcount: number
  lifetime: string
  wakeup: Events
  reset: string
  mailbox: { readonly answer: string }
}

const read = (state: unknown, field: string): unknown => (state as Readonly<Record<string, unknown>>)[field]

/** The value of a thing of a kind. */
export const valueOf = read as <K extends keyof Values>(state: unknown, field: string, kind: K) => Values[K]

/** Whether a thread holds a lock. */
export function holds(state: unknown, { thing, field }: Named, thread: string): boolean {
  switch (thing) {
    case 'mutex':
    case 'localIrq':
      return valueOf(state, field, 'mutex') === thread
    case 'recursiveMutex':
    case 'spinlock':
      return valueOf(state, field, 'recursiveMutex').owner === thread
    case 'rwsem': {
      const { writer, readers } = valueOf(state, field, 'rwsem')
      return writer === thread || readers[thread] === true
    }
    default:
      return false
  }
}

/** Whom a thread waits for that is about to take a lock: its holders. */
export function holders(state: unknown, { thing, field, does }: Act): readonly string[] {
  switch (thing) {
    case 'mutex':
      return named(valueOf(state, field, 'mutex'))
    case 'recursiveMutex':
    case 'spinlock':
      return named(valueOf(state, field, 'recursiveMutex').owner)
    case 'rwsem': {
      const { writer, readers, waiting } = valueOf(state, field, 'rwsem')
      if (does === 'read') return [...named(writer), ...(waiting === 'none' ? [] : [waiting])]
      return [...named(writer), ...Object.keys(readers).filter((one) => readers[one])]
    }
    default:
      return []
  }
}

const named = (holder: string): readonly string[] => (holder === 'free' ? [] : [holder])

/** Whether a wait for the callbacks of a thing would not end now. */
export function isBusy(state: unknown, { thing, field }: Named): boolean {
  switch (thing) {
    case 'work': {
      const { pool, running, func, barrier } = valueOf(state, field, 'work')
      return (pool && running[func]!) || barrier !== 'none'
    }
    case 'timer':
      return valueOf(state, field, 'timer').running
    case 'tasklet':
      return valueOf(state, field, 'tasklet').running
    case 'irq': {
      const { hard, woken, threaded } = valueOf(state, field, 'irq')
      return hard || woken || threaded
    }
    case 'napi':
      return valueOf(state, field, 'napi').state === 'polling'
    default:
      return false
  }
}

/** Whether memory that holds a thing must not be freed. */
export function inUse(state: unknown, { thing, field }: Named): boolean {
  switch (thing) {
    case 'work': {
      const { queued, running } = valueOf(state, field, 'work')
      return queued !== 'idle' || Object.values(running).includes(true)
    }
    case 'timer': {
      const { armed, running } = valueOf(state, field, 'timer')
      return armed || running
    }
    case 'tasklet': {
      const { scheduled, running } = valueOf(state, field, 'tasklet')
      return scheduled !== 'no' || running
    }
    case 'napi':
      return valueOf(state, field, 'napi').state !== 'owned'
    case 'irq':
      return valueOf(state, field, 'irq').requested || isBusy(state, { thing, field })
    case 'kthread':
      return !valueOf(state, field, 'kthread').exited
    case 'mutex':
    case 'recursiveMutex':
    case 'spinlock':
    case 'rwsem':
      return holders(state, { thing, field, does: 'lock' }).length > 0
    default:
      return false
  }
}
