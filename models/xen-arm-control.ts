/**
 * Xen on Arm, several privileged domains: who may park, who puts the host to sleep, and who resumes whom.
 *
 * Read in V11 of the host suspend series (10 June 2026), 12/13 (domain_psci_system_suspend_policy) and 13/13 (host_system_suspend,
 * system_suspend), and in V8, db18c68b51.
 */

import {
  array,
  bool,
  env,
  environment,
  int,
  oneOf,
  over,
  parameter,
  record,
  source,
  system,
  type At,
  type Frozen,
  type ValueOf,
} from '../src/index.js'

export const names = ['dom0', 'dom1', 'domU'] as const

export const state = record({
  /** Dom0, a second privileged domain, an ordinary guest: parked by SYSTEM_SUSPEND, and whether it takes the host down then. */
  dom: array(3, record({ parked: bool(), last: bool() })),
  /** The lock that all SYSTEM_SUSPEND calls share. */
  locked: bool(),
  host: oneOf('up', 'requested', 'asleep', 'waking'),
  /** Who put the host to sleep. */
  requester: int(0, 2),
  /** The request of the DomU's frontend. */
  ring: oneOf('empty', 'queued'),
  /** Whom the toolstack in each of the privileged domains is resuming. */
  target: array(2, int(0, 2)),
  /** Choices of the instance; no step changes them. */
  choice: record({ split: bool() }),
})

export type State = ValueOf<typeof state>
type Seen = Frozen<State>

const { model, thread, step, action, patch, edit } = over(state)

/** freeze_domains() to thaw_domains(): no domain runs. */
const frozen = (s: Seen): boolean => s.host === 'asleep' || s.host === 'waking'

/** The domain that runs the backends: Dom0, or the hardware domain where control and hardware are split. */
export const backend = (s: Seen): 0 | 1 => (s.choice.split ? 1 : 0)

/** Whether a domain is behind its parking and not yet out of the hypervisor: freeze_domains() waits for it. */
export const leaving = (at: At, i: number): boolean => at(names[i]!, 'unlock', 'host_system_suspend')

/** Control domains may resume others, and the last one that is awake decides over the host. */
export const isControl = (s: Seen, i: number): boolean => i === 0 || (i === 1 && !s.choice.split)

const isLast = (s: Seen, i: number): boolean =>
  isControl(s, i) && s.dom.every(({ parked }, j) => j === i || !isControl(s, j) || parked)

const othersParked = (s: Seen, i: number): boolean => s.dom.every(({ parked }, j) => j === i || parked)

const awake = (s: Seen, at: At, i: number): boolean => at(names[i]!, 'run') && !s.dom[i]!.parked && !frozen(s)

const vpsci = source('xen/arch/arm/vpsci.c', 'do_psci_1_0_system_suspend')
const domainShutdown = source('xen/common/domain.c', 'domain_shutdown')

const denied = (i: number) => ({
  says: 'PSCI_DENIED: the last control domain that is awake may only follow everybody else.',
  when: (s: Seen) => isLast(s, i) && !othersParked(s, i),
  then: (d: State) => void (d.locked = false),
  goto: 'run',
})

const last = (i: number) => ({
  when: (s: Seen) => isLast(s, i) && othersParked(s, i),
  then: (d: State) => void (d.dom[i]!.last = true),
})

const plain = { says: 'Somebody else will be there to resume this domain.' }

const domain = (i: 0 | 1 | 2) =>
  thread(
    names[i],
    // The lock hands out tickets: nobody waits for ever while others take it again and again.
    { actor: names[i], fair: 'strong' },
    step('run', {
      origin: source('linux/kernel/power/suspend.c', 'pm_suspend'),
      when: (s) => !frozen(s),
      either: {
        stays: { says: 'The domain stays awake.', goto: 'run' },
        suspends: {
          says: 'The domain suspends itself; a frontend has no request under way then.',
          when: (s) => i !== 2 || s.ring === 'empty',
        },
      },
    }),
    step('lock', { origin: vpsci, when: (s) => !s.locked && !frozen(s), then: (d) => void (d.locked = true) }),
    step('check', {
      origin: vpsci,
      when: (s) => !frozen(s),
      either:
        i === 2 ? { plain } : { denied: denied(i), last: last(i), plain: { ...plain, when: (s) => !isLast(s, i) } },
    }),
    step('park', {
      origin: domainShutdown,
      when: (s) => !frozen(s),
      then: (d) => void (d.dom[i]!.parked = true),
    }),
    step('unlock', { origin: vpsci, then: (d) => void (d.locked = false) }),
    step('host_system_suspend', {
      origin: source('xen/arch/arm/suspend.c', 'host_system_suspend'),
      says: 'Who takes the host down leaves its name to the tasklet, behind the lock.',
      then: (d) => {
        if (!d.dom[i]!.last) return
        d.dom[i]!.last = false
        d.host = 'requested'
        d.requester = i
      },
    }),
    step('parked', {
      origin: source('xen/common/domain.c', 'domain_resume'),
      when: (s) => !s.dom[i]!.parked,
      goto: 'run',
    }),
  )

