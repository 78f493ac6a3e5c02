/** Hash compaction: what it finds is what the exact search finds, unless fingerprints collide; what it does not find it never calls proved. */

import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import freeze, { properties } from '../bench/freeze.js'
import { check, type Outcome } from '../src/check.js'
import { array, bool, env, environment, instantiate, int, Mistake, over, propertiesOver, record } from '../src/index.js'
import { watchFor, type CheckOptions } from '../src/search/check.js'
import { explore, type SearchOptions } from '../src/search/explore.js'
import type { Graph } from '../src/search/graph.js'
import { runTo } from '../src/search/reached.js'
import { atMost, omission, type CompactionOptions } from '../src/search/compact/compaction.js'
import { Frontier } from '../src/search/compact/frontier.js'
import { openSpillFile, Unreadable, type SpillFile } from '../src/search/disk/spill-file.js'
import { FingerprintSet } from '../src/search/compact/fingerprint-set.js'
import { follow } from './fuzz.js'
import { descriptions } from './random-models.js'

/** What both kinds of search can tell. */
const told = ({ states, transitions, depth, expanded, fault, expander }: Graph): unknown => ({
  counts: [states, transitions, depth, expanded],
  fault: fault && [fault.id, fault.fault.message],
  findings: structuredClone(expander.findings),
  parents: expander.store.parents.all(),
})

/** The runs to all that was found, by name. */
const runsIn = ({ expander }: Graph): unknown =>
  [...expander.findings.states.broken, ...expander.findings.dead]
    .filter((id) => id >= 0)
    .map((id) => runTo(expander, id))
    .map(({ initial, steps }) => [initial, ...steps.map(({ transition }) => transition.name)])

/** Thirteen switches that can be turned on, and a wide field beside them: most of the memory is the frontier's. */
const panel = record({ on: array(13, bool()), wide: array(60, int(0, 2 ** 30)) })
const { model, action } = over(panel)
const origin = env('switches')
const switches = instantiate(
  model('switches', {
    question: 'Are all switches ever on?',
    actors: { hand: environment('turns them on') },
    initial: () => ({ on: new Array<boolean>(13).fill(false), wide: new Array<number>(60).fill(5) }),
    parts: () => [
      action('turn', {
        actor: 'hand',
        for: { i: Array.from({ length: 13 }, (_, i) => i) },
        origin,
        when: (s, { i }) => !s.on[i]!,
        then: (d, { i }) => void (d.on[i] = true),
      }),
    ],
    resting: (s) => s.on.every((one) => one),
  }),
)
const claims = [
  propertiesOver(panel).always('off', 'The third and the seventh are never on both.', (s) => !s.on[2] || !s.on[6]),
  propertiesOver(panel).always('first', 'The first nine are never on all.', (s) => s.on.slice(0, 9).includes(false)),
  propertiesOver(panel).always('steady', 'The wide field is as it was.', (s) => s.wide[59] === 5),
]
const verdictsOf = ({ verdicts }: Outcome): string[] => verdicts.map((one) => `${one.property} ${one.verdict}`)

const turned = (options: SearchOptions = {}): Promise<Graph> =>
  explore(switches, watchFor(switches, claims), { ...options })

describe('a table of fingerprints', () => {
  it('is a set, wherever its values crowd', () => {
    // Some regions are filled unevenly: at their beginnings and their ends.
    const value = fc.oneof(
      fc.integer({ min: 1, max: 4000 }),
      fc.integer({ min: 0, max: 255 }).map((region) => (region << 24) | 0xffffff),
      fc.integer().map((any) => any || 1),
    )
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, fc.integer({ min: -2, max: 2 })), { maxLength: 3000, size: 'max' }),
        (pairs) => {
          const [table, set] = [new FingerprintSet(), new Set<string>()]
          for (const [high, low] of pairs) {
            assert.equal(table.add(high, low), !set.has(`${high} ${low}`))
            set.add(`${high} ${low}`)
          }
          for (const [high, low] of pairs) assert.equal(table.add(high, low), false)
        },
      ),
      { numRuns: 15, seed: 5 },
    )
  })

  it('takes about ten bytes for each, at any size', () => {
    const table = new FingerprintSet()
    const random = fc.sample(fc.integer(), { numRuns: 1, seed: 3 })[0]!
    for (let i = 1; i <= 400_000; i++) {
      table.add(Math.imul(i, 0x9e3779b1) ^ random || 1, i)
      if (i >= 100_000 && i % 20_000 === 0) assert.ok(table.bytes / i < 11.8, `${table.bytes / i} at ${i}`)
    }
  })
})

describe('the probability of an omission', () => {
  it('is that of the pairs that could be mistaken, rounded up', () => {
    assert.equal(atMost(omission(12_764_553, 64)), '4.5e-6')
    assert.equal(atMost(omission(1e8, 64)), '2.8e-4')
    assert.equal(atMost(omission(1, 64)), '5.5e-20')
    assert.equal(atMost(omission(100, 16)), '0.078')
    assert.equal(omission(1e6, 16), 1)
    assert.equal(atMost(1), '1.0')
  })
})

