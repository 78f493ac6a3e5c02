/** Interrupt lines: requested, disabled by depth, handled hard and in a thread, armed for wake-up. Linux 7.3.4, kernel/irq/manage.c. */

import { bool, int, record } from '../write/domain.js'
import type { Action, Thread } from '../write/model.js'
import { env } from '../write/model.js'
import type { Piece, Placeable } from '../write/piece.js'
import { handling, type Handler } from './handler.js'
import { Field, thing, together, type Abstracted, type Thing } from './thing.js'
import { looking } from '../write/word.js'
import { optionsOf } from './takes.js'

/** What is known of an interrupt line with one action. */
export interface Line {
  requested: boolean
  depth: number
  /** The device has raised it, and no handler has seen that. */
  pending: boolean
  /** The hard handler runs. */
  hard: boolean
  /** The thread is woken, and has not begun. */
  woken: boolean
  /** The thread handles. */
  threaded: boolean
  wake: number
}

export type Irq = Thing<Line, 'irq'>

/** A line that is requested and quiet. */
export const quietIrq: Line = {
  requested: true,
  depth: 0,
  pending: false,
  hard: false,
  woken: false,
  threaded: false,
  wake: 0,
}

/** An interrupt line, disabled up to `depth` times. */
export const irq = looking(
  'irq',
  optionsOf.irq,
  ({ depth = 2, wake = 1 }: { readonly depth?: number; readonly wake?: number } = {}): Irq =>
    thing(
      'irq',
      record({
        requested: bool(),
        depth: int(0, depth),
        pending: bool(),
        hard: bool(),
        woken: bool(),
        threaded: bool(),
        wake: int(0, wake),
      }),
      [],
      { rest: quietIrq },
    ),
)

export interface IrqWords<S> {
  readonly field: string
  readonly request: Piece<unknown>
  /** Two steps: no new handler, and none that runs. */
  readonly free: Piece<unknown>
  readonly disableNosync: Piece<unknown>
  /** Two steps: counted, and no handler that runs. */
  readonly disable: Piece<unknown>
  readonly enable: Piece<unknown>
  readonly synchronize: Piece<unknown>
  readonly enableWake: Piece<unknown>
  readonly disableWake: Piece<unknown>
  /** In the hard handler: IRQ_WAKE_THREAD. */
  readonly wakeThread: Piece<unknown>
  /** The device raises the line, whenever `when` says so. */
  raised(actor: string, when?: (state: S) => boolean): Action
  /** The hard handler. */
  handler(head: Handler & { readonly name: string }, ...steps: readonly Placeable<S>[]): Thread
  /** The thread of a threaded handler; `alone`: without a hard handler, the line itself wakes it. */
  thread(head: Handler & { readonly name: string; readonly alone?: boolean }, ...steps: readonly Placeable<S>[]): Thread
}

const manage = (symbol: string): Abstracted => ['kernel/irq/manage.c', symbol]

const isQuiet = ({ hard, woken, threaded }: Line): boolean => !hard && !woken && !threaded
/** IRQF_ONESHOT: the line stays masked until the thread is done. */
const fires = (line: Line): boolean => line.requested && line.depth === 0 && line.pending && isQuiet(line)

type Draft = Record<string, Line>

export function irqWords<S>(name: string, of: Thing<unknown>): IrqWords<S> {
  const field = new Field<Line>(name, of)
  const deeper = (draft: Draft): void => void draft[name]!.depth++
  const waits = (named: string): Piece<unknown> =>
    field.act('wait', manage('__synchronize_irq'), { named, when: isQuiet, with: 'sleeps' })
  return {
    field: name,
    ...depths(field, deeper, waits),
    ...wakes(field),
    wakeThread: field.act('wakeThread', ['kernel/irq/handle.c', '__irq_wake_thread'], {
      then: (draft) => void (draft[name]!.woken = true),
    }),
    raised: (actor, when) => ({
      kind: 'action',
      name: `raise:${name}`,
      declared: {
        actor,
        origin: env('the device raises its line'),
        ...(when && { when: (state: unknown) => when(state as S) }),
        then: (draft: unknown) => void ((draft as Draft)[name]!.pending = true),
      },
    }),
    handler: (head, ...steps) => hardHandler(field, head, steps),
    thread: (head, ...steps) => handlerThread(field, head, steps),
  }
}

function depths(field: Field<Line>, deeper: (draft: Draft) => void, waits: (named: string) => Piece<unknown>) {
  const { field: name } = field
  return {
    request: field.act('request', manage('request_threaded_irq'), {
      then: (draft) => {
        draft[name]!.requested = true
        draft[name]!.depth = 0
      },
    }),
    free: together(
      field.act('free', manage('free_irq'), {
        then: (draft) => void (draft[name]!.requested = false),
        with: 'sleeps',
      }),
      waits('free_irq_wait'),
    ),
    disableNosync: field.act('disable', manage('disable_irq_nosync'), { then: deeper }),
    disable: together(
      field.act('disable', manage('disable_irq'), { then: deeper, with: 'sleeps' }),
      waits('disable_irq_wait'),
    ),
    enable: field.act('enable', manage('enable_irq'), {
      then: (draft) => {
        if (draft[name]!.depth > 0) draft[name]!.depth--
      },
    }),
    synchronize: waits('synchronize_irq'),
  }
}

function wakes(field: Field<Line>) {
  const { field: name } = field
  return {
    enableWake: field.act('armWake', manage('irq_set_irq_wake'), {
      named: 'enable_irq_wake',
      then: (draft) => void draft[name]!.wake++,
    }),
    disableWake: field.act('disarmWake', manage('irq_set_irq_wake'), {
      named: 'disable_irq_wake',
      then: (draft) => {
        if (draft[name]!.wake > 0) draft[name]!.wake--
      },
    }),
  }
}

function hardHandler(
  field: Field<Line>,
  head: Handler & { readonly name: string },
  steps: readonly Placeable<never>[],
): Thread {
  const { field: name } = field
  const handle: Abstracted = ['kernel/irq/handle.c', 'handle_irq_event']
  const begin = {
    when: fires,
    then: (draft: Draft): void => {
      draft[name]!.pending = false
      draft[name]!.hard = true
    },
    with: 'hard',
  }
  const end = {
    named: 'handler_done',
    then: (draft: Draft): void => void (draft[name]!.hard = false),
    with: 'hard',
  }
  return handling(field, head.name, head, { begin: [handle, begin], end: [handle, end] }, steps)
}

function handlerThread(
  field: Field<Line>,
  head: Handler & { readonly name: string; readonly alone?: boolean },
  steps: readonly Placeable<never>[],
): Thread {
  const { field: name } = field
  const { alone = false } = head
  const begin = {
    when: (line: Line) => !line.threaded && (alone ? fires(line) : line.woken),
    then: (draft: Draft): void => {
      if (alone) draft[name]!.pending = false
      draft[name]!.woken = false
      draft[name]!.threaded = true
    },
  }
  const end = {
    named: 'wake_threads_waitq',
    then: (draft: Draft): void => void (draft[name]!.threaded = false),
  }
  const run = manage('irq_thread')
  return handling(field, head.name, head, { begin: [run, begin], end: [run, end] }, steps)
}
