/** A reconnect that asks the backend first: Closed, Initialising, and only on InitWait a new ring. */

import { source } from '../../src/index.js'
import { blkbackChanged, disconnectVif, reconnectVbd } from './frontends.js'
import { action, devices, edit, patch, step, type DeviceName, type State } from './state.js'

const forcedReset = source('drivers/xen/xenbus/xenbus_probe_frontend.c', 'xenbus_reset_frontend')
const reference = 'derived; the states are those of xenbus_reset_frontend, which kexec and kdump use'

/** The driver's resume, once the backend is known to hold nothing. */
const reconnect = { vbd: reconnectVbd, vif: disconnectVif } as const

const restoreLine = (name: DeviceName): string => `${name === 'vbd' ? 'vbd vbd-51712' : 'vif vif-0'}: bus restore`

const startHandshake = (name: DeviceName) => ({
  says: 'RESTORE: queues the work item that asks the backend.',
  signals: 'guest',
  log: restoreLine(name),
  then: (d: State): void => {
    d.cancelled = 'no'
    d.dev[name].pm = 'on'
    d.dev[name].handshake = 'close'
  },
})

/** One state after the other, by a work item that runs beside xenwatch. */
const workItem = [
  action('close', {
    actor: 'guest',
    for: { device: devices },
    origin: forcedReset,
    says: 'The work item writes Closed.',
    when: (s, { device }) => s.dev[device].handshake === 'close' && s.tasks === 'running' && s.domain === 'running',
    then: (d, { device }) => {
      const dev = d.dev[device]
      dev.handshake = dev.backend.node === 'InitWait' ? 'reconnect' : 'initialise'
      if (dev.backend.node !== 'InitWait') dev.node = 'Closed'
    },
  }),
  action('initialise', {
    actor: 'guest',
    for: { device: devices },
    origin: forcedReset,
    says: 'The work item sees the backend Closed and writes Initialising.',
    when: (s, { device }) =>
      s.dev[device].handshake === 'initialise' &&
      s.dev[device].backend.node === 'Closed' &&
      s.tasks === 'running' &&
      s.domain === 'running',
    then: (d, { device }) => {
      d.dev[device].handshake = 'reconnect'
      d.dev[device].node = 'Initialising'
    },
  }),
  action('reconnect', {
    actor: 'guest',
    for: { device: devices },
    origin: forcedReset,
    says: 'The work item sees the backend in InitWait: now the driver’s resume.',
    when: (s, { device }) =>
      s.dev[device].handshake === 'reconnect' &&
      s.dev[device].backend.node === 'InitWait' &&
      s.tasks === 'running' &&
      s.domain === 'running',
    then: (d, { device }) => {
      d.dev[device].handshake = 'idle'
      reconnect[device](d)
    },
  }),
]

/** The wait is done by a work item: nothing keeps the backend's answers away. */
export const handshakeInWorkItem = patch('handshake-in-work-item', {
  kind: 'fix',
  says: 'RESTORE queues a work item that closes, waits, starts anew, and reconnects only to a backend in InitWait.',
  reference,
  edits: [
    edit.replace('do_suspend.dpm_resume_vbd/blkfront_resume', startHandshake('vbd')),
    edit.replace('do_suspend.dpm_resume_vif/netfront_resume', startHandshake('vif')),
    ...workItem.map((part) => edit.add(part)),
  ],
})

/** The wait is done in the resume callback: in xenwatch, which alone could deliver what it waits for. */
export const handshakeInResume = patch('handshake-in-resume', {
  kind: 'fix',
  says: 'blkfront_resume itself closes and waits until a watch callback has seen the backend in InitWait.',
  reference,
  edits: [
    edit.replace('do_suspend.dpm_resume_vbd/blkfront_resume', {
      log: restoreLine('vbd'),
      says: 'RESTORE: reads the backend’s state; unless it is InitWait, writes Closed and waits for a callback.',
      then: (d) => {
        d.cancelled = 'no'
        d.dev.vbd.pm = 'on'
        const ready = d.dev.vbd.backend.node === 'InitWait'
        d.dev.vbd.handshake = ready ? 'reconnect' : 'close'
        if (!ready) d.dev.vbd.node = 'Closed'
      },
    }),
    edit.after(
      'do_suspend.dpm_resume_vbd',
      step('wait_for_backend', {
        origin: source('drivers/block/xen-blkfront.c', 'blkfront_resume'),
        either: {
          reconnect: {
            when: (s) => s.dev.vbd.handshake === 'reconnect',
            then: (d) => {
              d.dev.vbd.handshake = 'idle'
              reconnectVbd(d)
            },
          },
          nothing: { says: 'No reconnect was asked for.', when: (s) => s.dev.vbd.handshake === 'idle' },
        },
      }),
    ),
    edit.replace('xenwatch.blkback_changed', {
      says: 'Also answers a closing backend: Closed → Initialising; InitWait → the resume may go on.',
      then: (d) => {
        const { vbd } = d.dev
        blkbackChanged.then(d)
        if (vbd.handshake !== 'close') return
        if (vbd.backend.node === 'Closed') vbd.node = 'Initialising'
        if (vbd.backend.node === 'InitWait') vbd.handshake = 'reconnect'
      },
    }),
  ],
})
