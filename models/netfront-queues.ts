/**
 * netfront's queues and their polling while the rings are gone: between disconnect and reconnect, or removal.
 *
 * Source: drivers/net/xen-netfront.c of Linux 7.3.4.
 */

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
      { actor: 'guest', says: 'while tasks are frozen: nobody polls but the interrupt, which is unbound first' },
      step('netif_device_detach', {
        origin: source(netfront, 'netfront_resume'),
        when: (s, _, at) => s.carrier && at('xennet_remove', 'idle'),
        then: (d) => {
          d.carrier = false
        },
      }),
      step('xennet_disconnect_backend', {
        origin: source(netfront, 'xennet_disconnect_backend'),
        says: 'Unbinds the interrupts, waits for a poll that runs (napi_synchronize), ends the ring grants: the rings are none.',
        then: (d) => {
          d.rings = false
        },
      }),
      step('xennet_destroy_queues', {
        origin: source(netfront, 'xennet_destroy_queues'),
        says: 'napi_disable() for each queue, then they are freed.',
        then: (d) => {
          d.napi = 'off'
          d.queues = 'none'
        },
        goto: 'netif_device_detach',
      }),
    ),
    action('xennet_connect', {
      actor: 'xenwatch',
      origin: source(netfront, 'xennet_connect'),
      says: 'The backend is in InitWait: creates queues and rings, enables polling, carrier on.',
      when: (s, _, at) =>
        !s.carrier && !s.rings && at('xennet_remove', 'idle') && at('netfront_resume', 'netif_device_detach'),
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
      says: 'A task polls: __napi_busy_loop() asks neither for the carrier nor for a lock of the queue.',
      provoke: 'busy polling (net.core.busy_poll) of a socket that has received from the device',
      when: (s, _, at) =>
        s.queues === 'some' && s.napi === 'on' && s.oops === 'none' && at('netfront_resume', 'netif_device_detach'),
      then: (d) => {
        if (!d.rings) d.oops = 'NULL ring'
      },
    }),
    thread(
      'xennet_remove',
      { actor: 'admin', says: 'xl network-detach, or the driver is unbound' },
      step('idle', {
        origin: source(netfront, 'xennet_remove'),
        when: (_, __, at) => at('netfront_resume', 'netif_device_detach'),
      }),
      step('xennet_disconnect_backend', {
        origin: source(netfront, 'xennet_disconnect_backend'),
        says: 'Of queues, if there are any: rings none, with NAPI still enabled.',
        then: (d) => {
          d.rings = false
          d.carrier = false
        },
      }),
      step('xennet_close', {
        origin: source(netfront, 'xennet_close'),
        says: 'unregister_netdev(): napi_disable(), if there are queues.',
        then: (d) => {
          d.napi = 'off'
        },
      }),
      step('xennet_uninit', {
        origin: source(netfront, 'xennet_uninit'),
        then: (d) => {
          d.queues = 'none'
          d.removed = true
        },
      }),
    ),
  ],
  patches: [
    patch('before-d50b7914fae0', {
      kind: 'era',
      says: 'The resume leaves the queues and their NAPI instances in place while the rings are gone.',
      reference: 'd50b7914fae0 (2022)',
      edits: [
        edit.replace('netfront_resume.xennet_disconnect_backend', { goto: 'netif_device_detach' }),
        edit.remove('netfront_resume.xennet_destroy_queues'),
      ],
    }),
    patch('before-f9244fb55f37', {
      kind: 'era',
      says: 'Removing the device stops its queues without looking whether it has any.',
      reference: 'f9244fb55f37 (2024), XSA-465',
      edits: [
        edit.replace('xennet_remove.xennet_disconnect_backend', {
          says: 'Of its queues, whether there are any or not.',
          then: (d) => {
            if (d.queues === 'none') d.oops = 'NULL queues'
            d.rings = false
            d.carrier = false
          },
        }),
      ],
    }),
    patch('napi-off-first', {
      kind: 'fix',
      says: 'The removal disables NAPI (dev_close) before it disconnects.',
      reference: 'derived; 7.3.4 does not',
      edits: [edit.move('xennet_remove.xennet_close', { before: 'xennet_remove.xennet_disconnect_backend' })],
    }),
    patch('no-reconnect', {
      kind: 'fault',
      says: 'The callback that reconnects the device is lost.',
      edits: [edit.remove('xenwatch.xennet_connect'), edit.replace('xennet_remove.idle', { when: () => false })],
    }),
  ],
  resting: (s) => s.oops !== 'none' || s.removed,
  abstractions: [
    'All queues of a device are one: they are created, polled and destroyed together.',
    'Page pools and XDP come and go with the rings. When talk_to_netback() fails it disconnects, and the device is unregistered: the removal, at another time.',
    'A poll is one step: xennet_disconnect_backend() waits for one that runs (napi_synchronize) before it takes the rings away.',
    'A device is removed only between its resumes: both hold the device lock.',
  ],
})
