/** Well-known models with published figures: states, transitions, depth and verdicts match exactly. */

import assert from 'node:assert/strict'
import { instantiate } from '../src/write/system.js'
import { check, type Outcome } from '../src/search/check.js'
import { oracles as alternatingBit } from './oracles/alternating-bit.js'
import { oracles as bufferedChannel } from './oracles/buffered-channel.js'
import { oracles as dieHard } from './oracles/die-hard.js'
import { oracles as directoryCache } from './oracles/directory-cache.js'
import { oracles as freeze } from './oracles/freeze.js'
import { oracles as leaderElection } from './oracles/leader-election.js'
import { oracles as mutualExclusion } from './oracles/mutual-exclusion.js'
import type { Oracle } from './oracles/oracle.js'
import { oracles as philosophers } from './oracles/philosophers.js'
import { oracles as prisoners } from './oracles/prisoners.js'
import { oracles as readersWriters } from './oracles/readers-writers.js'
import { oracles as riverCrossing } from './oracles/river-crossing.js'
import { oracles as sharedCounter } from './oracles/shared-counter.js'
import { oracles as singleLaneBridge } from './oracles/single-lane-bridge.js'
import { oracles as tcp } from './oracles/tcp.js'
import { oracles as terminationRing } from './oracles/termination-ring.js'
import { oracles as transactionCommit } from './oracles/transaction-commit.js'
import { oracles as twoPhaseCommit } from './oracles/two-phase-commit.js'

const all: readonly Oracle[] = [
  dieHard,
  twoPhaseCommit,
  transactionCommit,
  philosophers,
  mutualExclusion,
  alternatingBit,
  bufferedChannel,
  riverCrossing,
  prisoners,
  terminationRing,
  leaderElection,
  readersWriters,
  singleLaneBridge,
  tcp,
  sharedCounter,
  directoryCache,
  freeze,
].flat()

function agrees({ cut, states, transitions, depth, verdicts }: Outcome, oracle: Oracle): void {
  assert.equal(cut, undefined)
  assert.equal(states, oracle.states, oracle.source)
  if (oracle.transitions !== undefined) assert.equal(transitions, oracle.transitions, oracle.source)
  if (oracle.depth !== undefined) assert.equal(depth, oracle.depth, oracle.source)
  const found = verdicts.map(({ property, verdict, run }) => [
    property,
    verdict === 'violated' ? run?.steps.length : verdict,
  ])
  assert.deepEqual(Object.fromEntries(found), oracle.verdicts)
}

describe('oracles', () => {
  for (const oracle of all)
    it(`${oracle.name}: ${oracle.states} states`, async () => {
      const system = instantiate(oracle.model, oracle.parameters && { parameters: oracle.parameters })
      const outcome = await check(system, oracle.properties)
      const { reduction } = outcome
      assert.equal(reduction && 'orbits' in reduction ? reduction.orbits : undefined, oracle.orbits, oracle.source)
      agrees(outcome, oracle)
      if (reduction) agrees(await check(system, oracle.properties, { symmetry: false }), oracle)
    })
})
