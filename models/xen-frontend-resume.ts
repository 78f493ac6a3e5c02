/** The resume of one Xen frontend in a new domain, step by step, against its own watch callback. */

import { bool, env, environment, int, oneOf, optional, over, parameter, record, source, system } from '../src/index.js'
import type { At, Frozen, ValueOf } from '../src/index.js'

const node = oneOf('Initialising', 'Initialised', 'Connected')

export const state = record({
  /** blkfront: `info->connected`; netfront: carrier on or off. */
  connected: oneOf('disconnected', 'suspended', 'connected'),
  /** How often the driver has added its disk or interface to the system; netfront does so when it is probed. */
  added: int(0, 2),
  /** `dev->state`, and the frontend's node in xenstore. */
  cached: node,
  node,
  /** The ring page set up last, numbered; none: torn down. */
  ring: optional(int(0, 3)),
  /** The event channel that the driver would notify: none, one of the domain before, one that the backend can bind. */
  port: oneOf('none', 'old', 'live'),
  backend: record({ node: oneOf('InitWait', 'Connected'), ring: optional(int(0, 3)) }),
  /** The watch on the backend's present path is registered; callbacks of it that are queued. */
  watched: bool(),
  callbacks: int(0, 2),
  /** Repeated notifications that xenstored may still send. */
  repeats: int(0, 1),
  migrations: int(0, 1),
  /** From the first step of the resume to the last of the driver's own. */
  resuming: bool(),
})

export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)

const blkfront = 'drivers/block/xen-blkfront.c'
const probe = 'drivers/xen/xenbus/xenbus_probe.c'

/** `talk_to_blkback`, or the ring set-up of `xennet_connect`: a new ring, a new event channel, both written to the store. */
function setUp(d: State): void {
  d.ring = ((d.ring ?? d.backend.ring ?? -1) + 1) % 4
  d.port = 'live'
}

/** The resume of every device, in the order of `xenbus_dev_resume`. */
const resume = (driver: 'blkfront' | 'netfront') =>
  thread(
    'resume',
    { actor: 'guest', says: 'resume_dev of the xenbus core, with the driver’s resume in it' },
    step('migrate', {
      origin: env('the image goes on in a new domain: new backend, no event channel, new nodes in xenstore'),
      signals: 'guest',
      when: (s) => s.migrations > 0,
      then: (d) => {
        d.migrations--
        d.resuming = true
        if (d.port === 'live') d.port = 'old'
        d.node = 'Initialising'
        d.backend.node = 'InitWait'
        d.backend.ring = null
        d.watched = false
        d.callbacks = 0
      },
    }),
    step('talk_to_otherend', { origin: source(probe, 'talk_to_otherend'), says: 'Reads the path of the new backend.' }),
    step('reset_state', {
      origin: source(probe, 'xenbus_dev_resume'),
      says: 'The cached state starts anew.',
      then: (d) => {
        d.cached = 'Initialising'
      },
    }),
    step('tear_down', {
      origin:
        driver === 'blkfront'
          ? source(blkfront, 'blkif_free')
          : source('drivers/net/xen-netfront.c', 'xennet_disconnect_backend'),
      then: (d) => {
        d.ring = null
        d.port = 'none'
        d.connected = driver === 'blkfront' && d.connected === 'connected' ? 'suspended' : 'disconnected'
        if (driver === 'netfront') d.resuming = false
      },
    }),
    ...(driver === 'netfront'
      ? []
      : [
          step('talk_to_blkback', {
            origin: source(blkfront, 'talk_to_blkback'),
            signals: 'backend',
            then: (d: State) => {
              setUp(d)
              d.cached = 'Initialised'
              d.node = 'Initialised'
              d.resuming = false
            },
          }),
        ]),
    step('watch_otherend', {
      origin: source(probe, 'watch_otherend'),
      says: 'Registers the watch on the new backend’s state; it fires once.',
      then: (d) => {
        d.watched = true
        d.callbacks = 1
      },
    }),
    step('resumed', {
      origin: source(probe, 'xenbus_dev_resume'),
      says: 'The next device’s turn.',
      goto: 'migrate',
    }),
  )

/** What a version of `blkback_changed` does differently. */
interface BlkbackChanged {
  /** Whether InitWait sets up the ring of a device that is being probed. */
  readonly setsUpOnInitWait: boolean
  /** The cached states in which Connected sets up the ring first. */
  readonly setsUpWhen: readonly State['cached'][]
}

const blkbackChanged = ({ setsUpOnInitWait, setsUpWhen }: BlkbackChanged) => ({
  then: (d: State): void => {
    d.callbacks--
    if (d.backend.node === 'InitWait') {
      if (setsUpOnInitWait && d.cached === 'Initialising') initialise(d)
      return
    }
    if (setsUpWhen.includes(d.cached)) initialise(d)
    if (d.connected === 'connected') return
    if (d.connected === 'disconnected') d.added++
    d.connected = 'connected'
    d.cached = 'Connected'
    d.node = 'Connected'
  },
})