const host = thread(
  'host',
  { actor: 'cpu0', says: 'system_suspend() on CPU0; its own steps are the protocol xen-arm-host.' },
  step('wait', {
    origin: source('xen/arch/arm/suspend.c', 'system_suspend'),
    says: 'The tasklet: freeze_domains() waits until every domain has left the hypervisor.',
    when: (s, _, at) => s.host === 'requested' && names.every((_name, i) => !leaving(at, i)),
    either: {
      sleeps: { then: (d) => void (d.host = 'asleep') },
      aborts: { then: (d) => void (d.host = 'waking') },
    },
  }),
  step('resume', {
    origin: source('xen/common/domain.c', 'domain_resume'),
    says: 'Xen resumes the domain that asked, and nobody else.',
    when: (s) => s.host === 'waking',
    then: (d) => {
      d.dom[d.requester]!.parked = false
      d.host = 'up'
    },
    goto: 'wait',
  }),
)

const wake = action('wake', {
  actor: 'device',
  origin: env('an interrupt wakes the machine'),
  when: (s) => s.host === 'asleep',
  then: (d) => void (d.host = 'waking'),
})

const xl = thread(
  'xl',
  { actor: 'toolstack', for: { by: [0, 1] }, fair: 'strong', says: 'xl resume, in each control domain.' },
  step('start', {
    origin: source('tools/xl/xl_vmcontrol.c', 'main_resume'),
    says: 'Whoever is parked is resumed, privileged domains first.',
    when: (s, { by }, at) =>
      isControl(s, by) && awake(s, at, by) && s.host === 'up' && s.dom.some(({ parked }) => parked),
    then: (d, { by }) => void (d.target[by] = d.dom.findIndex(({ parked }) => parked)),
  }),
  step('load', {
    origin: env('the tool is read from the root disk of its domain'),
    says: 'A control domain that does not run the backends itself has its root disk from the one that does.',
    when: (s, { by }, at) => awake(s, at, by) && (!s.choice.split || !s.dom[1]!.parked),
  }),
  step('domctl', {
    origin: source('xen/common/domctl.c', 'XEN_DOMCTL_resumedomain'),
    says: 'domain_resume() begins with domain_pause(), which waits until the domain has left the hypervisor.',
    when: (s, { by }, at) => awake(s, at, by) && !leaving(at, s.target[by]!),
    then: (d, { by }) => void (d.dom[d.target[by]!]!.parked = false),
    goto: 'start',
    signals: 'domU',
  }),
)

const io = [
  action('submit', {
    actor: 'domU',
    origin: source('linux/drivers/block/xen-blkfront.c', 'blkif_queue_rq'),
    when: (s, _, at) => awake(s, at, 2) && s.ring === 'empty',
    then: (d) => void (d.ring = 'queued'),
    fair: 'none',
  }),
  action('serve', {
    actor: 'backend',
    origin: source('linux/drivers/block/xen-blkback/blkback.c', 'do_block_io_op'),
    says: 'The doorbell of a parked domain stays pending: it is paused, not blocked.',
    when: (s, _, at) => awake(s, at, backend(s)) && s.ring === 'queued',
    then: (d) => void (d.ring = 'empty'),
    fair: 'strong',
  }),
]

const clientsFirst = names.map((name, i) =>
  edit.replace(`${name}.run/suspends`, {
    when: (s) => (i === 2 ? s.ring === 'empty' : i !== backend(s) || s.dom[2]!.parked),
  }),
)

