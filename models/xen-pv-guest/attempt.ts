/** What a suspend is to a guest that does not care how it is done: it loses the connections, or it leaves no trace. */

import { bool, env, oneOf, over, record, system } from '../../src/index.js'

const state = record({
  phase: oneOf('running', 'suspending', 'lost'),
  /** Everything is as it would be without a suspend, apart from what the suspend holds while it lasts. */
  intact: bool(),
})

const { model, action } = over(state)

export const attempt = model('suspend-attempt', {
  question: 'What may a suspend change?',
  actors: { guest: system('the guest'), toolstack: system('the toolstack') },
  initial: () => ({ phase: 'running', intact: true }),
  parts: () => [
    action('begins', {
      actor: 'guest',
      origin: env('the guest acknowledges the request'),
      when: (s) => s.phase === 'running',
      then: (d) => void (d.phase = 'suspending'),
    }),
    action('is_cancelled', {
      actor: 'guest',
      origin: env('the suspend failed, or the same domain goes on with its connections'),
      when: (s) => s.phase === 'suspending',
      then: (d) => void (d.phase = 'running'),
    }),
    action('loses_connections', {
      actor: 'toolstack',
      origin: env('a new domain, or devices that were reset'),
      when: (s) => s.phase === 'suspending',
      then: (d) => void (d.phase = 'lost'),
    }),
    action('is_restored', {
      actor: 'guest',
      origin: env('the frontends have set up anew what was lost'),
      when: (s) => s.phase === 'lost',
      then: (d) => void (d.phase = 'running'),
    }),
  ],
})
