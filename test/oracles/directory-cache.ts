/**
 * A directory-based cache-coherence protocol on a network that keeps no order: one home with its directory, two
 * processors that are the nodes 0 and 1, one line, one value. The home is node 0 as well.
 */

import {
  array,
  env,
  environment,
  int,
  list,
  oneOf,
  over,
  propertiesOver,
  record,
  system,
  type ValueOf,
} from '../../src/index.js'
import { upTo, type Oracle } from './oracle.js'

const node = int(0, 1)
const toHome = [
  'read',
  'read-exclusive',
  'promote',
  'uncache',
  'write-back',
  'update',
  'invalidated',
  'forwarded-exclusive',
] as const
const toProcessor = [
  'data',
  'invalidate',
  'uncached',
  'written-back',
  'forward-read',
  'forward-exclusive',
  'promoted',
] as const

const state = record({
  processor: array(
    2,
    record({
      line: oneOf('invalid', 'shared', 'master'),
      waits: oneOf('no', 'read', 'read-exclusive', 'promote', 'write-back', 'uncache'),
    }),
  ),
  directory: record({
    is: oneOf('nowhere', 'shared', 'master', 'wait-invalidated', 'wait-update', 'wait-written'),
    holders: list(2, node),
    pending: int(0, 1),
  }),
  /** `about`: for whom a forwarded request was made. */
  net: list(5, record({ is: oneOf(...toHome, ...toProcessor), from: node, to: node, about: node })),
})

type State = ValueOf<typeof state>
type Message = State['net'][number]

const { model, action } = over(state)
const { always } = propertiesOver(state)
const origin = env('the protocol')
const home = 0

const send = (d: State, is: Message['is'], to: number, from: number, about = 0): void =>
  void d.net.push({ is, from, to, about })

function refuse(what: string): never {
  throw new Error(`${what} was not foreseen`)
}

/** What a processor does with a message; false if it leaves it where it is. */
function atProcessor(d: State, { is, from, to, about }: Message): boolean {
  const me = d.processor[to]!
  const settle = (line: typeof me.line): true => {
    me.waits = 'no'
    me.line = line
    return true
  }
  switch (is) {
    case 'data':
      if (me.waits === 'read') return settle('shared')
      return me.waits === 'read-exclusive' ? settle('master') : refuse('data')
    case 'invalidate':
      if (me.line === 'master' || me.waits === 'write-back') return refuse('an invalidation')
      me.line = 'invalid'
      if (me.waits === 'read') return false
      if (me.waits === 'no') send(d, 'invalidated', from, to)
      return settle('invalid')
    case 'forward-read':
      if (me.waits === 'read-exclusive' || me.waits === 'promote') return false
      send(d, 'data', about, to, from)
      if (me.waits === 'write-back') return settle('invalid')
      if (me.waits !== 'no') return refuse('a forwarded read')
      send(d, 'update', from, to)
      return settle('shared')
    case 'forward-exclusive':
      if (me.waits === 'read-exclusive' || me.waits === 'promote') return false
      if (me.waits === 'no' ? me.line !== 'master' : me.waits !== 'write-back') return refuse('a forwarded request')
      send(d, 'data', about, to, from)
      if (me.waits === 'no') send(d, 'forwarded-exclusive', from, to)
      return settle('invalid')
    case 'promoted':
      return me.waits === 'promote' ? settle('master') : refuse('a promotion')
    case 'uncached':
      return me.waits === 'uncache' ? settle('invalid') : refuse('an uncaching')
    case 'written-back':
      return me.waits === 'write-back' ? settle('invalid') : refuse('a write-back')
    default:
      return false
  }
}

function oneInvalidated({ directory }: State): true {
  if (directory.pending === 0) return refuse('an acknowledgement')
  directory.pending--
  if (directory.is !== 'wait-invalidated') return refuse('an acknowledgement')
  directory.is = 'master'
  return true
}

function forget({ directory }: State, holder: number): void {
  directory.holders = directory.holders.filter((one) => one !== holder)
  if (directory.holders.length === 0) directory.is = 'nowhere'
}

/** What the home does with a message; false if it leaves it where it is. */
function atHome(d: State, message: Message): boolean {
  const { directory } = d
  const { is, from } = message
  switch (is) {
    case 'read':
      return readAtHome(d, from)
    case 'read-exclusive':
      return readExclusiveAtHome(d, from)
    case 'promote':
      return promoteAtHome(d, from)
    case 'write-back':
      return writeBackAtHome(d, from)
    case 'update':
      if (directory.is !== 'wait-update') return refuse('an update')
      directory.is = 'shared'
      return true
    case 'uncache':
      if (directory.is === 'wait-invalidated') return oneInvalidated(d)
      if (directory.is === 'wait-update') return false
      if (directory.is !== 'shared') return refuse('an uncaching')
      forget(d, from)
      send(d, 'uncached', from, home)
      return true
    case 'forwarded-exclusive':
      if (directory.is !== 'wait-written') return refuse('an acknowledgement')
      directory.is = 'master'
      return true
    case 'invalidated':
      return oneInvalidated(d)
    default:
      return refuse(is)
  }
}

function readAtHome(d: State, from: number): boolean {
  const { directory } = d
  if (directory.is.startsWith('wait')) return false
  if (directory.is === 'master') {
    send(d, 'forward-read', directory.holders[0]!, home, from)
    directory.is = 'wait-update'
  } else {
    directory.is = 'shared'
    send(d, 'data', from, home, home)
  }
  directory.holders.push(from)
  return true
}

