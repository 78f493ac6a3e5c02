/** What the users of xenstore may count on, whoever among them is killed. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/xenbus-file.js'

const { always, leadsTo } = propertiesOver(state)

const properties: Properties = [
  leadsTo('driver-answered', 'A request of a driver is answered.', {
    from: (_, at) => at('driver', 'read_reply'),
    to: (_, at) => at('driver', 'xs_send'),
  }),
  leadsTo('file-freed', 'The file of a process that was killed is freed, and its transaction ended.', {
    from: (s, at) => at('process', 'open') && (s.file !== 'freed' || s.transaction),
    to: (s) => s.file === 'freed' && !s.transaction,
  }),
  always('reply-has-a-file', 'A request of a process that is under way, or its reply, has a file to go to.', {
    when: (s) => [...s.toWrite, ...s.asked, ...s.replies].includes('process'),
    holds: (s) => s.file !== 'freed',
  }),
]

export default properties
