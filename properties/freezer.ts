/** What the freezer must keep: nobody runs in between, everybody goes on as before, nobody waits for ever. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/freezer.js'

const { always, step, reachable, possible } = propertiesOver(state)

const properties: Properties = [
  always('no-work-after-freeze', 'While devices are suspended no task runs.', {
    when: (s) => s.devices === 'off',
    holds: (s) => s.task.every(({ is }) => is !== 'running'),
  }),
  step('sleep-restored', 'Thaw puts every task back into the state in which it was frozen.', {
    on: 'pm.thaw_processes',
    holds: (before, after) => before.task.every(({ is, saved }, i) => is !== 'frozen' || after.task[i]!.is === saved),
  }),
  step('no-access-after-release', 'A completion is signalled only while its waiter is still there.', {
    on: 'umh.complete',
    holds: (before) => before.onStack,
  }),
  always('no-helper-while-suspended', 'While devices are suspended no user-mode helper runs.', {
    when: (s) => s.devices === 'off',
    holds: (_, at) => at('waiter', 'call_usermodehelper_exec', 'end'),
  }),
  possible('waiter-returns', 'Whoever waits for a helper can return.', (_, at) => at('waiter', 'end')),
  always('thawed', 'Between two attempts no task is frozen, and neither OOM killer nor helpers are off.', {
    when: (_, at) => at('pm', 'usermodehelper_disable'),
    holds: (s) => s.task.every(({ is }) => is !== 'frozen') && s.oomKiller && !s.helpersOff,
  }),
  reachable('can-sleep', 'Some attempt freezes everybody and suspends the devices.', (s) => s.devices === 'off'),
]

export default properties
