/**
 * Suspend of a Xen guest as its toolstack sees it: request, wait, save, and the way back from every exit.
 *
 * Source: tools/libs/light/libxl_dom_suspend.c and tools/xl of xen.git c447b7308b (August 2026), under the names that Xen 4.7 had
 * (tools/libxl, tools/libxc/xc_resume.c); the device model is resumed first since f33b4fc4ef (4.9), which is a patch here.
 */

import {
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
  type ValueOf,
} from '../src/index.js'

const parameters = {
  purpose: parameter(
    oneOf('migrate', 'checkpoint'),
    'migrate',
    'whether the guest is to run on here after a successful save',
  ),
  failures: parameter(int(0, 2), 1, 'how many steps of the toolstack may fail'),
  rounds: parameter(int(1, 2), 1, 'how often the toolstack suspends the guest'),
  late: parameter(bool(), false, 'whether a guest that acknowledged may take longer than the toolstack waits'),
}

interface Choice {
  readonly failures: number
  readonly rounds: number
}

export const state = ({ failures, rounds }: Choice) =>
  record({
    /** It runs; it is in the suspend hypercall, the domain shut down with reason suspend; it crashed; it was destroyed. */
    guest: oneOf('running', 'suspended', 'dead', 'destroyed'),
    /** The request is in xenstore; the guest has taken it from there and is on its way. */
    requested: bool(),
    acknowledged: bool(),
    deviceModel: oneOf('running', 'stopped'),
    /** The guest's state is whole somewhere else. */
    saved: bool(),
    /** The registers of the guest are its own. */
    intact: bool(),
    failures: int(0, failures),
    rounds: int(0, rounds),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)
const dom = 'tools/libxl/libxl_dom_suspend.c'
const resumeFile = 'tools/libxc/xc_resume.c'

const mayFail = (s: Readonly<Pick<State, 'failures'>>): boolean => s.failures > 0
const fail = (d: State): void => void d.failures--

/** xc_domain_resume_cooperative(): the hypercall returns 1, written into the register that the guest looks at. */
const fast = (d: State): void => {
  if (d.guest === 'running') d.intact = false
  if (d.guest === 'suspended') d.guest = 'running'
}

/** The same, without a look at the guest. */
const unchecked = step('resume-unchecked', {
  origin: source(resumeFile, 'xc_domain_resume_cooperative'),
  says: 'the fast resume, whatever the guest is doing',
  then: fast,
  goto: 'over',
})

export default model('toolstack-suspend', {
  question: 'Is a guest whose suspend fails, at any exit, as it was?',
  parameters,
  actors: {
    toolstack: system('libxl and xl'),
    guest: environment('the guest'),
  },
  initial: ({ failures, rounds }) => ({
    guest: 'running',
    requested: false,
    acknowledged: false,
    deviceModel: 'running',
    saved: false,
    intact: true,
    failures,
    rounds,
  }),
  parts: ({ purpose, late }) => [
    thread(
      'libxl',
      { actor: 'toolstack' },
      step('save_helper-start', {
        origin: source('tools/libxl/libxl_save_callout.c', 'run_helper'),
        when: (s) => s.rounds > 0 && s.guest === 'running',
        then: (d) => {
          d.rounds--
          d.saved = false
        },
        either: { ok: {}, fails: { when: mayFail, then: fail, goto: 'libxl_domain_resume' } },
      }),
      step('suspend-request', {
        origin: source(dom, 'domain_suspend_callback_common'),
        then: (d) => void (d.requested = true),
      }),
      step('suspend-wait', {
        origin: source(dom, 'suspend_common_wait_guest_check'),
        either: {
          suspended: { when: (s) => s.guest === 'suspended', then: (d) => void (d.requested = false) },
          died: { when: (s) => s.guest === 'dead', then: (d) => void (d.requested = false), goto: 'over' },
          timeout: {
            origin: source(dom, 'domain_suspend_common_pvcontrol_suspending'),
            says: 'nobody acknowledged: the request is taken back in a xenstore transaction',
            when: (s) => s.guest === 'running' && s.requested,
            then: (d) => void (d.requested = false),
            goto: 'libxl_domain_resume',
          },
          guest_timeout: {
            origin: source(dom, 'suspend_common_wait_guest_timeout'),
            says: 'acknowledged and not suspended in 60 s: nothing is taken back, and xl migrate does not even try to resume',
            when: (s) => s.guest === 'running' && !s.requested && (late || !s.acknowledged),
            goto: purpose === 'migrate' ? 'over' : 'libxl_domain_resume',
          },
        },
      }),
      step('dm_suspend', {
        origin: source(dom, 'libxl__domain_suspend_device_model'),
        then: (d) => void (d.deviceModel = 'stopped'),
      }),
      step('save', {
        origin: source('tools/libxc/xc_sr_save.c', 'xc_domain_save'),
        either: { ok: {}, fails: { when: mayFail, then: fail, goto: 'dm_resume' } },
      }),
      step('save_config', {
        origin: source('tools/libxl/xl_cmdimpl.c', 'save_domain'),
        says: 'xl writes the configuration, or hands over to the receiver',
        either: { ok: { then: (d) => void (d.saved = true) }, fails: { when: mayFail, then: fail, goto: 'dm_resume' } },
      }),
      step('decide', {
        origin: source('tools/libxl/xl_cmdimpl.c', 'migrate_domain'),
        either: {
          destroy: {
            when: () => purpose === 'migrate',
            then: (d) => void (d.guest = 'destroyed'),
            goto: 'over',
          },
          keep: { when: () => purpose === 'checkpoint' },
        },
      }),
      step('dm_resume', {
        origin: source(dom, 'libxl__domain_resume_device_model'),
        says: 'the reverse of suspend: the device model first',
        then: (d) => void (d.deviceModel = 'running'),
      }),
      step('libxl_domain_resume', {
        origin: source(dom, 'libxl__domain_resume'),
        says: 'the guest is looked at: only one that is in the suspend hypercall is resumed',
        either: {
          fast: { when: (s) => s.guest === 'suspended', then: fast },
          nothing: { when: (s) => s.guest !== 'suspended' },
        },
      }),
      step('over', { origin: env('the command returns'), goto: 'save_helper-start' }),
    ),
    action('acknowledge', {
      actor: 'guest',
      origin: source('drivers/xen/manage.c', 'shutdown_handler'),
      says: 'the guest empties the node',
      when: (s) => s.requested && s.guest === 'running',
      then: (d) => {
        d.requested = false
        d.acknowledged = true
      },
    }),
    action('suspend', {
      actor: 'guest',
      origin: source('drivers/xen/manage.c', 'xen_suspend'),
      says: 'the guest calls the hypervisor',
      when: (s) => s.acknowledged && s.guest === 'running',
      then: (d) => {
        d.acknowledged = false
        d.guest = 'suspended'
      },
    }),
    action('fail_to_suspend', {
      actor: 'guest',
      origin: source('drivers/xen/manage.c', 'do_suspend'),
      says: 'a task or a device refuses: the guest goes on, and tells nobody',
      when: (s) => s.acknowledged && s.guest === 'running',
      then: (d) => void (d.acknowledged = false),
    }),
    action('crash', {
      actor: 'guest',
      origin: env('the guest dies instead of answering'),
      when: (s, _, at) => s.guest === 'running' && at('libxl', 'suspend-wait'),
      then: (d) => void (d.guest = 'dead'),
    }),
  ],
  patches: [
    patch('fast-after-timeout', {
      kind: 'era',
      says: 'The undo is the fast resume, also for a guest that has not reached the hypercall.',
      reference: 'before 51b85cf4a6',
      edits: [
        edit.after('libxl.libxl_domain_resume', unchecked),
        edit.replace('libxl.suspend-wait/timeout', { goto: 'resume-unchecked' }),
        edit.replace('libxl.suspend-wait/guest_timeout', { goto: 'resume-unchecked' }),
        ...pastUnchecked(),
      ],
    }),
    patch('always-slow', {
      kind: 'era',
      says: 'The undo is the slow resume, which needs book-keeping that the toolstack does not do: the guest crashes.',
      reference: '51b85cf4a6, before c04c825bdf',
      edits: [
        edit.replace('libxl.libxl_domain_resume/fast', {
          then: (d) => void (d.guest = 'dead'),
        }),
      ],
    }),
    patch('resume-unverified', {
      kind: 'era',
      says: 'A helper that fails at once is answered by a resume of a guest that was never suspended.',
      reference: 'before 84acc84afb',
      edits: [
        edit.after('libxl.libxl_domain_resume', unchecked),
        edit.replace('libxl.save_helper-start/fails', { goto: 'resume-unchecked' }),
        ...pastUnchecked(),
      ],
    }),
    patch('failed-save-returns', {
      kind: 'era',
      says: 'A checkpoint that fails returns at once, and the guest stays suspended.',
      reference: 'before d732509e34',
      edits: [edit.replace('libxl.save/fails', { goto: 'over' })],
    }),
    patch('error-macro-exits', {
      kind: 'era',
      says: 'In xl an error macro ends the process between the save and the resume.',
      reference: 'before 95393dde94',
      edits: [edit.replace('libxl.save_config/fails', { goto: 'over' })],
    }),
    patch('waits-for-suspended-only', {
      kind: 'era',
      says: 'The toolstack waits until the guest is suspended, and nothing else ends the wait.',
      reference: 'before 8ae14b99e0 and a03984e7bc',
      edits: [
        edit.remove('libxl.suspend-wait/died'),
        edit.remove('libxl.suspend-wait/timeout'),
        edit.remove('libxl.suspend-wait/guest_timeout'),
      ],
    }),
    patch('guest-before-device-model', {
      kind: 'era',
      says: 'The guest is resumed before its device model.',
      reference: 'before f33b4fc4ef',
      edits: [edit.move('libxl.dm_resume', { after: 'libxl.libxl_domain_resume' })],
    }),
    patch('unpause-instead', {
      kind: 'era',
      says: 'The undo of the suspend is an unpause, which a shut-down domain does not notice.',
      reference: 'before bea0ff6e77',
      edits: [edit.replace('libxl.libxl_domain_resume/fast', { then: () => {} })],
    }),
    patch('late-suspender-resumed', {
      kind: 'fix',
      says: 'After its timer ran out the toolstack leaves somebody behind who resumes the domain if it suspends after all.',
      reference: 'derived; no such commit was found up to c447b7308b',
      edits: [
        edit.replace('guest.suspend', {
          when: (s, _, at) => s.acknowledged && s.guest === 'running' && at('libxl', 'suspend-wait'),
        }),
        edit.add(
          action('suspend_and_resume', {
            actor: 'guest',
            origin: env('the watch on @releaseDomain that is left behind'),
            says: 'nobody waits any more: the domain suspends and is resumed at once',
            when: (s, _, at) => s.acknowledged && s.guest === 'running' && !at('libxl', 'suspend-wait'),
            then: (d) => void (d.acknowledged = false),
          }),
        ),
      ],
    }),
    patch('device-model-runs-on', {
      kind: 'fault',
      says: 'The device model is not stopped for the save.',
      edits: [edit.remove('libxl.dm_suspend')],
    }),
    patch('destroyed-after-failure', {
      kind: 'fault',
      says: 'A save that fails ends like one that succeeds.',
      edits: [edit.replace('libxl.save/fails', { goto: 'decide' })],
    }),
    patch('save-always-fails', {
      kind: 'fault',
      says: 'No save ever succeeds.',
      edits: [
        edit.replace('libxl.save/ok', { when: () => false }),
        edit.replace('libxl.save/fails', { when: () => true, then: () => {} }),
      ],
    }),
  ],
  resting: (s, at) => at('libxl', 'save_helper-start') && (s.rounds === 0 || s.guest !== 'running'),
  abstractions: [
    'A fast resume edits the return value of the hypercall; in a guest that is not in it, that is some register in use.',
    'Time limits are choices: a wait may end at any time while the guest has not answered.',
    'A domain without PV drivers, or one that is in S3, is shut down by the toolstack itself (xc_domain_shutdown, domain_suspend_callback_common): nobody has to answer.',
    'A migration ends when memory is copied. What `xl migrate` does after it (rename, permission to go, report) may fail as well, and leaves a domain that is suspended to its administrator.',
    'A device model that does not resume is reported (dm_resume_done), and the domain stays as it is.',
  ],
})

/** The checked resume goes past the unchecked one. */
function pastUnchecked() {
  return (['fast', 'nothing'] as const).map((name) =>
    edit.replace(`libxl.libxl_domain_resume/${name}`, { goto: 'over' }),
  )
}
