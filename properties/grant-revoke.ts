/** What must hold of a page whose grant is ended. */

import { state } from '../models/grant-revoke.js'
import { propertiesOver } from '../src/index.js'

const { always, possible } = propertiesOver(state)

const givenBack = ['free', 'reused']

export default [
  always('no-reuse-while-mapped', 'A page is given back only when no backend has it mapped.', {
    when: (s) => givenBack.includes(s.page),
    holds: (s) => s.mapped === 'no',
  }),
  always('no-grant-on-free-page', 'A page is given back only when its grant was ended.', {
    when: (s) => givenBack.includes(s.page),
    holds: (s) => s.grant === 'ended',
  }),
  possible('reclaimed', 'The page can always come to be used again.', (s) => s.page === 'reused'),
]
