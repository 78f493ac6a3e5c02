/** What the words of things take, so that a misspelt key or name is a mistake where it is written, as in all other words. */

import { code, flag, number, sentence, step, text, type Signature } from '../write/declaration.js'
import { Mistake, suggestion } from '../write/mistake.js'
import { keyed, listOf, maybe, type Want } from '../write/want.js'

/** What is known of a thing when its words are made: the names that it was declared with. */
type Names = readonly string[]

const takes = (...given: Signature['takes']): Signature => ({ takes: given })
const named = (names: Names): Want => ({
  says: 'one of its names',
  look: (given, where) => {
    text.look(given, where)
    if (!names.includes(given as string))
      throw where.mistake(`'${given as string}' is not known`, suggestion(given as string, names))
  },
})

const goes = keyed('where it goes', { goto: text }, `{ goto: 'label' }`)
const elsewhere = takes(['where else', goes])
const limit = keyed('a time limit', { goto: text, short: maybe(flag) }, `{ goto: 'label' }`)
const predicate = code('(state) => boolean')
const queue = keyed('a workqueue', {
  field: text,
  freeze: step,
  thaw: step,
  flush: step,
  lets: code('(queue) => boolean'),
})
const head = { actor: text, name: text, says: maybe(sentence) }
const callback = (keys: Readonly<Record<string, Want>> = head): Signature => ({
  takes: [['head', keyed('the head of a callback', keys, `{ actor: 'name', name: 'thread' }`)]],
  rest: step,
})
const steps: Signature = { takes: [], rest: step }
const list = listOf('a list of steps', step)

/** By kind of thing: what each of its words takes that are functions. */
export const wordsTake = {
  mutex: () => ({
    trylock: elsewhere,
    lockInterruptible: takes([
      'where else',
      keyed('where it goes', { goto: text, signal: maybe(predicate) }, `{ goto: 'label' }`),
    ]),
  }),
  recursiveMutex: () => ({}),
  rwsem: () => ({ tryRead: elsewhere, tryWrite: elsewhere }),
  spinlock: () => ({ trylock: elsewhere }),
  localIrq: () => ({}),
  work: (names: Names) => ({
    init: takes(['function', named(names)]),
    worker: {
      takes: [
        ['function', named(names)],
        [
          'head',
          keyed('the head of a callback', { ...head, name: maybe(text), on: maybe(queue) }, `{ actor: 'name' }`),
        ],
      ],
      rest: step,
    },
  }),
  workqueue: () => ({}),
  timer: () => ({ handler: callback() }),
  tasklet: () => ({ handler: callback() }),
  napi: () => ({ poll: callback() }),
  irq: () => ({
    raised: takes(['actor', text], ['condition', maybe(predicate)]),
    handler: callback(),
    thread: callback({ ...head, alone: maybe(flag) }),
  }),
  completion: () => ({ waitTimeout: takes(['limit', limit]) }),
  waitqueue: () => ({
    wait: takes(['condition', predicate]),
    waitTimeout: takes(['condition', predicate], ['limit', limit]),
  }),
  kthread: () => ({ shouldStop: elsewhere }),
  freezer: () => ({ freezeTimeout: takes(['limit', limit]) }),
  runtimePM: () => ({
    getSync: steps,
    putSync: steps,
    forceSuspend: steps,
    forceResume: steps,
    worker: takes(
      ['head', keyed('the head of a callback', { ...head, on: maybe(queue) }, `{ actor: 'name', name: 'thread' }`)],
      ['callbacks', maybe(keyed('callbacks', { suspend: maybe(list), resume: maybe(list) }))],
    ),
  }),
  deviceLink: () => ({}),
  refcount: () => ({ getUnlessZero: elsewhere, put: steps }),
  lifetime: () => ({}),
  rcu: () => ({}),
  notifier: (names: Names) => ({
    register: takes(['block', named(names)]),
    unregister: takes(['block', named(names)]),
    call: takes(['steps', keyed('the steps of each block', Object.fromEntries(names.map((name) => [name, list])))]),
  }),
  wakeup: () => ({ saveCount: elsewhere, pending: elsewhere }),
  reset: () => ({}),
  mailbox: () => ({ waitTimeout: takes(['limit', limit]), answers: takes(['actor', text]) }),
  barrier: () => ({}),
  kick: () => ({}),
  local: () => ({
    assign: takes(['value', code('(state) => value')]),
    check: takes(['test', code('(value) => boolean')], ['where else', goes]),
  }),
  retries: () => ({ until: takes(['condition', predicate], ['where else', goes]) }),
} as const satisfies Readonly<Record<string, (names: Names) => Readonly<Record<string, Signature>>>>

/** What things are declared with beside names. */
export const optionsOf = {
  irq: takes(['limits', maybe(keyed('limits', { depth: maybe(number), wake: maybe(number) }))]),
  workqueue: takes([
    'options',
    maybe(keyed('options', { freezable: maybe(flag), ordered: maybe(flag), items: maybe(number) })),
  ]),
  runtimePM: takes(['limits', maybe(keyed('limits', { usage: maybe(number), disabled: maybe(number) }))]),
  kick: takes(['options', maybe(keyed('options', { latched: maybe(flag) }))]),
} as const

/** @throws Mistake if a thing names fields, as its parts or as its supplier, that are no things of the state. */
export function refuseUnknownFields(
  thing: string,
  field: string,
  named: readonly string[],
  known: readonly string[],
): void {
  for (const one of named)
    if (!known.includes(one))
      throw new Mistake(
        `kernelOver, ${field}: ${thing}`,
        `there is no thing '${one}' in the state`,
        suggestion(one, known),
      )
}
