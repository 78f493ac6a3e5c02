/** Temporal logic: formulas as text, and verdicts against a naive evaluation on lassos. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { check } from '../src/check.js'
import { env, formula, instantiate, int, Mistake, over, propertiesOver, record, system } from '../src/index.js'
import type { Judgement } from '../src/search/verdict.js'
import { formulaFrom, type Formula } from '../src/write/formula.js'

const { G, F, X, U, W, S, O, implies, not, and, or } = formula
const names = ['p', 'q']

describe('the text of a formula', () => {
  const cases: readonly (readonly [string, Formula])[] = [
    ['G (p -> F q)', G(implies('p', F('q')))],
    ['[] (p -> <> q)', G(implies('p', F('q')))],
    ['!p & q | p', or(and(not('p'), 'q'), 'p')],
    ['p U q U p', U('p', U('q', 'p'))],
    ['p -> q -> p', implies('p', implies('q', 'p'))],
    ['X X p W q', W(X(X('p')), 'q')],
    ['G(q->O p)', G(implies('q', O('p')))],
    ['p S q & true', and(S('p', 'q'), true)],
  ]
  for (const [text, built] of cases)
    it(`${text} is read`, () => assert.deepEqual(formulaFrom(text, names, 'here'), built))

  for (const [text, complaint] of [
    ['G (p -> ', /did not expect the end/],
    ['p q', /did not expect 'q' at position 3/],
    ['p & nonsense', /nonsense/],
    ['O F p', /F looks ahead/],
    ['p % q', /'%'/],
  ] as const)
    it(`${text} is a mistake that says where`, () =>
      assert.throws(
        () => formulaFrom(text, names, 'property x'),
        (error) => error instanceof Mistake && complaint.test(error.message),
      ))
})

const drawnFormula: fc.Arbitrary<Formula> = fc.letrec<{ past: Formula; any: Formula }>((tie) => ({
  past: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.constantFrom<Formula>('p', 'q'),
    fc.record({ op: fc.constantFrom('!', 'Y', 'O', 'H'), of: tie('past') }) as fc.Arbitrary<Formula>,
    fc.record({ op: fc.constantFrom('S', '&'), left: tie('past'), right: tie('past') }) as fc.Arbitrary<Formula>,
  ),
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<Formula>('p', 'q', 'q', true),
    fc.record({ op: fc.constantFrom('!', 'X', 'F', 'G'), of: tie('any') }) as fc.Arbitrary<Formula>,
    fc.record({
      op: fc.constantFrom('&', '|', '->', '<->', 'U', 'R', 'W'),
      left: tie('any'),
      right: tie('any'),
    }) as fc.Arbitrary<Formula>,
    fc.record({ op: fc.constantFrom('Y', 'O', 'H'), of: tie('past') }) as fc.Arbitrary<Formula>,
    fc.record({ op: fc.constant('S'), left: tie('past'), right: tie('past') }) as fc.Arbitrary<Formula>,
  ),
})).any

/**
 * The meaning of a formula at a position of a word that repeats from `back` on, straight from the definitions: what looks ahead
 * tries all positions up to a full turn after everything has settled, what looks back goes back to the beginning.
 */
function naive(part: Formula, word: (i: number) => number, settled: number, i: number): boolean {
  const at = (inner: Formula, j: number): boolean => naive(inner, word, settled, j)
  // From `settled` on everything repeats with the period that is used for its length, so positions are folded back.
  const later = Array.from({ length: settled }, (_, k) => i + k)
  if (typeof part === 'boolean') return part
  if (typeof part === 'string') return ((word(i) >> names.indexOf(part)) & 1) === 1
  switch (part.op) {
    case '!':
      return !at(part.of, i)
    case '&':
      return at(part.left, i) && at(part.right, i)
    case '|':
      return at(part.left, i) || at(part.right, i)
    case '->':
      return !at(part.left, i) || at(part.right, i)
    case '<->':
      return at(part.left, i) === at(part.right, i)
    case 'X':
      return at(part.of, i + 1)
    case 'F':
      return later.some((j) => at(part.of, j))
    case 'G':
      return later.every((j) => at(part.of, j))
    case 'U':
      return later.some((j, k) => at(part.right, j) && later.slice(0, k).every((m) => at(part.left, m)))
    case 'W':
      return at(G(part.left), i) || at(U(part.left, part.right), i)
    case 'R':
      return !at(U(not(part.left), not(part.right)), i)
    case 'Y':
      return i > 0 && at(part.of, i - 1)
    case 'O':
      return Array.from({ length: i + 1 }, (_, j) => j).some((j) => at(part.of, j))
    case 'H':
      return Array.from({ length: i + 1 }, (_, j) => j).every((j) => at(part.of, j))
    case 'S':
      return at(part.right, i) || (i > 0 && at(part.left, i) && at(part, i - 1))
  }
}

