/** The words of the things that a state is made of, bound to it once: `const { tz, poll } = kernelOver(state)`. */

import { least, type Domain, type ValueOf } from '../write/domain.js'
import type { Signature } from '../write/declaration.js'
import { Mistake } from '../write/mistake.js'
import type { Part } from '../write/model.js'
import type { Piece } from '../write/piece.js'
import { looking } from '../write/word.js'
import { deviceLinkWords, runtimePMWords, type DeviceLinkWords, type RuntimePMWords } from './runtime-pm.js'
import { mailboxWords, resetWords, type MailboxWords, type ResetWords } from './device.js'
import { freezerWords, type FreezerWords } from './freezer.js'
import { irqWords, type IrqWords } from './irq.js'
import { kthreadWords, type KthreadWords } from './kthread.js'
import { localWords, type LocalWords } from './local.js'
import { lifetimeWords, refcountWords, type LifetimeWords, type RefcountWords } from './lifetime.js'
import {
  localIrqWords,
  mutexWords,
  recursiveMutexWords,
  rwsemWords,
  spinlockWords,
  type LocalIrqWords,
  type MutexWords,
  type RecursiveMutexWords,
  type RwsemWords,
  type SpinlockWords,
} from './locks.js'
import { barrierWords, kickWords, type BarrierWords, type KickWords } from './monitor.js'
import { workqueueWords, type WorkqueueWords } from './queue.js'
import { notifierWords, rcuWords, type NotifierWords, type RcuWords } from './rcu.js'
import { napiWords, taskletWords, type NapiWords, type TaskletWords } from './softirq.js'
import { refuseUnknownFields, wordsTake } from './takes.js'
import type { Thing } from './thing.js'
import { timerWords, type TimerWords } from './timer.js'
import {
  completionWords,
  retriesWords,
  waitqueueWords,
  type CompletionWords,
  type RetriesWords,
  type WaitqueueWords,
} from './waiting.js'
import { wakeupWords, type WakeupWords } from './wakeup.js'
import { workWords, type WorkWords } from './work.js'

/** The words of each kind of thing, over a state `S`, with names `N` in its values `V`. */
export interface Words<S, N extends string, V = unknown> {
  mutex: MutexWords<S>
  recursiveMutex: RecursiveMutexWords
  rwsem: RwsemWords
  spinlock: SpinlockWords
  localIrq: LocalIrqWords
  work: WorkWords<S, N>
  workqueue: WorkqueueWords
  timer: TimerWords<S>
  tasklet: TaskletWords<S>
  napi: NapiWords<S>
  irq: IrqWords<S>
  completion: CompletionWords
  waitqueue: WaitqueueWords<S>
  kthread: KthreadWords
  freezer: FreezerWords
  runtimePM: RuntimePMWords<S>
  deviceLink: DeviceLinkWords
  refcount: RefcountWords<S>
  lifetime: LifetimeWords
  rcu: RcuWords
  notifier: NotifierWords<S, N>
  wakeup: WakeupWords
  reset: ResetWords
  mailbox: MailboxWords
  barrier: BarrierWords
  kick: KickWords
  local: LocalWords<S, V[keyof V]>
  retries: RetriesWords<S>
}

type Kind = keyof Words<unknown, never>

/** The words of a thing that are functions of the author's: each takes something. */
type Taking<W> = {
  readonly [
    N in keyof W as W[N] extends Piece<unknown>
      ? never
      : W[N] extends (...given: never[]) => Piece<unknown> | Part
        ? N
        : never
  ]-?: Signature
}

/** So that none is forgotten. */
const wanted: { readonly [K in Kind]: (names: readonly string[]) => Taking<Words<unknown, never>[K]> } = wordsTake

const makers: { readonly [K in Kind]: (field: string, of: Thing<unknown>) => unknown } = {
  mutex: mutexWords,
  recursiveMutex: recursiveMutexWords,
  rwsem: rwsemWords,
  spinlock: spinlockWords,
  localIrq: localIrqWords,
  work: workWords,
  workqueue: workqueueWords,
  timer: timerWords,
  tasklet: taskletWords,
  napi: napiWords,
  irq: irqWords,
  completion: completionWords,
  waitqueue: waitqueueWords,
  kthread: kthreadWords,
  freezer: freezerWords,
  runtimePM: runtimePMWords,
  deviceLink: deviceLinkWords,
  refcount: refcountWords,
  lifetime: lifetimeWords,
  rcu: rcuWords,
  notifier: notifierWords,
  wakeup: wakeupWords,
  reset: resetWords,
  mailbox: mailboxWords,
  barrier: barrierWords,
  kick: kickWords,
  local: localWords,
  retries: retriesWords,
}

/** The kinds of things that there are words for. */
export const kinds = Object.keys(makers) as readonly Kind[]

type Fields = Readonly<Record<string, Domain<unknown>>>

/** The words of each field that is a thing. */
export type KernelOver<S, F> = {
  readonly [K in keyof F as F[K] extends Thing<unknown, Kind> ? K : never]: F[K] extends Thing<
    infer V,
    infer W extends Kind,
    infer N extends string
  >
    ? Words<S, N, V>[W]
    : never
}

/**
 * Binds words to the things among the fields of a state. A state that depends on parameters is given as a function, and its things
 * beside it: `kernelOver(state, { tz, poll })`.
 * @throws Mistake if the state has no things.
 */
export function kernelOver<D extends Domain<unknown> & { readonly fields: Fields }>(
  state: D,
): KernelOver<ValueOf<D>, D['fields']>
export function kernelOver<D extends (parameters: never) => Domain<unknown>, F extends Fields>(
  state: D,
  fields: F,
): KernelOver<ValueOf<D>, F>
export function kernelOver(state: unknown, given?: Fields): unknown {
  const fields = given ?? (state as { fields?: Fields }).fields ?? {}
  const things = Object.entries(fields).filter((entry): entry is [string, Thing<unknown>] => 'thing' in entry[1])
  if (things.length === 0)
    throw new Mistake('kernelOver', 'finds no thing of the kernel in the state', 'record({ lock: mutex(…), … })')
  const known = things.map(([name]) => name)
  return Object.fromEntries(
    things.map(([name, of]) => {
      const { parts = [], supplier } = of.options as { readonly parts?: readonly string[]; readonly supplier?: string }
      refuseUnknownFields(of.thing, name, [...parts, ...(supplier === undefined ? [] : [supplier])], known)
      return [name, lookedAt(name, of)]
    }),
  )
}

/** The words of a thing, which look at what they are given. */
function lookedAt(name: string, of: Thing<unknown>): unknown {
  const words = makers[of.thing as Kind](name, of) as Readonly<Record<string, unknown>>
  const taking: Readonly<Record<string, Signature>> = wanted[of.thing as Kind](of.names)
  const looked = Object.entries(taking).map(([word, signature]) => {
    const make = words[word] as (...given: never[]) => unknown
    return [word, looking(`${name}.${word}`, signature, make)] as const
  })
  return { ...words, ...Object.fromEntries(looked) }
}

/** The values of things. */
export type AtRest<F> = {
  -readonly [K in keyof F as F[K] extends Thing<unknown, Kind> ? K : never]: ValueOf<F[K]>
}

/** The things of a state as they are before anybody does anything: free, idle, alive, active; lines are requested, NAPI is disabled. */
export const atRest = <D extends Domain<unknown> & { readonly fields: Fields }>({ fields }: D): AtRest<D['fields']> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, of]) =>
      'thing' in of ? [[name, (of as Thing<unknown>).options.rest ?? least(of.shape)] as const] : [],
    ),
  ) as AtRest<D['fields']>