function readExclusiveAtHome(d: State, from: number): boolean {
  const { directory } = d
  if (directory.is.startsWith('wait')) return false
  if (directory.is === 'master') {
    send(d, 'forward-exclusive', directory.holders[0]!, home, from)
    directory.is = 'wait-written'
  } else {
    directory.holders.forEach((holder) => send(d, 'invalidate', holder, home))
    send(d, 'data', from, home, home)
    directory.pending = directory.holders.length
    directory.is = directory.is === 'nowhere' ? 'master' : 'wait-invalidated'
  }
  directory.holders = [from]
  return true
}

function promoteAtHome(d: State, from: number): boolean {
  const { directory } = d
  if (directory.is === 'wait-update') return false
  if (directory.is === 'wait-invalidated' || directory.is === 'master') return oneInvalidated(d)
  if (directory.is !== 'shared') return refuse('a promotion')
  const others = directory.holders.filter((holder) => holder !== from)
  if (directory.holders.length === 1) directory.is = 'master'
  else {
    others.forEach((holder) => send(d, 'invalidate', holder, home))
    directory.pending = others.length
    directory.holders = [from]
    directory.is = 'wait-invalidated'
  }
  send(d, 'promoted', from, home)
  return true
}

function writeBackAtHome(d: State, from: number): boolean {
  const { directory } = d
  const isNew = directory.holders[0] === from
  switch (directory.is) {
    case 'master':
      forget(d, from)
      send(d, 'written-back', from, home)
      return true
    case 'wait-written':
      if (!isNew) directory.is = 'master'
      return !isNew
    case 'wait-update':
      forget(d, from)
      directory.is = 'shared'
      return true
    case 'wait-invalidated':
      return !isNew && oneInvalidated(d)
    default:
      return refuse('a write-back')
  }
}

/** A request that a processor makes of itself while the network has room for the answers. */
const request = (is: 'read' | 'read-exclusive' | 'promote' | 'uncache' | 'write-back', line: string) =>
  action(is, {
    actor: 'processor',
    origin,
    for: { i: [0, 1] },
    when: (s, { i }) => s.processor[i]!.line === line && s.processor[i]!.waits === 'no' && s.net.length <= 2,
    then: (d, { i }) => {
      d.processor[i]!.waits = is
      send(d, is, home, i)
    },
  })

const cache = model('directory-cache', {
  question: 'Is there never a second copy beside a master copy?',
  actors: {
    processor: system('reads, writes and replaces its line'),
    home: system('keeps the directory'),
    program: environment('writes to a line'),
  },
  initial: () => ({
    processor: upTo(2).map(() => ({ line: 'invalid' as const, waits: 'no' as const })),
    directory: { is: 'nowhere' as const, holders: [], pending: 0 },
    net: [],
  }),
  parts: () => [
    request('read', 'invalid'),
    request('read-exclusive', 'invalid'),
    request('promote', 'shared'),
    request('uncache', 'shared'),
    request('write-back', 'master'),
    // There is one value only, so a write changes nothing.
    action('write', {
      actor: 'program',
      origin,
      for: { i: [0, 1] },
      when: (s, { i }) => s.processor[i]!.line === 'master' && s.processor[i]!.waits === 'no',
    }),
    // The original offers every message to its processor, whoever it is meant for.
    action('receive', {
      actor: 'processor',
      origin,
      for: { at: upTo(5) },
      when: (s, { at }) => at < s.net.length,
      then: (d, { at }) => {
        if (atProcessor(d, { ...d.net[at]! })) d.net.splice(at, 1)
      },
    }),
    action('receive', {
      actor: 'home',
      origin,
      for: { at: upTo(5) },
      when: (s, { at }) => at < s.net.length && toHome.some((is) => is === s.net[at]!.is),
      then: (d, { at }) => {
        if (atHome(d, { ...d.net[at]! })) d.net.splice(at, 1)
      },
    }),
  ],
})

export const oracles: readonly Oracle[] = [
  {
    name: 'Directory cache, 2 processors',
    source: 'Murphi ex/others/cache3.m with one value, re-run with Rumur: 577 states, 2,440 rules fired',
    model: cache,
    properties: [
      always('one-master', 'While one has the master copy, nobody else has a valid copy that is not on its way out.', {
        when: (s) => s.processor.some(({ line, waits }) => line === 'master' && waits !== 'write-back'),
        holds: (s) =>
          upTo(2).every((i) => {
            const [me, other] = [s.processor[i]!, s.processor[1 - i]!]
            if (me.line !== 'master' || me.waits === 'write-back') return true
            if (other.line === 'master') return other.waits === 'write-back'
            const told = s.net.some(({ is, to }) => is === 'invalidate' && to === 1 - i)
            return other.line === 'invalid' || other.waits === 'uncache' || told
          }),
      }),
      always('directory', 'What is nowhere has no holder.', {
        when: (s) => s.directory.is === 'nowhere',
        holds: (s) => s.directory.holders.length === 0,
      }),
    ],
    states: 577,
    transitions: 2440,
    verdicts: { 'no-deadlock': 'holds', 'in-domain': 'holds', 'one-master': 'holds', directory: 'holds' },
  },
]
