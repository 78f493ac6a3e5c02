import assert from 'node:assert/strict'
import fc from 'fast-check'
import { environment, env, instantiate, int, over, record, type System } from '../src/index.js'
import { explore } from '../src/search/explore.js'
import { included } from '../src/ask/inclusion.js'

/** A system given as partial functions on small numbers: `{ x: [1, null, 0] }` moves 0 to 1 and 2 to 0 by step x. */
type Table = Readonly<Record<string, readonly (number | null)[]>>

function systemOf(table: Table, initials: readonly number[] = [0]): System {
  const { model, action } = over(record({ n: int(0, 9) }))
  return instantiate(
    model('table', {
      question: 'Which behaviours does it have?',
      actors: { e: environment('moves') },
      initial: () => initials.map((n) => ({ n })),
      parts: () =>
        Object.entries(table).map(([name, moves]) =>
          action(name, {
            actor: 'e',
            origin: env('a table'),
            when: (s) => typeof moves[s.n] === 'number',
            then: (d) => void (d.n = moves[d.n]!),
          }),
        ),
      resting: () => true,
    }),
  )
}

const graphOf = (table: Table, initials?: readonly number[]): ReturnType<typeof explore> =>
  explore(systemOf(table, initials), { states: [], steps: [], collects: [] }, { keepEdges: true })

const compare = async (a: Table, b: Table): Promise<string> => {
  const found = included(await graphOf(a), await graphOf(b))
  return found.kind === 'more'
    ? found.run.steps.map(({ transition }) => transition.step.slice(2)).join(' ')
    : found.kind
}

/** The states in which a table may be after a word of visible steps, by definition. */
function after(table: Table, visible: readonly string[], word: readonly string[]): Set<number> {
  const silent = Object.keys(table).filter((name) => !visible.includes(name))
  const close = (states: Set<number>): Set<number> => {
    for (const n of states)
      for (const name of silent) if (typeof table[name]![n] === 'number') states.add(table[name]![n])
    return states
  }
  return word.reduce(
    (now, name) => close(new Set([...now].map((n) => table[name]![n]).filter((n) => typeof n === 'number'))),
    close(new Set([0])),
  )
}

describe('behaviours added and removed', () => {
  it('is nothing between a system and itself', async () => {
    assert.equal(await compare({ x: [1], y: [null, 0] }, { x: [1], y: [null, 0] }), 'included')
  })

  it('is the shortest run whose last step the other cannot follow', async () => {
    assert.equal(await compare({ x: [1], y: [null, 0] }, { x: [1], y: [null, null] }), 'x y')
    assert.equal(await compare({ x: [1], y: [null, null] }, { x: [1], y: [null, 0] }), 'included')
  })

  it('passes over steps that only one of them knows', async () => {
    assert.equal(await compare({ x: [1], y: [null, 0] }, { x: [2], p: [null, null, 1], y: [null, 0] }), 'included')
    assert.equal(await compare({ x: [1], q: [null, 2], y: [null, null, 0] }, { x: [1], y: [null, null] }), 'x q y')
  })

  it('follows the other system in all states that a silent choice may have left it in', async () => {
    const undecided: Table = { p: [1], x: [0, null], y: [null, 2] }
    assert.equal(await compare({ x: [0], y: [0] }, undecided), 'y x')
    assert.equal(await compare({ x: [0], y: [3] }, undecided), 'included')
  })

  it('agrees with the definition on random systems', async () => {
    const moves = fc.array(fc.option(fc.nat(3), { freq: 2 }), { minLength: 4, maxLength: 4 })
    const table = (own: string): fc.Arbitrary<Table> => fc.record({ x: moves, y: moves, z: moves, [own]: moves })
    const visible = ['x', 'y', 'z']
    const words = (length: number): string[][] =>
      length === 0 ? [[]] : words(length - 1).flatMap((word) => visible.map((name) => [...word, name]))
    const possible = (t: Table, word: readonly string[]): boolean => after(t, visible, word).size > 0
    await fc.assert(
      fc.asyncProperty(table('p'), table('q'), async (a, b) => {
        const found = included(await graphOf(a), await graphOf(b))
        const extra = [1, 2, 3, 4, 5].flatMap(words).find((word) => possible(a, word) && !possible(b, word))
        if (found.kind !== 'more') return assert.equal(extra, undefined)
        const names = found.run.steps.map(({ transition }) => transition.step.slice(2))
        const word = names.filter((name) => visible.includes(name))
        assert.ok(visible.includes(names.at(-1)!) && possible(a, word))
        assert.ok(!possible(b, word) && possible(b, word.slice(0, -1)))
        if (extra) assert.ok(word.length <= names.length && names.length <= 4 * (extra.length + 1))
      }),
      { numRuns: 300, seed: 8 },
    )
  })
})