export default model('xen-arm-control', {
  question:
    'With more than one privileged domain: does anybody remain who can resume the others, and does a frontend always find its backend?',
  parameters: {
    split: parameter(
      bool(),
      false,
      'whether the second privileged domain is a hardware domain with the backends, of Dom0’s root disk too, instead of a second control domain',
    ),
  },
  actors: {
    dom0: system('the first control domain'),
    dom1: system('the second control domain, or the hardware domain'),
    domU: system('an ordinary guest with a frontend'),
    backend: system('the backend of that frontend'),
    cpu0: system('Xen on CPU0'),
    toolstack: system('xl'),
    device: environment('devices'),
  },
  initial: ({ split }): State => ({
    dom: names.map(() => ({ parked: false, last: false })),
    locked: false,
    host: 'up',
    requester: 0,
    ring: 'empty',
    target: [0, 0],
    choice: { split },
  }),
  parts: () => [domain(0), domain(1), domain(2), host, wake, xl, ...io],
  patches: [
    patch('parks-unasked', {
      kind: 'era',
      says: 'V8: whoever calls is parked, every control domain asks for the host’s suspend, and only that finds out whether all are parked (can_system_suspend).',
      reference: 'V8 of the host suspend series, 2 Apr 2026; before V9',
      edits: [
        ...names.flatMap((name) => [edit.remove(`${name}.lock`), edit.remove(`${name}.unlock`)]),
        ...names
          .slice(0, 2)
          .flatMap((name, i) => [
            edit.remove(`${name}.check/denied`),
            edit.replace(`${name}.check/last`, { when: (s) => isControl(s, i) }),
            edit.replace(`${name}.check/plain`, { when: (s) => !isControl(s, i) }),
          ]),
        edit.replace('host.wait/sleeps', { when: (s) => s.dom.every(({ parked }) => parked) }),
      ],
    }),
    patch('no-lock', {
      kind: 'fault',
      says: 'V11 without its lock: every call looks and parks on its own.',
      edits: names.flatMap((name) => [edit.remove(`${name}.lock`), edit.remove(`${name}.unlock`)]),
    }),
    patch('clients-first', {
      kind: 'fix',
      says: 'A domain with backends parks only after its clients.',
      reference: 'derived',
      edits: clientsFirst,
    }),
    patch('clients-first-locked', {
      kind: 'fix',
      says: 'A domain with backends parks only after its clients, which is looked at under the lock, and a client is resumed only after its backend.',
      reference: 'derived',
      edits: [
        ...names.slice(0, 2).map((name, i) =>
          edit.replace(`${name}.check/plain`, {
            when: (s) => !isLast(s, i) && (i !== backend(s) || s.dom[2]!.parked),
          }),
        ),
        ...names.slice(0, 2).map((name, i) =>
          edit.replace(`${name}.check/denied`, {
            says: 'PSCI_DENIED: somebody who depends on this domain is still awake.',
            when: (s) => (isLast(s, i) ? !othersParked(s, i) : i === backend(s) && !s.dom[2]!.parked),
          }),
        ),
        edit.replace('xl.domctl', {
          says: 'Under the same lock; a client of a parked backend is refused, and the tool begins again.',
          when: (s, { by }: { readonly by: number }, at) =>
            awake(s, at, by) && !s.locked && !leaving(at, s.target[by]!),
          then: (d, { by }: { readonly by: number }) => {
            const target = d.target[by]!
            if (target !== 2 || !d.dom[backend(d)]!.parked) d.dom[target]!.parked = false
          },
        }),
      ],
    }),
    patch('tool-in-memory', {
      kind: 'fix',
      says: 'The control domain keeps what it needs to resume the hardware domain in memory.',
      reference: 'derived',
      edits: [edit.replace('xl.load', { when: (s, { by }: { readonly by: number }, at) => awake(s, at, by) })],
    }),
    patch('resume-hardware-domain', {
      kind: 'fix',
      says: 'Xen resumes the hardware domain together with the domain that asked.',
      reference: 'derived',
      edits: [
        edit.replace('host.resume', {
          then: (d) => {
            d.dom[d.requester]!.parked = false
            if (d.choice.split) d.dom[1]!.parked = false
            d.host = 'up'
          },
        }),
      ],
    }),
    patch('fault-no-readiness', {
      kind: 'fault',
      says: 'The last control domain does not look whether the others are parked.',
      edits: names
        .slice(0, 2)
        .flatMap((name, i) => [
          edit.remove(`${name}.check/denied`),
          edit.replace(`${name}.check/last`, { when: (s) => isLast(s, i) }),
        ]),
    }),
    patch('fault-counts-itself', {
      kind: 'fault',
      says: 'The check asks for all domains to be parked, the caller included.',
      edits: names
        .slice(0, 2)
        .flatMap((name, i) => [
          edit.replace(`${name}.check/denied`, { when: (s) => isLast(s, i) }),
          edit.remove(`${name}.check/last`),
        ]),
    }),
    patch('fault-not-scheduled', {
      kind: 'fault',
      says: 'Who takes the host down leaves its name, and the tasklet is not scheduled.',
      edits: [edit.replace('host.wait', { when: () => false })],
    }),
    patch('fault-keeps-lock', {
      kind: 'fault',
      says: 'The caller that puts the host to sleep parks with the lock held.',
      edits: names.map((name) =>
        edit.replace(`${name}.unlock`, {
          then: (d) => {
            if (!d.dom[names.indexOf(name)]!.last) d.locked = false
          },
        }),
      ),
    }),
  ],
  resting: (s) => s.host === 'asleep',
  abstractions: [
    'The host suspend is one step that sleeps or aborts; what happens inside is the protocol xen-arm-host.',
    'Every driver of the platform can suspend: host_system_suspend_allowed(), which V11 asks last, is in xen-arm-host.',
    'A domain’s own suspend is one call; while it is under way the domain runs no tool and no backend. Its other VCPUs are off, and its new context can be built.',
    'The policy looks at one domain after the other; here at all at once. Who is seen parked stays so: only a control domain that is awake resumes others, and one that is awake ends the loop.',
    'xl is told to resume privileged domains before others.',
    'Where control and hardware are split, the root disk of the control domain hangs on the hardware domain.',
    'Parking is by pausing, as in V5 and later: no interrupt and no doorbell resumes a parked domain.',
  ],
})
