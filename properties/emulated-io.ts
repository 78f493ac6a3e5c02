/** What must hold of an emulated access over a suspend and a resume. */

import { state } from '../models/emulated-io.js'
import { propertiesOver } from '../src/index.js'

const { always, possible } = propertiesOver(state)

export default [
  always('at-most-once', 'The device carries an access out at most once.', (s) => s.executed <= 1),
  always('retired-means-executed', 'The guest’s instruction is over only when the device has carried its access out.', {
    when: (s) => s.retired,
    holds: (s) => s.executed >= 1,
  }),
  possible('instruction-ends', 'The instruction can always come to an end.', (s) => s.retired),
]
