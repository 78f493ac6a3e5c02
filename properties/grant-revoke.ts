/** What must hold of a page whose grant is ended. */

import { state } from '../models/grant-revoke.js'
import { propertiesOver, type ValueOf } from '../src/index.js'

const { always, possible, step } = propertiesOver(state)

const givenBack: readonly ValueOf<typeof state>['page'][] = ['free', 'reused']

export default [
  always('no-reuse-while-mapped', 'A page is given back only when no backend has it mapped.', {
    when: (s) => givenBack.includes(s.page),
    holds: (s) => s.mapped === 'no',
  }),
  always('no-grant-on-free-page', 'A page is given back only when its grant was ended.', {
    when: (s) => givenBack.includes(s.page),
    holds: (s) => s.grant === 'ended',
  }),
  step('given-back-once', 'A page is given back only by who has it: once.', {
    on: 'end_access.*',
    when: (_, after) => after.page === 'free',
    holds: (before) => before.page === 'driver' || before.page === 'deferred',
  }),
  possible('reclaimed', 'The page can always come to be used again.', (s) => s.page === 'reused'),
]