const state = record({ n: int(0, 5) })
const { model, action } = over(state)
const origin = env('a word')

/** A system whose runs are those of a graph; everything that can go on has to. */
const graph = (edges: readonly (readonly [number, number])[]) =>
  instantiate(
    model('word', {
      question: 'Is the formula true of every run?',
      actors: { a: system('moves') },
      initial: () => ({ n: 0 }),
      parts: () => [
        action('go', {
          actor: 'a',
          origin,
          either: Object.fromEntries(
            edges.map(([from, to]) => [
              `from-${from}-to-${to}`,
              { when: (s: { readonly n: number }) => s.n === from, then: (d: { n: number }) => void (d.n = to) },
            ]),
          ),
        }),
      ],
      resting: () => true,
    }),
  )

const claim = (given: Formula, p: number, q: number) =>
  propertiesOver(state).ltl('formula', 'The formula is true.', {
    formula: given,
    atoms: { p: (s) => ((p >> s.n) & 1) === 1, q: (s) => ((q >> s.n) & 1) === 1 },
  })

/** Whether a formula is true of every word of at most three letters that goes back to one of them, by the naive evaluation. */
function trueOfAll(given: Formula, p: number, q: number): boolean {
  const letters = [...new Set([0, 1, 2, 3, 4, 5].map((n) => ((p >> n) & 1) | (((q >> n) & 1) << 1)))]
  const words = [1, 2, 3].reduce<{ last: number[][]; all: number[][] }>(
    ({ last, all }) => {
      const longer = last.flatMap((word) => letters.map((letter) => [...word, letter]))
      return { last: longer, all: [...all, ...longer] }
    },
    { last: [[]], all: [] },
  )
  return words.all.every((word) =>
    word.every((_, back) => {
      const fold = (i: number): number => (i < word.length ? i : back + ((i - back) % (word.length - back)))
      return naive(given, (i) => word[fold(i)]!, 2 * word.length + 4, 0)
    }),
  )
}

describe('ltl', () => {
  it('agrees with a naive evaluation on words that repeat', async () => {
    const counts = { holds: 0, violated: 0, trivial: 0 }
    await fc.assert(
      fc.asyncProperty(
        drawnFormula,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 0, max: 63 }),
        fc.integer({ min: 0, max: 63 }),
        async (given, length, back, p, q) => {
          // One run: 0, 1, …, length-1, then back, or an end if `back` is beyond.
          const closes = back < length
          const path = Array.from({ length: length - 1 }, (_, i) => [i, i + 1] as const)
          const one = graph(closes ? [...path, [length - 1, back]] : path.length > 0 ? path : [[5, 5]])
          const fold = (i: number): number =>
            i < length ? i : closes ? back + ((i - back) % (length - back)) : length - 1
          const word = (i: number): number => ((p >> fold(i)) & 1) | (((q >> fold(i)) & 1) << 1)
          const { verdicts } = await check(one, [claim(given, p, q)])
          const { verdict } = verdicts.at(-1)!
          const expected = naive(given, word, 2 * length + 4, 0)
          const allowed: readonly Judgement[] = expected ? ['holds', 'vacuous', 'trivial'] : ['violated']
          assert.ok(allowed.includes(verdict), `${verdict}, but the formula is ${String(expected)}`)
          if (verdict === 'trivial') {
            assert.ok(trueOfAll(given, p, q), 'trivial, but the formula is not true of every word')
            counts.trivial++
          }
          counts[expected ? 'holds' : 'violated']++
        },
      ),
      { numRuns: 1500 },
    )
    assert.ok(counts.holds > 100 && counts.violated > 100 && counts.trivial > 20, JSON.stringify(counts))
  })
})
