/** Specs of protocols without a history: what nobody says of an instance is as plain as it can be. */

import type { Instance } from '../src/tell/spec.js'

/** An instance that stands for nothing beyond itself. */
export const plainInstance = (own: Partial<Instance> & Pick<Instance, 'id' | 'expect'>): Instance => ({
  says: 'As it is.',
  corpus: null,
  form: null,
  evidence: null,
  references: [],
  parameters: {},
  patches: [],
  ...own,
})

/** The spec of a protocol with these instances, which may be wrong. */
export const plainSpec = (protocol: string, ...instances: readonly object[]): object => ({
  schema: 'thawproof/spec@1',
  protocol,
  references: {},
  instances,
})