describe('a frontier', () => {
  /** A file in memory. */
  const pretended = (): SpillFile & { readonly places: Map<number, Int32Array> } => {
    const places = new Map<number, Int32Array>()
    let next = 0
    return {
      places,
      write: (block) => (places.set(next, block.slice()), next++),
      read: (name, into) => (into.set(places.get(name)!), void places.delete(name)),
      close: () => undefined,
    }
  }

  it('gives states back in the order they came, wherever they were meanwhile', () => {
    let written = 0
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.tuple(fc.constantFrom('push', 'pull', 'relieve'), fc.nat({ max: 20 })), { maxLength: 200 }),
        (words, acts) => {
          const spill = pretended()
          const frontier = new Frontier(words, () => spill, 4)
          let [pushed, pulled] = [0, 0]
          for (const [act, times] of acts)
            for (let i = 0; i < times; i++)
              if (act === 'push') frontier.push(new Int32Array(words).fill(pushed++ * 7), 0)
              else if (act === 'relieve') written += frontier.relieve() ? 1 : 0
              else if (pulled < pushed) {
                const [block, at] = [frontier.blockOf(pulled), frontier.offsetOf(pulled)]
                assert.deepEqual([...block.subarray(at, at + words)], new Array(words).fill(pulled++ * 7))
              }
          const seen: number[] = []
          frontier.sample(1e6, pulled, pushed, (from, at) => seen.push(from[at]! / 7))
          const away = 4 * spill.places.size
          assert.equal(seen.length, pushed - pulled - away)
          assert.deepEqual(
            seen,
            [...new Set(seen.filter((id) => id >= pulled && id < pushed))].sort((a, b) => a - b),
          )
        },
      ),
      { numRuns: 300, seed: 6 },
    )
    assert.ok(written > 300, `only ${written} blocks were written`)
  })

  it('uses places in its file again, and leaves no file behind', () => {
    const folder = mkdtempSync(join(tmpdir(), 'thawproof-'))
    const spill = openSpillFile(folder)
    const block = new Int32Array([1, 2, 3])
    const names = [spill.write(block), spill.write(block.map((word) => -word))]
    const back = new Int32Array(3)
    spill.read(names[1]!, back)
    assert.deepEqual([...back], [-1, -2, -3])
    assert.equal(spill.write(block.map((word) => word * 5)), names[1])
    spill.read(names[0]!, back)
    assert.deepEqual([...back], [1, 2, 3])
    spill.read(names[1]!, back)
    assert.deepEqual([...back], [5, 10, 15])
    assert.throws(() => spill.read(9, back), Unreadable)
    spill.close()
    assert.deepEqual(readdirSync(folder), [])
    rmSync(folder, { recursive: true })
  })
})

