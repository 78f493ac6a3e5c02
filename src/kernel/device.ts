/** What a device is reached through: a reset line, and a mailbox to its firmware. Linux 7.3.4, drivers/reset and drivers/mailbox. */

import { bool, oneOf, record } from '../write/domain.js'
import { env, type Action } from '../write/model.js'
import type { Piece } from '../write/piece.js'
import { Field, thing, type Abstracted, type Thing } from './thing.js'
import type { TimeLimit } from './waiting.js'

export type Reset = Thing<'deasserted' | 'asserted', 'reset'>

/** The reset line of a device. */
export const reset = (): Reset => thing('reset', oneOf('deasserted', 'asserted'))

export interface ResetWords {
  readonly field: string
  readonly assert: Piece<unknown>
  readonly deassert: Piece<unknown>
  /** An access to a register of the device. */
  readonly access: Piece<unknown>
}

export function resetWords(name: string, of: Thing<unknown>): ResetWords {
  const field = new Field<string>(name, of)
  const core = (symbol: string): Abstracted => ['drivers/reset/core.c', symbol]
  return {
    field: name,
    assert: field.act('assert', core('reset_control_assert'), { then: (draft) => void (draft[name] = 'asserted') }),
    deassert: field.act('deassert', core('reset_control_deassert'), {
      then: (draft) => void (draft[name] = 'deasserted'),
    }),
    access: field.act('access', ['include/asm-generic/io.h', 'writel'], {}),
  }
}

/** What is known of a mailbox. */
export interface Letters {
  /** A request that is waited for, and whether the firmware has one that nobody waits for any more. */
  asked: boolean
  late: boolean
  answer: 'none' | 'own' | 'stale'
}

export type Mailbox = Thing<Letters, 'mailbox'>

/** A mailbox with one request at a time. */
export const mailbox = (): Mailbox =>
  thing('mailbox', record({ asked: bool(), late: bool(), answer: oneOf('none', 'own', 'stale') }))

/** Nothing was sent. */
export const emptyMailbox: Letters = { asked: false, late: false, answer: 'none' }

export interface MailboxWords {
  readonly field: string
  readonly send: Piece<unknown>
  readonly wait: Piece<unknown>
  waitTimeout(limit: TimeLimit): Piece<unknown>
  /** The firmware answers what came first. */
  answers(actor: string): Action
}

export function mailboxWords(name: string, of: Thing<unknown>): MailboxWords {
  const field = new Field<Letters>(name, of)
  const file = (symbol: string): Abstracted => ['drivers/mailbox/mailbox.c', symbol]
  const answered = ({ answer }: Letters): boolean => answer !== 'none'
  const take = (draft: Record<string, Letters>): void => {
    const box = draft[name]!
    // The answer to an earlier request is taken for that to this one, whose own is late now.
    if (box.answer === 'stale' && box.asked) {
      box.asked = false
      box.late = true
    }
    box.answer = 'none'
  }
  return {
    field: name,
    send: field.act('send', file('mbox_send_message'), {
      then: (draft) => void (draft[name]!.asked = true),
      with: 'sleeps',
    }),
    wait: field.act('wait', ['kernel/sched/completion.c', 'wait_for_completion'], {
      when: answered,
      then: take,
      with: 'sleeps',
    }),
    waitTimeout: (limit) =>
      field.act('wait', ['kernel/sched/completion.c', 'wait_for_completion_timeout'], {
        either: {
          answered: { when: answered, then: take },
          timed_out: {
            when: (box) => !answered(box),
            then: (draft) => {
              draft[name]!.asked = false
              draft[name]!.late = true
            },
            goto: limit.goto,
            ...(!limit.short && { lastResort: true as const }),
          },
        },
        with: 'sleeps',
      }),
    answers: (actor) => ({
      kind: 'action',
      name: `answer:${name}`,
      declared: {
        actor,
        origin: env('the firmware answers'),
        when: (state: unknown) => {
          const box = (state as Record<string, Letters>)[name]!
          return (box.asked || box.late) && box.answer === 'none'
        },
        then: (draft: unknown) => {
          const box = (draft as Record<string, Letters>)[name]!
          box.answer = box.late ? 'stale' : 'own'
          if (box.late) box.late = false
          else box.asked = false
        },
      },
    }),
  }
}