function initialise(d: State): void {
  setUp(d)
  d.cached = 'Initialised'
  d.node = 'Initialised'
}

const netbackChanged = (connectsWhen: readonly State['cached'][]) => ({
  then: (d: State): void => {
    d.callbacks--
    if (d.backend.node !== 'InitWait' || !connectsWhen.includes(d.cached)) return
    setUp(d)
    d.connected = 'connected'
    d.cached = 'Connected'
    d.node = 'Connected'
  },
})

const watchCallback = (driver: 'blkfront' | 'netfront', interleaves: boolean) => {
  const when = (s: Frozen<State>, _: unknown, at: At): boolean =>
    s.callbacks > 0 && (interleaves || at('resume', 'migrate'))
  return driver === 'blkfront'
    ? action('blkback_changed', {
        actor: 'xenwatch',
        origin: source(blkfront, 'blkback_changed'),
        signals: 'backend',
        when,
        ...blkbackChanged({ setsUpOnInitWait: true, setsUpWhen: ['Initialising'] }),
      })
    : action('netback_changed', {
        actor: 'xenwatch',
        origin: source('drivers/net/xen-netfront.c', 'netback_changed'),
        signals: 'backend',
        when,
        ...netbackChanged(['Initialising']),
      })
}

/** The states in which the guest may be when it is migrated. */
const starts = {
  connected: { connected: 'connected', added: 1, cached: 'Connected', node: 'Connected', ring: 0, port: 'live' },
  connecting: {
    connected: 'disconnected',
    added: 0,
    cached: 'Initialised',
    node: 'Initialised',
    ring: 0,
    port: 'live',
  },
  probing: {
    connected: 'disconnected',
    added: 0,
    cached: 'Initialising',
    node: 'Initialising',
    ring: null,
    port: 'none',
  },
} as const

const agrees = (s: Frozen<State>): boolean =>
  s.ring !== null && s.backend.ring === s.ring && s.port === 'live' && s.node === 'Connected'

