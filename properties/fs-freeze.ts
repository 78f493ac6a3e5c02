/** What an automatic freeze of file systems must keep: other people's freezes. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/fs-freeze.js'

const { always, step, reachable, possible } = propertiesOver(state)

const properties: Properties = ({ all }) => [
  always('foreign-stop-preserved', 'A file system that a user or a scrub froze stays frozen until they thaw it.', (s) =>
    s.fs.every(({ ucount, kcount, wanted, scrubbed }) => (!wanted || ucount > 0) && (!scrubbed || kcount > 0)),
  ),
  always(
    'no-warning',
    'The end of an attempt asserts nothing of a file system that the attempt did not freeze.',
    (s) => !s.warned,
  ),
  always('asleep-undisturbed', 'While the machine sleeps nobody can freeze or thaw a file system: tasks are frozen.', {
    when: (_, at) => at('pm', 'sleep'),
    holds: (s) => s.tasks === 'frozen',
  }),
  always(
    'everyone-back',
    'Between two attempts nothing is frozen that nobody wants frozen, tasks run, and suspend owns nothing.',
    {
      when: (_, at) => at('pm', 'filesystems_freeze'),
      holds: (s) =>
        s.tasks === 'running' &&
        s.fs.every(
          ({ ucount, kcount, owner, ours, wanted, scrubbed }) =>
            !ours && owner === 'nobody' && ucount === Number(wanted) && kcount === Number(scrubbed),
        ),
    },
  ),
  possible('attempt-ends', 'Every attempt can come to its end.', (_, at) => at('pm', 'filesystems_freeze')),
  reachable(
    'can-sleep',
    all ? 'Some attempt sleeps with all file systems frozen by it.' : 'Some attempt sleeps.',
    (s, at) => at('pm', 'sleep') && (!all || s.fs.every(({ ours }) => ours)),
  ),
  reachable(
    'can-sleep-again',
    'A second attempt can freeze all file systems too.',
    (s, at) => at('pm', 'sleep') && s.cycles === 0 && (!all || s.fs.every(({ ours }) => ours)),
  ),
  step(
    'unwind-exact',
    'A file system loses a freeze of the kernel at the end of an attempt only if this attempt froze it.',
    {
      on: 'pm.thaw_super',
      holds: (before, after) => {
        const here = before.fs[before.next]
        return here === undefined || here.ours || after.fs[before.next]!.kcount === here.kcount
      },
    },
  ),
]

export default properties
