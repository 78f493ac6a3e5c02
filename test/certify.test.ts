/** The independent verifier confirms what is right and refutes what is not. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { certify, Refuted, type Claimed, type Holding } from '../src/search/certify.js'
import { check } from '../src/search/check.js'
import { explore } from '../src/search/explore.js'
import type { At } from '../src/write/model.js'
import { instantiate, type System } from '../src/write/system.js'
import freeze, { properties } from '../bench/freeze.js'
import { written } from './plain-models.js'
import { descriptions } from './random-models.js'

const nothing = { states: [], steps: [], collects: [] }

/** All states of a system, or undefined if it is at fault or large. */
async function statesOf(system: System, maxStates = 200): Promise<{ states: Claimed[]; holding: Holding } | undefined> {
  const { expander, states, cut } = await explore(system, nothing, { maxStates })
  if (cut) return undefined
  const deadlockFree = expander.findings.dead[0]! < 0
  return {
    states: Array.from({ length: states }, (_, id) => expander.stateOf(id)),
    holding: { properties: [], deadlockFree },
  }
}

describe('a certificate', () => {
  it('is given to every complete search of random models, and does not depend on the order of states', async () => {
    let given = 0
    await fc.assert(
      fc.asyncProperty(descriptions(false), async ({ description }) => {
        const system = instantiate(written(description))
        const found = await statesOf(system)
        if (!found) return
        const { states, holding } = found
        const certificate = certify(system, holding, () => states)
        assert.equal(certificate.states, states.length)
        assert.equal(certify(system, holding, () => [...states].reverse()).digest, certificate.digest)
        given++
      }),
      { numRuns: 300, seed: 91 },
    )
    assert(given > 150, `only ${given} certificates`)
  })

  it('is refused when any one state is missing or is found twice', async () => {
    let refused = 0
    await fc.assert(
      fc.asyncProperty(descriptions(false), fc.nat(), async ({ description }, pick) => {
        const system = instantiate(written(description))
        const found = await statesOf(system)
        if (!found) return
        const { states, holding } = found
        const at = pick % states.length
        assert.throws(() => certify(system, holding, () => states.filter((_, i) => i !== at)), Refuted)
        assert.throws(() => certify(system, holding, () => [...states, states[at]!]), /found twice/)
        refused++
      }),
      { numRuns: 200, seed: 92 },
    )
    assert(refused > 100, `only ${refused} were refused`)
  })

  it('is refused when a claim is false or a deadlock was overlooked', async () => {
    const system = instantiate(freeze, { parameters: { N: 1, Q: 1 } })
    const found = (await statesOf(system, 10_000))!
    const [live] = properties(system.parameters)
    const never = {
      ...live!,
      name: 'never-suspends',
      when: undefined,
      holds: (_: unknown, at: At) => !at('pm', 'sleep'),
    }
    const holding = { properties: [never as typeof live & object], deadlockFree: true }
    assert.throws(() => certify(system, holding, () => found.states), /never-suspends is false in/)
    const stuck = { ...system, transitions: [] }
    assert.throws(() => certify(stuck, found.holding, () => found.states), /nothing can happen in/)
  })

  it('comes with a check that asks for it, and names what it confirms', async () => {
    const system = instantiate(freeze, { parameters: { N: 2, Q: 1 } })
    const { certificate, states, transitions } = await check(system, properties, { certify: true })
    assert.equal(certificate?.states, states)
    assert.equal(certificate.transitions, transitions)
    assert.deepEqual(certificate.properties, ['no-deadlock', 'in-domain', 'live-vq', 'ring-bound', 'quiet-asleep'])
    assert.match(certificate.digest, /^[0-9a-f]{64}$/)
  })
})
