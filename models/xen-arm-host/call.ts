/** What `system_suspend()` is to its caller: a call that returns, with everything as it was. */

import { bool, env, oneOf, over, record, system } from '../../src/index.js'

const state = record({
  call: oneOf('elsewhere', 'returned'),
  /** Xen is as it was when the call was made. */
  asBefore: bool(),
})

const { model, action } = over(state)

export const call = model('suspend-call', {
  question: 'What may a call of system_suspend() change?',
  actors: { xen: system('the hypervisor') },
  initial: () => ({ call: 'elsewhere', asBefore: true }),
  parts: () => [
    action('returns', {
      actor: 'xen',
      origin: env('the machine slept, or the attempt failed'),
      when: (s) => s.call === 'elsewhere',
      then: (d) => void (d.call = 'returned'),
    }),
    action('goes_on', {
      actor: 'xen',
      origin: env('Dom0 is resumed'),
      when: (s) => s.call === 'returned',
      then: (d) => void (d.call = 'elsewhere'),
    }),
  ],
})
