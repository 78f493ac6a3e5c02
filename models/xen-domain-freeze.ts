/** Xen: the freeze and the thaw of all domains around a host suspend, and a domain that is built meanwhile. */

import {
  array,
  bool,
  int,
  over,
  parameter,
  record,
  source,
  system,
  type At,
  type Frozen,
  type ValueOf,
} from '../src/index.js'

export const state = record({
  /** By domain id; `held` counts the pauses that somebody still owes an unpause, the freeze left out. */
  dom: array(3, record({ exists: bool(), pause: int(-1, 3), held: int(0, 2), frozen: bool(), built: bool() })),
  /** The domain id that the walk of the freeze or the thaw comes to next. */
  next: int(0, 3),
  /** Who builds domain 1: Dom0, or domain 2. */
  builder: int(0, 2),
  left: record({ suspends: int(0, 2), pauses: int(0, 1) }),
})

export type State = ValueOf<typeof state>
type Seen = Frozen<State>

const { model, thread, step, action, patch, edit } = over(state)

/** A domain runs only if its pause count is exactly zero. */
const runs = (s: Seen, id: number): boolean => s.dom[id]!.exists && s.dom[id]!.pause === 0

/** Everybody is frozen: the walk is over. */
export const allFrozen = (at: At): boolean => at('freeze', 'sleep')

const freezeDomains = source('xen/common/domain.c', 'freeze_domains')
const thawDomains = source('xen/common/domain.c', 'thaw_domains')

const pauseNext = (d: State): void => {
  const dom = d.dom[d.next]!
  if (dom.exists) {
    dom.pause++
    dom.frozen = true
  }
  d.next++
}

const thawNext = (d: State): void => {
  const dom = d.dom[d.next]!
  if (dom.exists) {
    dom.pause--
    dom.frozen = false
  }
  d.next++
}

const walkOver = (d: State): void => void (d.next = 0)

const freeze = thread(
  'freeze',
  { actor: 'cpu0' },
  step('begin', {
    origin: source('xen/arch/arm/suspend.c', 'system_suspend'),
    says: 'Dom0 asks for it, and is held until the end whether it is parked or waits in a hypercall.',
    when: (s) => s.left.suspends > 0 && runs(s, 0),
    then: (d) => {
      d.left.suspends--
      d.dom[0]!.pause++
      d.dom[0]!.held++
    },
  }),
  step('pause', {
    origin: freezeDomains,
    says: 'for_each_domain: in ascending order of ids, for only Dom0 creates domains and it is paused first.',
    either: {
      next: { when: (s) => s.next < 3, then: pauseNext, goto: 'pause' },
      over: { when: (s) => s.next === 3, then: walkOver },
    },
  }),
  step('sleep', { origin: source('xen/arch/arm/suspend.c', 'system_suspend'), says: 'The machine sleeps and wakes.' }),
  step('unpause', {
    origin: thawDomains,
    either: {
      next: { when: (s) => s.next < 3, then: thawNext, goto: 'unpause' },
      over: { when: (s) => s.next === 3, then: walkOver },
    },
  }),
  step('resume_dom0', {
    origin: source('xen/common/domain.c', 'domain_resume'),
    then: (d) => {
      d.dom[0]!.pause--
      d.dom[0]!.held--
    },
    goto: 'begin',
  }),
)

const build = thread(
  'build',
  { actor: 'builder', says: 'xl create of domain 1, in the domain that builds.' },
  step('createdomain', {
    origin: source('xen/common/domain.c', 'domain_create'),
    says: 'A new domain begins with one pause, which its builder holds.',
    when: (s) => runs(s, s.builder),
    then: (d) => void (d.dom[1] = { exists: true, pause: 1, held: 1, frozen: false, built: false }),
  }),
  step('unpausedomain', {
    origin: source('xen/common/domctl.c', 'XEN_DOMCTL_unpausedomain'),
    says: 'It is built: the builder lets it run.',
    when: (s) => runs(s, s.builder),
    then: (d) => {
      d.dom[1]!.pause--
      d.dom[1]!.held--
      d.dom[1]!.built = true
    },
  }),
  step('pausedomain', {
    origin: source('xen/common/domctl.c', 'XEN_DOMCTL_pausedomain'),
    says: 'Somebody pauses it later on.',
    when: (s) => runs(s, s.builder) && s.left.pauses > 0,
    then: (d) => {
      d.left.pauses--
      d.dom[1]!.pause++
      d.dom[1]!.held++
    },
  }),
)

