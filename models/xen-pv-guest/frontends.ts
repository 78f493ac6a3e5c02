/** blkfront and netfront: tear down, reconnect, recover, and the block requests in flight. */

import { env, source } from '../../src/index.js'
import { action, devices, type Device, type SeenDevice, type State } from './state.js'

/** Whether the grant of the frontend's own ring is in use: the backend has it mapped. */
export const ringInUse = (device: SeenDevice): boolean =>
  device.ring !== null && device.grants[device.ring] === 'mapped by backend'

/** Both ends use the same ring page and their event channels are peers. */
export const ringsAgree = (device: SeenDevice): boolean =>
  device.ring !== null && device.backend.ring === device.ring && device.linked

const endedInUse = {
  defer: 'deferred, still mapped',
  leak: 'leaked, still mapped',
  free: 'freed, still mapped',
} as const

/** `gnttab_end_foreign_access` on the ring, and the event channel closed. */
function tearDown(d: State, device: Device): void {
  const { ring } = device
  device.linked = false
  if (ring === null) return
  if (device.grants[ring] === 'granted') device.grants[ring] = 'free'
  if (device.grants[ring] === 'mapped by backend') device.grants[ring] = endedInUse[d.endAccess]
}

/** What blkfront and netfront did at suspend before the teardown was moved to resume. */
export function disconnectAtSuspend(d: State): void {
  tearDown(d, d.dev.vbd)
  d.dev.vbd.connected = 'suspended'
}

/** A new page, granted to the backend. */
function setUpRing(device: Device): void {
  const old = device.ring
  const fresh = device.grants.findIndex((grant, i) => grant === 'free' && i !== old)
  device.grants[fresh] = 'granted'
  device.ring = fresh
}

/** The backend's path read anew, and the watch on its state registered: it fires once. */
function watchOtherend(device: Device): void {
  device.otherendKnown = true
  device.watch = true
}

/** `xs_resume` registers the old watches anew, each of which fires once; on a path that is no more, nothing comes of it. */
export function replayWatches(d: State): void {
  for (const name of devices) if (d.dev[name].otherendKnown) d.dev[name].watch = true
}

/** `blkfront_resume`: blkif_free, then talk_to_blkback; requests in flight stay in the shadow copy. */
export function reconnectVbd(d: State): void {
  const { vbd } = d.dev
  tearDown(d, vbd)
  setUpRing(vbd)
  vbd.connected = 'suspended'
  vbd.cached = 'Initialised'
  vbd.node = 'Initialised'
  for (const request of d.requests) if (request.shadow === 'queued') request.shadow = 'requeue'
  watchOtherend(vbd)
}

/** `netfront_resume`: only disconnects; the rings come back when the backend is seen in InitWait. */
export function disconnectVif(d: State): void {
  const { vif } = d.dev
  tearDown(d, vif)
  vif.connected = 'disconnected'
  vif.ring = null
  vif.cached = 'Initialising'
  watchOtherend(vif)
}

/**
 * `blkif_recover`: requeues the shadow copy on the new ring.
 * `rewrites`: the grant references of the old requests are written anew (to 3.10) rather than replaced by fresh ones.
 */
export function recoverVbd(d: State, { rewrites }: { readonly rewrites: boolean }): void {
  const { vbd } = d.dev
  vbd.connected = 'connected'
  vbd.cached = 'Connected'
  vbd.node = 'Connected'
  for (const request of d.requests)
    if (request.shadow === 'requeue') {
      if (rewrites && request.slot === 'taken') request.overwritten = true
      putOnRing(vbd, request)
    }
}

/** The frontend's copy goes on its ring; the backend only sees it if that is the ring it has mapped. */
function putOnRing(vbd: Device, request: State['requests'][number]): void {
  request.shadow = 'queued'
  if (vbd.backend.ring === vbd.ring) request.slot = 'request'
}

/** `blkfront_resume` up to 2.6.38: recovers at once, without waiting for the backend. */
export function reconnectAndRecoverVbd(d: State): void {
  reconnectVbd(d)
  recoverVbd(d, { rewrites: true })
}

const blkfront = 'drivers/block/xen-blkfront.c'

/** What xenwatch runs when the block backend's state changed. */
export const blkbackChanged = {
  origin: source(blkfront, 'blkback_changed'),
  then: (d: State): void => {
    const { vbd } = d.dev
    vbd.watch = false
    if (vbd.backend.node === 'Connected' && vbd.connected === 'suspended') recoverVbd(d, { rewrites: false })
  },
}

/** What xenwatch runs when the network backend's state changed. */
export const netbackChanged = {
  origin: source('drivers/net/xen-netfront.c', 'netback_changed'),
  then: (d: State): void => {
    const { vif } = d.dev
    vif.watch = false
    if (vif.backend.node !== 'InitWait' || vif.cached !== 'Initialising') return
    setUpRing(vif)
    vif.connected = 'connected'
    vif.cached = 'Connected'
    vif.node = 'Connected'
  },
}

/** The actions of the frontends outside of suspend. */
export const frontendActions = (requests: number) => {
  const i = Array.from({ length: requests }, (_, n) => n)
  return [
    action('submit_bio', {
      actor: 'user',
      for: { i },
      origin: env('a process reads or writes the disk; blkfront puts the request on its ring'),
      signals: 'blkback',
      when: (s, { i }) =>
        s.requests[i]!.shadow === 'idle' &&
        s.domain === 'running' &&
        s.tasks === 'running' &&
        s.dev.vbd.connected === 'connected',
      then: (d, { i }) => putOnRing(d.dev.vbd, d.requests[i]!),
    }),
    action('blkif_interrupt', {
      actor: 'blkfront',
      for: { i },
      origin: source(blkfront, 'blkif_interrupt'),
      when: (s, { i }) =>
        s.requests[i]!.slot === 'response' &&
        s.requests[i]!.shadow === 'queued' &&
        ringsAgree(s.dev.vbd) &&
        s.dev.vbd.connected === 'connected' &&
        s.domain === 'running' &&
        s.irqs === 'on',
      then: (d, { i }) => {
        d.requests[i]!.shadow = 'done'
        d.requests[i]!.slot = 'empty'
      },
    }),
    action('gnttab_handle_deferred', {
      actor: 'guest',
      for: { device: devices },
      origin: source('drivers/xen/grant-table.c', 'gnttab_handle_deferred'),
      log: 'xen:grant_table: freeing g.e.',
      when: (s, { device }) => s.domain === 'running' && reclaimable(s.dev[device]) >= 0,
      then: (d, { device }) => {
        d.dev[device].grants[reclaimable(d.dev[device])] = 'free'
      },
    }),
  ]
}

/** A deferred grant that the backend no longer maps, or -1. */
const reclaimable = (device: SeenDevice): number => device.grants.indexOf('deferred')
