/** What a toolstack must keep when it suspends a guest: the guest's registers, its device model, and its life. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/toolstack-suspend.js'

const { always, step, possible, reachable } = propertiesOver(state)

const properties: Properties = ({ purpose }) => [
  always('context-intact', 'Nobody but the guest writes the registers of a guest that runs.', (s) => s.intact),
  step('resume-does-not-kill', 'The undo of a suspend leaves a guest alive.', {
    on: ['libxl.libxl_domain_resume', 'libxl.resume-unchecked'],
    holds: (before, after) => before.guest === 'dead' || after.guest !== 'dead',
  }),
  always('everyone-back', 'When the command returns, a guest that lives runs, and so does its device model.', {
    when: (_, at) => at('libxl', 'save_helper-start'),
    holds: (s) => s.guest !== 'suspended' && (s.guest !== 'running' || s.deviceModel === 'running'),
  }),
  always('reverse-order', 'A guest that runs has a device model that runs.', {
    when: (s) => s.guest === 'running',
    holds: (s) => s.deviceModel === 'running',
  }),
  step('ready-at-save', 'What is saved stands still: guest and device model.', {
    on: 'libxl.save',
    holds: (before) => before.guest === 'suspended' && before.deviceModel === 'stopped',
  }),
  always(
    'guest-not-lost',
    'A guest is destroyed only if all of it is somewhere else, and not for a checkpoint; one that has moved does not run here, too.',
    (s) =>
      s.guest === 'destroyed'
        ? s.saved && purpose === 'migrate'
        : s.guest !== 'running' || !s.saved || purpose === 'checkpoint',
  ),
  possible('attempt-ends', 'Every command can return.', (_, at) => at('libxl', 'save_helper-start')),
  reachable('can-save', 'Some guest is saved.', (s, at) => at('libxl', 'save_config') && s.guest === 'suspended'),
]

export default properties
