/** Suspend, cancel and resume of a Xen PV guest: the flagship protocol. */

import { environment, int, oneOf, parameter, system } from '../src/index.js'
import { backendActions, closingBackends } from './xen-pv-guest/backends.js'
import { frontendActions, ringsAgree } from './xen-pv-guest/frontends.js'
import { patches } from './xen-pv-guest/patches.js'
import { doSuspendThread, failures, guestActions, type Failure } from './xen-pv-guest/pvops.js'
import { model, running } from './xen-pv-guest/state.js'
import { guestIdle, toolstack, tools } from './xen-pv-guest/toolstack.js'
import { xenlinuxActions, xenSuspendThread } from './xen-pv-guest/xenlinux.js'

export default model('xen-pv-guest', {
  question:
    'Does a Xen PV guest keep its disk and its network over a suspend, whether it goes on in a new domain or in the same one?',
  parameters: {
    guest: parameter(oneOf('pvops', 'xenlinux', 'xenlinux-hvm'), 'pvops', 'whose suspend the guest runs'),
    tool: parameter(oneOf(...tools), 'FAST', 'how the toolstack goes on after the suspend'),
    fail: parameter(oneOf(...failures), 'none', 'what may fail'),
    rounds: parameter(int(1, 2), 1, 'how often the toolstack suspends the guest'),
    requests: parameter(int(0, 2), 0, 'block requests that a process may submit at any time'),
    s3: parameter(int(0, 1), 0, 'how often the guest itself may go to S3'),
    patience: parameter(
      oneOf('waits', 'times-out', 'gives-up'),
      'waits',
      'whether the toolstack may give up before the guest answers, or before it suspends',
    ),
  },
  actors: {
    toolstack: system('xl/libxl or xend, in dom0'),
    guest: system('the suspend thread of the guest, and its PM core'),
    xenwatch: system('the guest’s watch callbacks, one at a time'),
    xenstored: system('the xenstore daemon'),
    blkfront: system('the guest’s block driver, vbd-51712'),
    blkback: system('its backend in dom0'),
    netback: system('the backend of the guest’s network driver, vif-0'),
    pm: environment('the guest’s own power management'),
    user: environment('processes in the guest'),
  },
  // xenlinux 2.6.18 leaks what it ends while in use; the deferred list came with 3.5.
  initial: ({ guest, rounds, s3 }) => running(rounds, s3, guest === 'pvops' ? 'defer' : 'leak'),
  parts: ({ guest, tool, fail, requests, patience }) => {
    const fails = (stage: Failure): boolean => fail === stage || fail === 'any'
    return [
      toolstack({ tool, patience, saveFails: fails('save') }),
      ...(guest === 'pvops'
        ? [doSuspendThread(fails), ...guestActions]
        : [xenSuspendThread(fails, guest === 'xenlinux-hvm'), ...xenlinuxActions]),
      ...frontendActions(requests),
      ...backendActions(requests),
      ...closingBackends,
    ]
  },
  patches,
  resting: (s, at, { requests }) =>
    (at('toolstack', 'request') || at('toolstack', 'end')) &&
    s.rounds === 0 &&
    s.domain === 'running' &&
    guestIdle(at) &&
    s.transition === 'free' &&
    s.control === 'empty' &&
    s.tasks === 'running' &&
    s.irqs === 'on' &&
    s.xsLocks === 'free' &&
    Object.values(s.dev).every(
      (device) => device.pm === 'on' && device.connected === 'connected' && ringsAgree(device),
    ) &&
    s.requests.every((request, i) => i >= requests || request.shadow === 'done'),
  abstractions: [
    'One vbd with one ring and one vif whose tx and rx rings are one: no verdict tells the two apart; the log prints both.',
    'A second, driverless block device exists only as a log line: its resume returns at once.',
    'The guest is one sequence of instances: a migration destroys the source and goes on at the target in one step, so that two running instances of one guest (a toolstack fault) cannot be expressed.',
    'Time is left out: whether the toolstack’s timers may expire under a guest that is merely slow is a parameter (patience). Unless it gives up, the timer behind the acknowledgement expires only when the guest has.',
    'Of the event channels only two facts are kept: whether the hypervisor has the guest’s VIRQs bound, and whether its xenstore port is. A BUG kills the suspend thread where it stands, with the locks that it holds; what an oops does to the rest of the guest is left out.',
    'Two walks of the device list at once, possible before 7.0, are told by one-transition and not played out.',
    'xen_arch_suspend and xen_arch_resume, which stop and start the ticks of every CPU, are the protocol resume-interrupts; runstate times, the console and the notifier chain lead to nothing that a claim is about.',
    'A device that refuses to freeze stands in one of three places of the list: behind, between or before the frontends; more places change nothing for the frontends.',
    'Reconnecting is one step: in pvops no watch callback can come between, and a backend in InitWait can do nothing before it sees Initialised.',
    'Closing and Closed of a frontend are one state, and so are they of a backend: nothing happens between them that a claim is about.',
    'Network packets are not modelled: they may be lost by design; netfront only has to reconnect.',
    'Data grants are in use exactly while a request is taken; persistent grants, which stay mapped longer, would only add warnings.',
    'A notification that was sent is not lost while a ring stays connected: binding marks the port pending.',
    'The suspend of 2.6.18 runs in fast mode: CPUs are parked, not unplugged.',
  ],
})