export default model('xen-domain-freeze', {
  question: 'Is every domain that the thaw unpauses one that the freeze has paused, whoever builds domains meanwhile?',
  parameters: {
    secondBuilder: parameter(bool(), false, 'whether domain 2 builds domain 1, instead of Dom0'),
    suspends: parameter(int(1, 2), 2, 'how often the host goes to sleep'),
  },
  actors: {
    cpu0: system('Xen on CPU0'),
    builder: system('the domain that builds'),
    dom1: system('the domain that is built'),
  },
  initial: ({ secondBuilder, suspends }): State => ({
    dom: [true, false, true].map((exists) => ({ exists, pause: 0, held: 0, frozen: false, built: exists })),
    next: 0,
    builder: secondBuilder ? 2 : 0,
    left: { suspends, pauses: 1 },
  }),
  parts: () => [
    freeze,
    build,
    action('run', {
      actor: 'dom1',
      origin: source('xen/common/sched/core.c', 'vcpu_runnable'),
      when: (s) => runs(s, 1),
    }),
  ],
  patches: [
    patch('builder-runs-on', {
      kind: 'fault',
      says: 'The domain that builds lets the new one run although it is paused itself.',
      edits: [edit.replace('build.unpausedomain', { when: () => true })],
    }),
    patch('thaw-the-frozen', {
      kind: 'fix',
      says: 'The thaw unpauses only what the freeze has paused.',
      reference: 'derived',
      edits: [
        edit.replace('freeze.unpause/next', {
          then: (d) => {
            if (d.dom[d.next]!.frozen) thawNext(d)
            else d.next++
          },
        }),
      ],
    }),
    patch('builders-first', {
      kind: 'fix',
      says: 'Whoever may build is paused before the walk begins, and the walk leaves it out.',
      reference: 'derived',
      edits: [
        edit.before(
          'freeze.pause',
          step('pause_builder', {
            origin: freezeDomains,
            then: (d) => {
              d.dom[d.builder]!.pause++
              d.dom[d.builder]!.frozen = true
            },
          }),
        ),
        edit.replace('freeze.pause/next', {
          then: (d) => {
            if (d.dom[d.next]!.frozen) d.next++
            else pauseNext(d)
          },
          goto: 'pause',
        }),
      ],
    }),
    patch('fault-thaw-once-more', {
      kind: 'fault',
      says: 'The thaw unpauses domain 2 twice.',
      edits: [
        edit.after('freeze.sleep', step('unpause_dom2', { origin: thawDomains, then: (d) => void d.dom[2]!.pause-- })),
      ],
    }),
    patch('fault-dom0-not-held', {
      kind: 'fault',
      says: 'Dom0 is not held beyond its own thaw.',
      edits: [
        edit.replace('freeze.begin', { then: (d) => void d.left.suspends-- }),
        edit.replace('freeze.resume_dom0', { then: () => undefined }),
      ],
    }),
    patch('fault-forgets-unpause', {
      kind: 'fault',
      says: 'The builder believes that it has unpaused its domain.',
      edits: [
        edit.replace('build.unpausedomain', {
          then: (d) => {
            d.dom[1]!.held--
            d.dom[1]!.built = true
          },
        }),
      ],
    }),
  ],
  resting: (s, at) => at('freeze', 'begin') && s.left.suspends === 0 && at('build', 'end'),
  abstractions: [
    'Three ids: Dom0, one that is free at first, and a third domain. A walk sees a domain if it exists when the walk comes to its id, as for_each_domain does.',
    'A domain is paused in one step: domain_pause() waits until it has stopped.',
  ],
})
