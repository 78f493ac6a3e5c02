/** The state of the Xen PV guest protocol: toolstack, hypervisor, xenstore, guest, two frontends and their backends. */

import { array, bool, each, int, oneOf, optional, over, record, type Frozen, type ValueOf } from '../../src/index.js'

/** The frontends, in the order in which the PM core registered them and resumes them. */
export const devices = ['vbd', 'vif'] as const

/** A frontend's name. */
export type DeviceName = (typeof devices)[number]

/** Ring pages a frontend can tell apart: two to alternate between, and two that may have leaked. */
const rings = 4

const ring = optional(int(0, rings - 1))

/** `enum xenbus_state`, without the two that only closing passes through on the way to Closed. */
const frontendNode = oneOf('Initialising', 'Initialised', 'Connected', 'Closed')

/**
 * `mapped by backend`: the entry is in use (GTF_reading, GTF_writing). Ended all the same, it is kept, put on the deferred
 * list, or its page is given back, and the backend goes on using it until it lets go.
 */
const grant = oneOf(
  'free',
  'granted',
  'mapped by backend',
  'leaked, still mapped',
  'deferred, still mapped',
  'freed, still mapped',
  'leaked',
  'deferred',
)

/** A frontend and its backend. */
export const device = record({
  /** What the PM core believes of it. */
  pm: oneOf('on', 'suspended'),
  /** blkfront: `info->connected`; netfront: carrier on or off. */
  connected: oneOf('connected', 'suspended', 'disconnected'),
  /** The shared ring page it uses; netfront's two (tx, rx) are one here. */
  ring,
  /** Its event channel and the backend's are peers. */
  linked: bool(),
  /** The frontend's `state` node in xenstore, and `dev->state`, its copy in guest memory. */
  node: frontendNode,
  cached: frontendNode,
  /** Per ring page: its entry in the guest's grant table, and what became of the page. */
  grants: array(rings, grant),
  /** `dev->otherend` is where the backend's nodes are; not so in a new domain until the driver's resume reads it anew. */
  otherendKnown: bool(),
  /** A callback of the watch on the backend's state is queued for xenwatch. */
  watch: bool(),
  /** How far a reconnect that asks the backend first has come (only with the handshake patches). */
  handshake: oneOf('idle', 'close', 'initialise', 'reconnect'),
  backend: record({
    /** The backend's `state` node in xenstore. */
    node: oneOf('InitWait', 'Connected', 'Closed'),
    /** The frontend's ring page that it has mapped. */
    ring,
  }),
})

const request = record({
  /** blkfront's shadow copy: not submitted, on the frontend's ring, to be put on a new ring, completed, forgotten. */
  shadow: oneOf('idle', 'queued', 'requeue', 'done', 'lost'),
  /** The request on the ring that the backend has mapped. `taken`: its data grant is mapped, so in use. */
  slot: oneOf('empty', 'request', 'taken', 'response'),
  /** How often the backend carried it out on the disk. */
  executed: int(0, 4),
  /** The request's grant entry was written anew while the backend had it mapped. */
  overwritten: bool(),
})

/** The state variables. */
export const state = record({
  /** Suspends that the toolstack will still ask for; times that the guest may still go to S3. */
  rounds: int(0, 2),
  s3: int(0, 1),
  /** The guest's `control/shutdown` node. */
  control: oneOf('empty', 'suspend'),
  domain: oneOf('running', 'shutdown'),
  /** The return register of the last suspend hypercall, or what somebody wrote there; none: not made in this round. */
  hret: optional(int(0, 1)),
  /** xenstored will announce the next shutdown of this domain. */
  armed: bool(),
  /** The guest's event channels in the hypervisor: as it bound them; none; only the VIRQs bound anew. */
  channels: oneOf('bound', 'blank', 'VIRQs'),
  /** `shutting_down` is set: the handler ignores whatever the toolstack writes. */
  shuttingDown: bool(),
  /** Who holds the guest's `system_transition_mutex`: nobody, its own way to S3, or `do_suspend`. */
  transition: oneOf('free', 'own', 'do_suspend'),
  /** `si.cancelled`; unset: whatever the stack holds. */
  cancelled: oneOf('unset', 'no', 'yes'),
  tasks: oneOf('running', 'frozen'),
  /** The xenbus locks that `xs_suspend` takes. */
  xsLocks: oneOf('free', 'held'),
  irqs: oneOf('on', 'off'),
  /** What the kernel's `gnttab_end_foreign_access` does with an entry that is in use; never changes. */
  endAccess: oneOf('defer', 'leak', 'free'),
  dev: each(devices, device),
  /** blkfront's requests; those beyond the parameter `requests` stay idle. */
  requests: array(2, request),
})

export type State = ValueOf<typeof state>
export type Device = State['dev'][DeviceName]

/** What guards and predicates see. */
export type SeenState = Frozen<State>
export type SeenDevice = Frozen<Device>

/** The vocabulary bound to this state. */
export const { model, thread, step, action, patch, edit } = over(state)

const connectedDevice = (): Device => ({
  pm: 'on',
  connected: 'connected',
  ring: 0,
  linked: true,
  node: 'Connected',
  cached: 'Connected',
  grants: ['mapped by backend', 'free', 'free', 'free'],
  otherendKnown: true,
  watch: false,
  handshake: 'idle',
  backend: { node: 'Connected', ring: 0 },
})

/** A guest that runs with both devices connected. */
export const running = (rounds: number, s3: number, endAccess: State['endAccess']): State => ({
  rounds,
  s3,
  control: 'empty',
  domain: 'running',
  hret: null,
  armed: true,
  channels: 'bound',
  shuttingDown: false,
  transition: 'free',
  cancelled: 'unset',
  tasks: 'running',
  xsLocks: 'free',
  irqs: 'on',
  endAccess,
  dev: { vbd: connectedDevice(), vif: connectedDevice() },
  requests: [0, 1].map(() => ({ shadow: 'idle', slot: 'empty', executed: 0, overwritten: false })),
})
