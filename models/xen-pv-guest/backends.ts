/** blkback and netback: connecting, letting go, and carrying out block requests; and what the toolstack does to them. */

import { source } from '../../src/index.js'
import { action, devices, type Device, type DeviceName, type SeenState, type State } from './state.js'

const blkback = 'drivers/block/xen-blkback/xenbus.c'
const netback = 'drivers/net/xen-netback/xenbus.c'

/** The backend maps the ring, binds the event channel and says Connected. */
function connect(device: Device): void {
  device.backend.ring = device.ring
  if (device.ring !== null) device.grants[device.ring] = 'mapped by backend'
  device.linked = true
  device.backend.node = 'Connected'
}

/** What becomes of a grant table entry when the backend unmaps its page. */
function unmapped(grant: Device['grants'][number]): Device['grants'][number] {
  switch (grant) {
    case 'mapped by backend':
      return 'granted'
    case 'leaked, still mapped':
      return 'leaked'
    case 'deferred, still mapped':
      return 'deferred'
    case 'freed, still mapped':
      return 'free'
    default:
      return grant
  }
}

/** The backend unmaps the ring and closes its event channel; what was on that ring is out of its sight. */
function letGo(d: State, name: DeviceName, node: 'Closed' | 'InitWait'): void {
  const device = d.dev[name]
  const { ring } = device.backend
  if (ring !== null) device.grants[ring] = unmapped(device.grants[ring]!)
  device.backend.ring = null
  device.backend.node = node
  device.linked = false
  if (name === 'vbd') for (const request of d.requests) request.slot = 'empty'
}

/** Whether blkback has carried out everything it took: it unmaps the ring only then. */
export const drained = (s: SeenState): boolean => s.requests.every((request) => request.slot !== 'taken')

/** The devices are created anew in xenstore: backends in InitWait, frontends Initialising, nothing mapped. */
export function resetDevices(d: State): void {
  for (const name of devices) {
    letGo(d, name, 'InitWait')
    d.dev[name].node = 'Initialising'
  }
}

/** A new domain: besides the devices being new, the grant table is blank and the backends' nodes are elsewhere. */
export function newDomain(d: State): void {
  resetDevices(d)
  d.channels = 'blank'
  for (const name of devices) {
    d.dev[name].grants.fill('free')
    d.dev[name].otherendKnown = false
    d.dev[name].watch = false
  }
}

/** The actions of the backends; all of them go on while the guest is stopped. */
export const backendActions = (requests: number) => {
  const i = Array.from({ length: requests }, (_, n) => n)
  return [
    action('connect_ring', {
      actor: 'blkback',
      origin: source(blkback, 'connect_ring'),
      says: 'Maps the ring and binds the event channel. Already Connected, it ignores whatever the frontend says.',
      log: 'xen-blkback: ring-ref, event-channel, protocol',
      signals: 'xenwatch',
      when: (s) =>
        s.dev.vbd.backend.node === 'InitWait' &&
        (s.dev.vbd.node === 'Initialised' || s.dev.vbd.node === 'Connected') &&
        s.dev.vbd.ring !== null,
      then: (d) => {
        connect(d.dev.vbd)
        d.dev.vbd.watch = true
        for (const request of d.requests) if (request.shadow === 'queued') request.slot = 'request'
      },
    }),
    action('connect', {
      actor: 'netback',
      origin: source(netback, 'connect'),
      when: (s) => s.dev.vif.backend.node === 'InitWait' && s.dev.vif.node === 'Connected' && s.dev.vif.ring !== null,
      then: (d) => connect(d.dev.vif),
    }),
    action('dispatch_rw_block_io', {
      actor: 'blkback',
      for: { i },
      origin: source('drivers/block/xen-blkback/blkback.c', 'dispatch_rw_block_io'),
      says: 'Takes the request from the ring and maps its data grant.',
      when: (s, { i }) => s.requests[i]!.slot === 'request',
      then: (d, { i }) => {
        d.requests[i]!.slot = 'taken'
      },
    }),
    action('make_response', {
      actor: 'blkback',
      for: { i },
      origin: source('drivers/block/xen-blkback/blkback.c', 'make_response'),
      says: 'The disk is done: unmaps the data grant and writes the response into the ring that it has mapped.',
      signals: 'blkfront',
      when: (s, { i }) => s.requests[i]!.slot === 'taken',
      then: (d, { i }) => {
        d.requests[i]!.slot = 'response'
        d.requests[i]!.executed++
      },
    }),
  ]
}

/** How the backends follow a frontend that closes and starts anew; nothing in a stock guest's resume asks for it. */
export const closingBackends = devices.flatMap((name) => {
  const actor = name === 'vbd' ? 'blkback' : 'netback'
  const origin = source(name === 'vbd' ? blkback : netback, 'frontend_changed')
  return [
    action('frontend_closed', {
      actor,
      origin,
      says: 'The frontend is Closed: disconnects and says Closed.',
      signals: 'xenwatch',
      when: (s) =>
        s.dev[name].node === 'Closed' && s.dev[name].backend.node !== 'Closed' && (name === 'vif' || drained(s)),
      then: (d) => {
        letGo(d, name, 'Closed')
        d.dev[name].watch = true
      },
    }),
    action('frontend_initialising', {
      actor,
      origin,
      says: 'The frontend starts anew: back to InitWait.',
      signals: 'xenwatch',
      when: (s) => s.dev[name].node === 'Initialising' && s.dev[name].backend.node === 'Closed',
      then: (d) => {
        d.dev[name].backend.node = 'InitWait'
        d.dev[name].watch = true
      },
    }),
  ]
})
