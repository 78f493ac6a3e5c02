/** What a monitor of virtual machines in user space is made of: threads that are joined, barriers, kicks that can be lost. */

import { bool, each, record, type Domain } from '../write/domain.js'
import { piece, type Piece } from '../write/piece.js'
import { Field, thing, together, type Abstracted, type Thing } from './thing.js'
import { looking } from '../write/word.js'
import { optionsOf } from './takes.js'

/** Waits until a thread has come to its end: pthread_join(3). */
export const join = (thread: string): Piece<unknown> =>
  piece(({ from }) => [
    {
      name: `join:${thread}`,
      declared: {
        origin: from ?? { kind: 'source', file: 'pthread_join(3)', symbol: 'pthread_join' },
        when: (_state, _args, at) => at(thread, 'end'),
      },
      act: { thing: 'thread', field: thread, does: 'wait', with: 'sleeps' },
    },
  ])

export type Barrier<N extends string> = Thing<{ [K in N]: boolean }, 'barrier', N>

/** A barrier that lets these threads pass when all of them have come. */
export const barrier = <const N extends string>(...threads: readonly N[]): Barrier<N> =>
  thing('barrier', each(threads, bool()) as unknown as Domain<{ [K in N]: boolean }>, threads)

export interface BarrierWords {
  readonly field: string
  /** Two steps: it has come, and all have. */
  readonly wait: Piece<unknown>
}

export function barrierWords(name: string, of: Thing<unknown>): BarrierWords {
  const field = new Field<Record<string, boolean>>(name, of)
  const pthread: Abstracted = ['pthread_barrier_wait(3)', 'pthread_barrier_wait']
  return {
    field: name,
    wait: together(
      field.owned('come', pthread, {
        then: (draft, who) => {
          const come = draft[name]!
          come[who] = true
          for (const one in come) if (!come[one]) return
          for (const one in come) come[one] = false
        },
        with: 'sleeps',
      }),
      field.owned('wait', pthread, {
        named: 'pthread_barrier_passed',
        when: (come, who) => !come[who],
        with: 'sleeps',
      }),
    ),
  }
}

/** What is known of a thread that runs a virtual CPU. */
export interface Inside {
  inside: boolean
  kicked: boolean
}

export type Kick = Thing<Inside, 'kick'>

/** The kick of a virtual CPU; `latched`: one that comes before KVM_RUN ends that at once (KVM's immediate_exit). */
export const kick = looking('kick', optionsOf.kick, ({ latched = false }: { readonly latched?: boolean } = {}): Kick =>
  thing('kick', record({ inside: bool(), kicked: bool() }), [], { latched }),
)

export interface KickWords {
  readonly field: string
  /** Two steps: in the guest, and out again after a kick. */
  readonly run: Piece<unknown>
  /** A signal; outside of the guest it is lost, unless it is latched. */
  readonly kick: Piece<unknown>
  /** A kick before this is forgotten. */
  readonly clear: Piece<unknown>
}

export function kickWords(name: string, of: Thing<unknown>): KickWords {
  const field = new Field<Inside>(name, of)
  const kvm = (symbol: string): Abstracted => ['virt/kvm/kvm_main.c', symbol]
  const isLatched = of.options.latched === true
  return {
    field: name,
    run: together(
      field.act('enter', kvm('kvm_vcpu_ioctl'), {
        named: 'KVM_RUN',
        then: (draft) => void (draft[name]!.inside = true),
      }),
      field.act('wait', kvm('kvm_vcpu_ioctl'), {
        named: 'KVM_EXIT_INTR',
        when: ({ kicked }) => kicked,
        then: (draft) => {
          draft[name]!.inside = false
          draft[name]!.kicked = false
        },
        with: 'sleeps',
      }),
    ),
    kick: field.act('kick', ['pthread_kill(3)', 'pthread_kill'], {
      then: (draft) => {
        if (draft[name]!.inside || isLatched) draft[name]!.kicked = true
      },
    }),
    clear: field.act('clear', kvm('kvm_vcpu_ioctl'), {
      named: 'immediate_exit_cleared',
      then: (draft) => void (draft[name]!.kicked = false),
    }),
  }
}
