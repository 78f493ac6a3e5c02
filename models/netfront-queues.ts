/** netfront's queues and their polling while the rings are gone: between disconnect and reconnect. */

import { bool, environment, oneOf, over, record, source, system } from '../src/index.js'

export const state = record({
  /** The per-queue structures with their NAPI instances, and whether polling is enabled. */
  queues: oneOf('none', 'some'),
  napi: oneOf('off', 'on'),
  /** The rings of the queues. */
  rings: bool(),
  carrier: bool(),
  /** Something went wrong in the driver: a ring that is none was used, or queues that are none were stopped. */
  oops: oneOf('none', 'NULL ring', 'NULL queues'),
  removed: bool(),
})

const { model, thread, step, action, patch, edit } = over(state)

const netfront = 'drivers/net/xen-netfront.c'

export default model('netfront-queues', {
  question:
    'Does netfront touch a ring or a queue that is gone, while it is polled or removed between disconnect and reconnect?',
  actors: {
    guest: system('the resume of the device'),
    xenwatch: system('the callback that reconnects it'),
    net: environment('the network stack: NAPI and busy polling'),
    admin: environment('whoever removes the device'),
  },
  initial: () => ({ queues: 'some', napi: 'on', rings: true, carrier: true, oops: 'none', removed: false }),
  parts: () => [
    thread(
      'netfront_resume',
      { actor: 'guest' },
      step('netif_carrier_off', {
        origin: source(netfront, 'netfront_resume'),
        when: (s) => s.carrier && !s.removed,
        then: (d) => {
          d.carrier = false
        },
      }),
      step('xennet_disconnect_backend', {
        origin: source(netfront, 'xennet_disconnect_backend'),
        says: 'Ends the ring grants: the rings are none from here on.',
        when: (s) => !s.removed,
        then: (d) => {
          d.rings = false
          d.napi = 'off'
        },
      }),
      step('xennet_destroy_queues', {
        origin: source(netfront, 'xennet_destroy_queues'),
        when: (s) => !s.removed,
        then: (d) => {
          d.queues = 'none'
        },
        goto: 'netif_carrier_off',
      }),
    ),
    action('xennet_connect', {
      actor: 'xenwatch',
      origin: source(netfront, 'xennet_connect'),
      says: 'The backend is in InitWait: creates queues and rings, enables polling, carrier on.',
      when: (s, _, at) => !s.carrier && !s.removed && !s.rings && at('netfront_resume', 'netif_carrier_off'),
      then: (d) => {
        d.queues = 'some'
        d.rings = true
        d.napi = 'on'
        d.carrier = true
      },
    }),
    action('xennet_poll', {
      actor: 'net',
      origin: source(netfront, 'xennet_poll'),
      provoke: 'busy polling (net.core.busy_poll) during a resume',
      when: (s) => s.queues === 'some' && s.napi === 'on' && s.oops === 'none',
      then: (d) => {
        if (!d.rings) d.oops = 'NULL ring'
      },
    }),
    action('xennet_remove', {
      actor: 'admin',
      origin: source(netfront, 'xennet_remove'),
      says: 'Stops and destroys the queues, if there are any.',
      provoke: 'xl network-detach between a resume and the reconnect',
      when: (s, _, at) => !s.removed && at('netfront_resume', 'netif_carrier_off'),
      then: (d) => {
        d.removed = true
        d.queues = 'none'
        d.napi = 'off'
        d.rings = false
        d.carrier = false
      },
    }),
  ],
  patches: [
    patch('before-d50b7914fae0', {
      kind: 'era',
      says: 'The resume leaves the queues and their NAPI instances in place while the rings are gone.',
      reference: 'd50b7914fae0 (2022)',
      edits: [
        edit.replace('netfront_resume.xennet_disconnect_backend', {
          then: (d) => {
            d.rings = false
          },
          goto: 'netif_carrier_off',
        }),
        edit.remove('netfront_resume.xennet_destroy_queues'),
      ],
    }),
    patch('before-f9244fb55f37', {
      kind: 'era',
      says: 'Removing the device stops its queues without looking whether it has any.',
      reference: 'f9244fb55f37 (2024), XSA-465',
      edits: [
        edit.replace('admin.xennet_remove', {
          says: 'Stops and destroys the queues.',
          then: (d) => {
            if (d.queues === 'none') d.oops = 'NULL queues'
            d.removed = true
            d.queues = 'none'
            d.napi = 'off'
            d.rings = false
            d.carrier = false
          },
        }),
      ],
    }),
    patch('no-reconnect', {
      kind: 'fault',
      says: 'The callback that reconnects the device is lost.',
      edits: [edit.remove('xenwatch.xennet_connect'), edit.remove('admin.xennet_remove')],
    }),
  ],
  resting: (s) => s.oops !== 'none' || s.removed,
  abstractions: [
    'All queues of a device are one: they are created, polled and destroyed together.',
    'Disconnecting stops NAPI and ends the grants in one step: what a poll does between the two is serialised by the queue’s locks.',
    'A device is removed only between its resumes: both hold the device lock.',
  ],
})
