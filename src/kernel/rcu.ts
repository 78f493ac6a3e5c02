/** Grace periods, of RCU and SRCU, and notifier chains. Linux 7.3.4, kernel/rcu and kernel/notifier.c. */

import { bool, each, oneOf, record, type Domain } from '../write/domain.js'
import { piece, stepsAt, type Piece, type Placeable } from '../write/piece.js'
import { Field, thing, together, type Abstracted, type Thing } from './thing.js'

/** `old`: in a read-side section since before a grace period began. */
type Reading = 'out' | 'in' | 'old'

export type Rcu<N extends string> = Thing<{ [K in N]: Reading }, 'rcu', N>

/** The read-side sections of these threads: of RCU, or of one SRCU domain. */
export const rcu = <const N extends string>(...readers: readonly N[]): Rcu<N> =>
  thing('rcu', each(readers, oneOf('out', 'in', 'old')) as unknown as Domain<{ [K in N]: Reading }>, readers, {
    srcu: false,
  })

/** The same for sleepable readers. */
export const srcu = <const N extends string>(...readers: readonly N[]): Rcu<N> => ({
  ...rcu(...readers),
  options: { srcu: true },
})

export interface RcuWords {
  readonly field: string
  readonly readLock: Piece<unknown>
  readonly readUnlock: Piece<unknown>
  /** Two steps: who reads now is noted, and is out. */
  readonly synchronize: Piece<unknown>
}

export function rcuWords(name: string, of: Thing<unknown>): RcuWords {
  type V = Record<string, Reading>
  const field = new Field<V>(name, of)
  const isSrcu = of.options.srcu === true
  const called = (plain: string, sleepable: string): Abstracted =>
    isSrcu ? ['kernel/rcu/srcutree.c', sleepable] : ['kernel/rcu/tree.c', plain]
  return {
    field: name,
    readLock: field.owned('read', called('rcu_read_lock', 'srcu_read_lock'), {
      then: (draft, who) => {
        if (draft[name]![who] === 'out') draft[name]![who] = 'in'
      },
    }),
    readUnlock: field.owned('unread', called('rcu_read_unlock', 'srcu_read_unlock'), {
      then: (draft, who) => void (draft[name]![who] = 'out'),
    }),
    synchronize: together(
      field.act('note', called('synchronize_rcu', 'synchronize_srcu'), {
        then: (draft) => {
          for (const reader in draft[name]) if (draft[name][reader] === 'in') draft[name][reader] = 'old'
        },
        with: 'sleeps',
      }),
      field.act('wait', called('wait_rcu_gp', '__synchronize_srcu'), {
        when: (readers) => {
          for (const reader in readers) if (readers[reader] === 'old') return false
          return true
        },
        with: 'sleeps',
      }),
    ),
  }
}

interface Chain<N extends string> {
  registered: { [K in N]: boolean }
  calling: boolean
}

export type Notifier<N extends string> = Thing<Chain<N>, 'notifier', N>

/** A blocking notifier chain of these blocks, called in this order by one thread at a time. */
export const notifier = <const N extends string>(...blocks: readonly N[]): Notifier<N> =>
  thing(
    'notifier',
    record({ registered: each(blocks, bool()), calling: bool() }) as unknown as Domain<Chain<N>>,
    blocks,
  )

export interface NotifierWords<S, N extends string> {
  readonly field: string
  /** Both wait until the chain is not being called. */
  register(block: N): Piece<unknown>
  unregister(block: N): Piece<unknown>
  /** The steps of each block that is registered, in the order of the chain. */
  call(blocks: Readonly<Record<N, readonly Placeable<S>[]>>): Piece<unknown>
}

export function notifierWords<S, N extends string>(name: string, of: Thing<unknown>): NotifierWords<S, N> {
  type V = Omit<Chain<string>, 'registered'> & { readonly registered: Record<string, boolean> }
  const field = new Field<V>(name, of)
  const file = (symbol: string): Abstracted => ['kernel/notifier.c', symbol]
  const changing = (symbol: string, block: string, registered: boolean): Piece<unknown> =>
    field.act('change', file(symbol), {
      named: `${symbol}:${block}`,
      when: ({ calling }) => !calling,
      then: (draft) => void (draft[name]!.registered[block] = registered),
      with: 'sleeps',
    })
  const begin = field.act('call', file('blocking_notifier_call_chain'), {
    when: ({ calling }) => !calling,
    then: (draft) => void (draft[name]!.calling = true),
    with: 'sleeps',
  })
  const end = field.act('called', file('blocking_notifier_call_chain'), {
    named: 'call_chain_done',
    then: (draft) => void (draft[name]!.calling = false),
  })
  return {
    field: name,
    register: (block) => changing('blocking_notifier_chain_register', block, true),
    unregister: (block) => changing('blocking_notifier_chain_unregister', block, false),
    call: (blocks) =>
      piece((put) => {
        const order = Object.keys(blocks) as N[]
        const asks = (block: string): string => `notifier_call:${block}:${name}`
        const next = (i: number): string => (i < order.length ? asks(order[i]!) : `call_chain_done:${name}`)
        const bodies = order.flatMap((block, i) => [
          field.step(put, 'notify', file('notifier_call_chain'), {
            named: `notifier_call:${block}`,
            either: {
              registered: { when: ({ registered }) => registered[block]! },
              not: { when: ({ registered }) => !registered[block], goto: next(i + 1) },
            },
          }),
          ...stepsAt(put, blocks[block] as never),
        ])
        return [...begin(put), ...bodies, ...end(put)]
      }),
  }
}