describe('a search by fingerprints', () => {
  it('finds on random models what the exact search finds, by the same runs', async () => {
    let compared = 0
    for (const faults of [false, true])
      await fc.assert(
        fc.asyncProperty(descriptions(faults), async (subject) => {
          const search = async (fingerprints?: CompactionOptions): Promise<Graph> => {
            const { system, watch } = follow(subject)
            return explore(system, watch, { maxStates: 3000, fingerprints })
          }
          const [exact, compact] = [await search(), await search({ block: 4 })]
          assert.deepEqual(told(compact), told(exact))
          assert.deepEqual(runsIn(compact), runsIn(exact))
          assert.equal(compact.cut?.limit, exact.cut?.limit ?? 'fingerprints')
          assert.equal(compact.fingerprints?.exhausted, exact.cut === undefined)
          compared++
        }),
        { seed: 31, numRuns: 120 },
      )
    assert.equal(compared, 240)
  })

  it('loses states when fingerprints are too short, as often as it says, and what it finds is there all the same', async () => {
    let [lost, expected, found] = [0, 0, 0]
    await fc.assert(
      fc.asyncProperty(descriptions(false), async (subject) => {
        const search = async (fingerprints?: CompactionOptions): Promise<Graph> => {
          const { system, watch } = follow(subject)
          return explore(system, watch, { maxStates: 3000, fingerprints })
        }
        const exact = await search()
        if (exact.cut || exact.states < 12) return
        const bits = Math.max(8, Math.floor(2 * Math.log2(exact.states)))
        const compact = await search({ bits })
        expected += omission(exact.states, bits)
        assert.ok(compact.states <= exact.states, `${compact.states} of ${exact.states}`)
        assert.equal(omission(compact.states, bits), compact.fingerprints!.omission)
        if (compact.states < exact.states) lost++
        const { broken } = compact.expander.findings.states
        broken.forEach((id, i) => {
          if (id < 0) return
          // The reference has replayed it.
          const { steps } = runTo(compact.expander, id)
          const shortest = runTo(exact.expander, exact.expander.findings.states.broken[i]!).steps.length
          assert.ok(steps.length >= shortest, `${steps.length} steps, ${shortest} would do`)
          found++
        })
      }),
      { seed: 32, numRuns: 600 },
    )
    assert.ok(lost > 15 && found > 50, `${lost} lost, ${found} found`)
    assert.ok(
      lost < expected + 3 * Math.sqrt(expected),
      `${lost} searches lost states, ${expected} were to be expected`,
    )
  }).timeout(90_000)

  it('keeps its frontier on disk when memory is short, with the same results', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'thawproof-'))
    let written = 0
    const open = (where: string): SpillFile => {
      const spill = openSpillFile(where)
      assert.deepEqual(readdirSync(folder), [], 'the file has no name')
      return { ...spill, write: (block) => (written++, spill.write(block)) }
    }
    const whole = await turned({ fingerprints: {} })
    const exact = await turned()
    const { compaction } = whole.expander
    // Room for all fingerprints, but not for the widest level.
    const maxMemory = compaction!.bytes() - compaction!.frontier.bytes + 100_000
    const spilt = await turned({ fingerprints: { folder, open, block: 64 }, maxMemory })
    assert.equal(spilt.cut?.limit, 'fingerprints')
    assert.ok(written > 50, `only ${written} blocks were written`)
    assert.deepEqual(told(spilt), told(whole))
    assert.deepEqual(runsIn(spilt), runsIn(exact))
    assert.equal(exact.states, whole.states)
    rmSync(folder, { recursive: true })
  }).timeout(20_000)

  it('ends at the memory limit when even that is too much, and tells what it found', async () => {
    const graph = await turned({ fingerprints: { block: 64 }, maxMemory: 215_000 })
    assert.equal(graph.cut?.limit, 'memory')
    assert.match(graph.cut.says, /^--max-memory was hit with the frontier on disk: \d+ of at least \d+ states were/)
    assert.equal(graph.fingerprints?.exhausted, false)
    assert.ok(graph.expanded > 1000, `${graph.expanded} expanded`)
  })

  it('loses nothing when the disk is full', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    let left = 10
    const open = (folder: string): SpillFile => {
      const spill = openSpillFile(folder)
      const write = (block: Int32Array): number => {
        if (left-- > 0) return spill.write(block)
        throw full
      }
      return { ...spill, write }
    }
    const outcome = await check(switches, claims, { fingerprints: { open, block: 64 }, maxMemory: 260_000 })
    assert.equal(outcome.cut?.limit, 'memory')
    assert.match(
      outcome.cut.says,
      /^--max-memory was hit, and the frontier could not be written to \/.* \(ENOSPC: no space left on device, write; TMPDIR names another folder\): \d+ of at least \d+ states were expanded/,
    )
    assert.deepEqual(verdictsOf(outcome).slice(2), ['off violated', 'first unknown', 'steady unknown'])
    assert.equal(outcome.verdicts[2]!.run!.steps.length, 2)
    assert.equal(outcome.advice?.length, 4)
  })

  it('says so when somebody has truncated its file', async () => {
    const open = (folder: string): SpillFile => {
      const spill = openSpillFile(folder)
      const read = (): never => {
        throw new Unreadable('the frontier could not be read back: EIO')
      }
      return { ...spill, read }
    }
    const graph = await turned({ fingerprints: { open, block: 64 }, maxMemory: 260_000 })
    assert.equal(graph.cut?.limit, 'memory')
    assert.match(graph.cut.says, /^the frontier could not be read back: EIO: \d+ of at least \d+ states were expanded/)
    assert.equal(graph.fault, undefined)
  })
})

describe('a check by fingerprints', () => {
  const system = instantiate(freeze, { parameters: { N: 2, Q: 1 } })
  const by = (options: CheckOptions): CheckOptions => ({ fingerprints: {}, ...options })

  it('says what was violated, and never that something holds or is vacuous', async () => {
    const all = properties(system.parameters)
    const exact = await check(system, all)
    assert.equal(exact.complete, true)
    const outcome = await check(system, all, by({}))
    assert.deepEqual(
      verdictsOf(outcome),
      exact.verdicts.map(({ property }) => `${property} unknown`),
    )
    assert.deepEqual([outcome.complete, outcome.cut?.limit], [false, 'fingerprints'])
    assert.deepEqual(outcome.fingerprints, { bits: 64, exhausted: true, omission: omission(exact.states, 64) })
    assert.deepEqual(
      [outcome.states, outcome.transitions, outcome.depth],
      [exact.states, exact.transitions, exact.depth],
    )
    for (const { why } of outcome.verdicts)
      assert.match(why!, /told apart by 64 bits only: the probability that one was missed is at most \d\.\de-\d+$/)
  })

  it('is refused with what needs every state', async () => {
    const refused = (options: CheckOptions, option: RegExp): Promise<void> =>
      assert.rejects(check(system, [], by(options)), (cause) => cause instanceof Mistake && option.test(cause.where))
    await refused({ certify: true }, /^--fingerprints and --certify$/)
    await refused({ checkpoint: { file: 'x', resume: false } }, /^--fingerprints and --checkpoint$/)
  })
})
