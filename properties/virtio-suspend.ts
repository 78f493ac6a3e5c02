/** What must hold of the SUSPEND handshake. */

import type { Properties } from '../src/index.js'
import { state } from '../models/virtio-suspend.js'
import { templatesOver } from './templates.js'

const {
  stateMatchesHardware,
  readyBeforeUse,
  noWorkAfterFreeze,
  drainBeforeTeardown,
  attemptTerminates,
  everyoneBack,
  requestServed,
} = templatesOver(state)

const properties: Properties = [
  stateMatchesHardware({
    what: 'the device',
    name: 'suspended-is-suspended',
    says: 'While the driver believes the device to be suspended, it is.',
    claimed: (s) => s.believes === 'suspended',
    actual: (s) => s.device === 'suspended',
  }),
  stateMatchesHardware({
    what: 'the device',
    name: 'running-is-running',
    says: 'Before any normal operation the driver waits until the device has resumed: while the driver believes the device to be running, it is.',
    claimed: (s) => s.believes === 'running',
    actual: (s) => s.device === 'running' && s.written === 'nothing',
  }),
  readyBeforeUse({
    what: 'the queue',
    name: 'no-buffer-while-suspending',
    says: 'From the request to suspend until the device runs again the driver makes no buffer available.',
    use: 'worker.*',
    ready: (s) => s.believes === 'running',
    used: (s) => s.buffer === 'avail',
  }),
  noWorkAfterFreeze({
    what: 'the device',
    name: 'suspended-device-is-silent',
    says: 'A suspended device consumes nothing and notifies nobody, of configuration changes neither.',
    own: ['device.take', 'device.finish', 'device.config_change/told'],
    frozen: (s) => s.device === 'suspended',
  }),
  drainBeforeTeardown({
    what: 'a buffer',
    name: 'buffers-owned-once',
    says: 'A suspend loses no request: a buffer that the device holds is taken back only when it shows DEVICE_NEEDS_RESET.',
    teardown: ['driver.*/needs_reset', 'worker.napi_poll/virtqueue_add', 'worker.napi_poll/get_buf'],
    inFlight: (s) => (s.buffer === 'avail' || s.buffer === 'host') && s.device !== 'needs reset',
  }),
  attemptTerminates({
    what: 'a request to suspend',
    name: 'suspend-ends',
    says: 'A request to suspend ends: suspended and resumed, or reset.',
    attempt: (s) => s.believes === 'asked',
    ended: (s) => s.believes === 'running',
  }),
  everyoneBack({
    what: 'NAPI',
    name: 'napi-runs-again',
    says: 'When no suspend is under way, NAPI may poll.',
    idle: (_, at) => at('driver', 'stop_napi'),
    running: [(s) => s.polling],
  }),
  requestServed({
    what: 'an available buffer',
    name: 'buffer-comes-back',
    says: 'A buffer that was made available is used in the end, before the sleep or after it, or taken back by a reset.',
    queued: (s) => s.buffer === 'avail' || s.buffer === 'host',
    served: (s) => s.buffer === 'used' || s.buffer === 'guest',
  }),
  requestServed({
    what: 'a used buffer',
    name: 'interrupt-is-not-lost',
    says: 'A used buffer is seen by the driver.',
    queued: (s) => s.buffer === 'used',
    served: (s) => s.buffer !== 'used',
  }),
  requestServed({
    what: 'a configuration change',
    name: 'change-is-announced',
    says: 'A configuration change is announced in the end, at the latest when the device runs again.',
    queued: (s) => s.config !== 'known',
    served: (s) => s.config === 'known',
  }),
]

export default properties
