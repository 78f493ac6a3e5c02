/** A suspend that is cancelled is no suspend at all: a refinement of a guest that only begins, cancels, loses and restores. */

import { bool, each, propertiesOver, record, type Property } from '../../src/index.js'
import { attempt } from '../../models/xen-pv-guest/attempt.js'
import { device, devices, running, state, type SeenDevice, type SeenState } from '../../models/xen-pv-guest/state.js'
import { guestIdle } from '../../models/xen-pv-guest/toolstack.js'

const { refines } = propertiesOver(state)

/** The devices of a guest that is not suspending: everybody else's changes are made to them, and none of the suspend's. */
const elsewhere = record({ dev: each(devices, device), lost: bool() })

const initially = running(0, 0, 'defer').dev

const parts = Object.keys(initially.vbd) as (keyof SeenDevice)[]

const bySuspend = (step: string): boolean => step.startsWith('do_suspend.') || step.startsWith('__xen_suspend.')

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

const copyOf = <T>(data: T): T => JSON.parse(JSON.stringify(data)) as T

/** Whether the toolstack let the domain go on without its connections. */
const loses = (before: SeenState, after: SeenState): boolean =>
  before.domain === 'shutdown' &&
  after.domain === 'running' &&
  devices.every((name) => after.dev[name].backend.ring === null)

/** Nothing is left of what a suspend holds while it lasts. */
const released = (s: SeenState): boolean =>
  s.tasks === 'running' && s.irqs === 'on' && s.xsLocks === 'free' && devices.every((name) => s.dev[name].pm === 'on')

const isAs = (one: SeenDevice, other: SeenDevice): boolean => parts.every((part) => same(one[part], other[part]))

/** The state after a cancelled suspend is the state before it, but for what others did meanwhile. */
export const asIfNeverSuspended: Property = refines(
  'as-if-never-suspended',
  'After a suspend that failed or was cancelled, with no connection lost, everything is as if it had never been: rings, grants, event channels, watches, device states, tasks, interrupts and locks.',
  {
    abstract: attempt,
    remember: {
      state: elsewhere,
      initial: { dev: initially, lost: false },
      next: (own, before, after, { step }) => {
        if (step.endsWith('.shutdown_handler')) own.lost = false
        if (loses(before, after)) own.lost = true
        if (bySuspend(step) && !own.lost) return
        for (const name of devices)
          for (const part of parts) {
            const is = after.dev[name][part]
            if (!same(own.lost ? own.dev[name][part] : before.dev[name][part], is))
              Object.assign(own.dev[name], { [part]: copyOf(is) })
          }
      },
    },
    map: (s, at, { dev, lost }) =>
      guestIdle(at)
        ? { phase: 'running', intact: released(s) && devices.every((name) => isAs(s.dev[name], dev[name])) }
        : { phase: lost ? 'lost' : 'suspending', intact: true },
  },
)
