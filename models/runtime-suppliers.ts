/**
 * Runtime PM of a consumer and its supplier: when may the supplier be powered off?
 *
 * Source: drivers/base/power/runtime.c (__rpm_callback, rpm_suspend, rpm_suspend_suppliers, pm_runtime_get_suppliers,
 * pm_runtime_put_suppliers) of Linux 7.3.4; and for its history 44cc89f76464 and its revert, 5244f5e2d801, 9dfacc54a866 of 2021, 887371066039 of 2022.
 */

import { bool, environment, int, oneOf, over, parameter, record, source, system, type ValueOf } from '../src/index.js'

const parameters = {
  uses: parameter(int(0, 3), 2, 'how often somebody resumes the consumer after its probe'),
  probes: parameter(bool(), true, 'whether the consumer is probed meanwhile'),
}

export const state = ({ uses }: { readonly uses: number }) =>
  record({
    /** The consumer's runtime status, and its hardware. */
    status: oneOf('active', 'suspending', 'suspended', 'resuming'),
    powered: bool(),
    /** A resume was asked for while it was suspending: it is carried out at the end of the suspend. */
    deferred: bool(),
    /** What the consumer holds of its supplier through the device link, and the pin of the probe, a usage count of its own. */
    held: int(0, uses + 2),
    pin: bool(),
    supplier: oneOf('on', 'off'),
    /** An idle request of the supplier: without one nobody suspends it. */
    asked: bool(),
    uses: int(0, uses),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)
const file = 'drivers/base/power/runtime.c'
const origin = (symbol: string) => source(file, symbol)

/** pm_runtime_get_sync() of the supplier takes back a request that is pending. */
const supply = (d: State): void => {
  d.supplier = 'on'
  d.asked = false
}

/** rpm_put_suppliers() as it was. */
const dropAndAsk = (d: State): void => {
  d.held = 0
  d.asked = true
}

export default model('runtime-suppliers', {
  question: 'Is a supplier on whenever its consumer needs it?',
  parameters,
  actors: {
    probe: system('the driver core, probing the consumer'),
    suspend: system('runtime PM, suspending the consumer'),
    supplier: system('runtime PM of the supplier'),
    user: environment('whoever uses the consumer'),
  },
  initial: ({ uses }) => ({
    status: 'active',
    powered: true,
    deferred: false,
    held: 1,
    pin: false,
    supplier: 'on',
    asked: false,
    uses,
  }),
  parts: ({ probes }) => [
    thread(
      'probe',
      { actor: 'probe' },
      step('pm_runtime_get_suppliers', {
        origin: origin('pm_runtime_get_suppliers'),
        says: 'the core pins the suppliers for the time of the probe',
        when: (s) => probes && s.status === 'active',
        then: (d) => {
          supply(d)
          d.pin = true
        },
      }),
      step('probe', {
        origin: source('drivers/base/dd.c', 'really_probe'),
        says: 'the driver probes; its device may be suspended and resumed by runtime PM meanwhile',
      }),
      step('pm_runtime_put_suppliers', {
        origin: origin('pm_runtime_put_suppliers'),
        says: 'pm_runtime_put(), whatever the consumer is doing',
        then: (d) => {
          d.pin = false
          d.asked = true
        },
      }),
    ),
    thread(
      'rpm',
      { actor: 'suspend' },
      step('rpm_suspend', {
        origin: origin('rpm_suspend'),
        when: (s) => s.status === 'active',
        then: (d) => void (d.status = 'suspending'),
      }),
      step('runtime_suspend', {
        origin: origin('__rpm_callback'),
        says: 'the callback of the driver',
        then: (d) => void (d.powered = false),
      }),
      step('rpm_put_suppliers', {
        origin: origin('__rpm_callback'),
        says: '__rpm_put_suppliers(dev, false): the count goes, and nobody asks the supplier yet',
        then: (d) => void (d.held = 0),
      }),
      step('RPM_SUSPENDED', {
        origin: origin('rpm_suspend'),
        then: (d) => void (d.status = 'suspended'),
      }),
      step('rpm_resume-deferred', {
        origin: origin('rpm_suspend'),
        either: {
          none: {
            says: 'rpm_suspend_suppliers() asks the supplier',
            when: (s) => !s.deferred,
            then: (d) => void (d.asked = true),
            goto: 'wait',
          },
          resume: { when: (s) => s.deferred, then: (d) => void (d.deferred = false), goto: 'rpm_resume' },
        },
      }),
      step('wait', {
        origin: origin('rpm_resume'),
        says: 'somebody uses the device',
        when: (s) => s.uses > 0 && s.status === 'suspended',
        then: (d) => void d.uses--,
      }),
      step('rpm_resume', {
        origin: origin('rpm_resume'),
        then: (d) => {
          d.status = 'resuming'
          d.held++
        },
      }),
      step('rpm_get_suppliers', {
        origin: origin('rpm_get_suppliers'),
        says: 'the supplier is resumed first',
        then: supply,
      }),
      step('runtime_resume', {
        origin: origin('__rpm_callback'),
        then: (d) => {
          d.powered = true
          d.status = 'active'
        },
        goto: 'rpm_suspend',
      }),
    ),
    action('pm_runtime_resume', {
      actor: 'user',
      origin: origin('rpm_resume'),
      says: 'the consumer is needed while it is suspending: its resume is deferred',
      when: (s) => s.uses > 0 && s.status === 'suspending' && !s.deferred,
      then: (d) => {
        d.uses--
        d.deferred = true
      },
    }),
    action('rpm_suspend', {
      actor: 'supplier',
      origin: origin('rpm_suspend'),
      when: (s) => s.asked && s.held === 0 && !s.pin && s.supplier === 'on',
      then: (d) => {
        d.supplier = 'off'
        d.asked = false
      },
    }),
  ],
  patches: [
    patch('suppliers-dropped-in-callback', {
      kind: 'era',
      says: 'The suppliers are dropped and asked right after the callback, when the status still says suspending.',
      reference: 'before 5244f5e2d801',
      edits: [edit.replace('rpm.rpm_put_suppliers', { says: 'and the supplier is asked', then: dropAndAsk })],
    }),
    patch('status-set-twice', {
      kind: 'era',
      says: 'The first fix: the status is set before the suppliers are dropped, and, as before, at the end again.',
      reference: '44cc89f76464, reverted in the same cycle',
      edits: [
        edit.move('rpm.rpm_put_suppliers', { after: 'rpm.RPM_SUSPENDED' }),
        edit.replace('rpm.rpm_put_suppliers', { says: 'and the supplier is asked', then: dropAndAsk }),
        edit.after(
          'rpm.rpm_put_suppliers',
          step('RPM_SUSPENDED-again', { origin: origin('rpm_suspend'), then: (d) => void (d.status = 'suspended') }),
        ),
        edit.add(
          action('rpm_resume-early', {
            actor: 'user',
            origin: origin('rpm_resume'),
            says: 'the status says suspended: the resume need not be deferred, it starts at once',
            when: (s, _, at) =>
              s.uses > 0 &&
              (at('rpm', 'rpm_put_suppliers') || at('rpm', 'RPM_SUSPENDED-again')) &&
              s.status === 'suspended',
            then: (d) => {
              d.uses--
              d.held++
              supply(d)
              d.powered = true
              d.status = 'active'
            },
          }),
        ),
      ],
    }),
    patch('pin-always-dropped', {
      kind: 'era',
      says: 'The pin is counted with what the consumer holds, and the core drops it after the probe although a suspend in between has dropped it already.',
      reference: 'before 9dfacc54a866',
      edits: [
        edit.replace('probe.pm_runtime_get_suppliers', {
          then: (d) => {
            supply(d)
            d.held++
          },
        }),
        edit.replace('probe.pm_runtime_put_suppliers', {
          then: (d) => {
            if (d.held > 0) d.held--
            d.asked = true
          },
        }),
      ],
    }),
    patch('suppliers-kept', {
      kind: 'fault',
      says: 'The suspend of the consumer does not drop its suppliers.',
      edits: [edit.remove('rpm.rpm_put_suppliers')],
    }),
    patch('deferred-forgotten', {
      kind: 'fault',
      says: 'A resume that was deferred is forgotten.',
      edits: [
        edit.replace('rpm.rpm_resume-deferred/none', { when: () => true }),
        edit.remove('rpm.rpm_resume-deferred/resume'),
      ],
    }),
  ],
  resting: (s, at) => at('rpm', 'wait') && s.uses === 0 && (at('probe', 'end') || s.status === 'suspended'),
  abstractions: [
    'One consumer, one supplier, one link with DL_FLAG_PM_RUNTIME and DL_FLAG_RPM_ACTIVE. What the consumer holds is one number: the floor of the reference count is 0 here.',
    'The fix of 2021 (9dfacc54a866), which looked at the status under the lock and put the supplier after it, is not modelled: 887371066039 says what that allowed, and took the pin out of the count.',
    'The callbacks of rpm_suspend and rpm_resume run without the lock, so everything between two steps may be interleaved.',
  ],
})
