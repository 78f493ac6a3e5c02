/** What an automatic freeze of file systems must keep: other people's freezes. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/fs-freeze.js'
import { templatesOver } from './templates.js'

const { always, reachable, possible } = propertiesOver(state)
const { releasedOnce } = templatesOver(state)

const properties: Properties = [
  always('foreign-stop-preserved', 'A file system that a user froze stays frozen until a user thaws it.', (s) =>
    s.fs.every(({ user, wanted }) => !wanted || user),
  ),
  releasedOnce({
    what: 'a freeze',
    name: 'unwind-exact',
    says: 'Only what this attempt froze is thawed.',
    release: 'pm.thaw_super/ok',
    held: (s) => s.fs[s.next]!.ours,
  }),
  always('everyone-back', 'Between two attempts nothing is frozen that a user does not want frozen.', {
    when: (_, at) => at('pm', 'fs_suspend_freeze'),
    holds: (s) => s.fs.every(({ kernel, ours, user, wanted }) => !kernel && !ours && user === wanted),
  }),
  possible('attempt-ends', 'Every attempt can come to its end.', (_, at) => at('pm', 'fs_suspend_freeze')),
  reachable('can-sleep', 'Some attempt freezes all file systems.', (_, at) => at('pm', 'sleep')),
]

export default properties
