/** The commit message taken at its word: whatever the outcome, the state matches the one before the call. */

import { oneOf, propertiesOver, record, type Property } from '../../src/index.js'
import { call } from '../../models/xen-arm-host/call.js'
import { state } from '../../models/xen-arm-host/state.js'

const { refines } = propertiesOver(state)

/** The host that only calls and returns, with what is remembered of the moment of the call. */
export const stateMatchesCall: Property = refines(
  'returns-as-called',
  'Xen after system_suspend() is a Xen in which it was never called: CPUs, interrupt routes, stopped stages and pauses are those of the moment of the call.',
  {
    abstract: call,
    remember: {
      state: record({ cpu1: oneOf('on', 'off', 'dead'), route: oneOf('cpu0', 'cpu1', 'moved') }),
      initial: { cpu1: 'on', route: 'cpu0' },
      next: (own, before, after) => {
        if (before.attempt === 'asked' || after.attempt !== 'asked') return
        own.cpu1 = before.cpu1
        own.route = before.route
      },
    },
    map: (s, at, own) =>
      s.attempt !== 'none' && at('host', 'finish')
        ? {
            call: 'returned',
            asBefore:
              s.sys === 'active' &&
              s.stopped.length === 0 &&
              s.cpu1 === own.cpu1 &&
              s.route === own.route &&
              s.domU.pause <= (s.domU.parked ? 1 : 0),
          }
        : { call: 'elsewhere', asBefore: true },
  },
)