export default model('xen-frontend-resume', {
  question:
    'Does a frontend that resumes in a new domain connect exactly once, whatever its watch callback sees and when?',
  parameters: {
    driver: parameter(oneOf('blkfront', 'netfront'), 'blkfront', 'which frontend'),
    callbacks: parameter(
      oneOf('after resume', 'any time'),
      'after resume',
      'pvops keeps callbacks out, xenlinux does not',
    ),
    start: parameter(oneOf('connected', 'connecting', 'probing'), 'connected', 'where the device stands at first'),
    backend: parameter(oneOf('waits', 'jumps'), 'waits', 'whether the backend says Connected before it sees a ring'),
    repeats: parameter(int(0, 1), 0, 'notifications that xenstored may send twice'),
  },
  actors: {
    guest: system('the thread that resumes the devices'),
    xenwatch: system('the thread that runs watch callbacks'),
    backend: system('blkback or netback'),
    xenstored: environment('the xenstore daemon'),
    user: environment('processes in the guest'),
  },
  initial: ({ driver, start, repeats }) => ({
    ...starts[start],
    ...(driver === 'netfront' && { added: 1 }),
    backend: start === 'connected' ? { node: 'Connected', ring: 0 } : { node: 'InitWait', ring: null },
    watched: true,
    callbacks: start === 'connected' ? 0 : 1,
    repeats,
    migrations: 1,
    resuming: false,
  }),
  parts: ({ driver, callbacks, backend }) => [
    resume(driver),
    watchCallback(driver, callbacks === 'any time'),
    action('connect', {
      actor: 'backend',
      origin: source('drivers/block/xen-blkback/xenbus.c', 'connect_ring'),
      says: 'Maps the ring; once Connected with a ring, it ignores the frontend.',
      signals: 'xenwatch',
      when: (s) =>
        s.backend.ring === null &&
        s.ring !== null &&
        s.port === 'live' &&
        (s.node === 'Connected' || (driver === 'blkfront' && s.node === 'Initialised')) &&
        (!s.watched || s.callbacks < 2),
      then: (d) => {
        d.backend.ring = d.ring
        d.backend.node = 'Connected'
        if (d.watched) d.callbacks++
      },
    }),
    ...(backend === 'waits'
      ? []
      : [
          action('jump_to_connected', {
            actor: 'backend',
            origin: env('a backend that says Connected before it has a ring, or whose InitWait is overtaken'),
            signals: 'xenwatch',
            when: (s) => s.backend.node === 'InitWait' && s.watched && s.callbacks < 2,
            then: (d) => {
              d.backend.node = 'Connected'
              // The value is read when the callback runs: one that was queued for InitWait now sees Connected.
              if (d.callbacks === 0) d.callbacks = 1
            },
          }),
        ]),
    action('repeat', {
      actor: 'xenstored',
      origin: env('a node is written again with the same value, or a watch fires twice'),
      signals: 'xenwatch',
      when: (s) => s.repeats > 0 && s.watched && s.callbacks < 2,
      then: (d) => {
        d.repeats--
        d.callbacks++
      },
    }),
    action('notify_remote_via_irq', {
      actor: 'user',
      origin: source(blkfront, 'flush_requests'),
      says: 'Kicks the backend; an irq that is not bound in this domain drops it.',
      when: (s) => s.connected === 'connected' && s.port === 'live',
    }),
  ],
  patches: [
    patch('before-c31ecf6c126d', {
      kind: 'era',
      says: 'blkfront sets up its ring in probe and resume only; Connected goes straight to connecting.',
      reference: 'c31ecf6c126d (2015)',
      edits: [edit.replace('xenwatch.blkback_changed', blkbackChanged({ setsUpOnInitWait: false, setsUpWhen: [] }))],
    }),
    patch('connected-without-set-up', {
      kind: 'era',
      says: 'blkfront sets up its ring on InitWait, but not on a Connected that overtakes it.',
      reference: 'c31ecf6c126d (2015)',
      edits: [edit.replace('xenwatch.blkback_changed', blkbackChanged({ setsUpOnInitWait: true, setsUpWhen: [] }))],
    }),
    patch('before-efd1535270c1', {
      kind: 'era',
      says: 'Connected sets up the ring anew unless the cached state is just Initialised, even if it is Connected.',
      reference: 'efd1535270c1 (2016)',
      edits: [
        edit.replace(
          'xenwatch.blkback_changed',
          blkbackChanged({ setsUpOnInitWait: true, setsUpWhen: ['Initialising', 'Connected'] }),
        ),
      ],
    }),
    patch('before-b4c7ff25ae', {
      kind: 'era',
      says: 'blkfront knows connected and disconnected only: a resume passes through disconnected.',
      reference: 'xen.git b4c7ff25ae (2005)',
      edits: [
        edit.replace('resume.tear_down', {
          then: (d) => {
            d.ring = null
            d.port = 'none'
            d.connected = 'disconnected'
          },
        }),
        edit.after(
          'resume.talk_to_blkback',
          step('blkif_recover', {
            origin: source(blkfront, 'blkif_recover'),
            then: (d) => {
              d.connected = 'connected'
              d.cached = 'Connected'
              d.node = 'Connected'
            },
          }),
        ),
      ],
    }),
    patch('before-9f640de2b0', {
      kind: 'era',
      says: 'The watch on the new backend is registered before the driver has resumed.',
      reference: 'xen.git 9f640de2b0 (2006)',
      edits: [edit.move('resume.watch_otherend', { before: 'resume.tear_down' })],
    }),
    patch('before-f9eb14bf6a', {
      kind: 'era',
      says: 'The cached state is not reset at resume.',
      reference: 'xen.git f9eb14bf6a (2006)',
      edits: [edit.remove('resume.reset_state')],
    }),
    patch('before-23632743fd', {
      kind: 'era',
      says: 'A device that was still connecting when it was suspended is recovered as if it had been connected.',
      reference: 'xen.git 23632743fd (2006)',
      edits: [
        edit.replace('resume.tear_down', {
          then: (d) => {
            d.ring = null
            d.port = 'none'
            d.connected = 'suspended'
          },
        }),
      ],
    }),
    patch('before-65a186bbcb', {
      kind: 'era',
      says: 'netfront connects on every InitWait it is told of.',
      reference: 'xen.git 65a186bbcb (2006)',
      edits: [edit.replace('xenwatch.netback_changed', netbackChanged(['Initialising', 'Connected']))],
    }),
    patch('before-756af00b03', {
      kind: 'era',
      says: 'The driver notifies the port number that it remembers, whatever domain it is in.',
      reference: 'xen.git 756af00b03 (2005)',
      edits: [
        edit.replace('user.notify_remote_via_irq', {
          says: 'Kicks the port number that it remembers.',
          when: (s) => s.connected === 'connected' && s.port !== 'none',
        }),
      ],
    }),
  ],
  resting: (s, at) => at('resume', 'migrate') && s.migrations === 0 && s.connected === 'connected' && agrees(s),
  abstractions: [
    'One device, one ring, one migration; more rounds start from the state in which this one rests.',
    'A new domain has new xenstore paths: callbacks queued for the old ones come to nothing and are dropped at once.',
    'Requests are left out; that recovery keeps them is the business of xen-pv-guest.',
    'netfront is ready as soon as it has written Connected; the backend follows.',
  ],
})
