/** Logs on graphs: accepted, rejected where, and what all explanations share, against brute force on random graphs and logs. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { accountOf, occurs } from '../src/match/log/account.js'
import { explain, type Observations, type Space, type Utterance } from '../src/match/log/explain.js'

/** A small graph: edges that print letters, some of which may stay away. */
interface Toy {
  readonly states: number
  readonly edges: readonly { readonly from: number; readonly to: number; readonly prints: string }[]
  /** Letters that may stay away. */
  readonly quiet: string
  readonly log: string
  readonly groups: readonly number[]
}

const letters = 'abc'

const toys: fc.Arbitrary<Toy> = fc.integer({ min: 1, max: 5 }).chain((states) => {
  const state = fc.nat({ max: states - 1 })
  const prints = fc.array(fc.constantFrom(...letters.split('')), { maxLength: 2 }).map((some) => some.join(''))
  return fc
    .record({
      states: fc.constant(states),
      edges: fc.array(fc.record({ from: state, to: state, prints }), { maxLength: 8 }),
      quiet: fc.subarray(letters.split('')).map((some) => some.join('')),
      log: fc.array(fc.constantFrom(...letters.split('')), { minLength: 1, maxLength: 4 }).map((some) => some.join('')),
      cuts: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    })
    .map(({ cuts, edges, ...rest }) => {
      let group = 0
      const groups = rest.log.split('').map((_, i) => (i > 0 && cuts[i] ? ++group : group))
      return { ...rest, edges: edges.toSorted((a, b) => a.from - b.from), groups }
    })
})

function spaceOf({ states, edges }: Toy): Space {
  const first = new Int32Array(states + 1)
  for (const { from } of edges) first[from + 1]!++
  for (let state = 0; state < states; state++) first[state + 1]! += first[state]!
  const target = Int32Array.from(edges, ({ to }) => to)
  return { states, initials: [0], edges: { first, target, by: Int32Array.from(edges, (_, i) => i) } }
}

function observedIn({ edges, quiet, log, groups }: Toy): Observations {
  const utterances = edges.map(({ prints }) =>
    prints
      .split('')
      .map((letter): Utterance => ({ closed: !quiet.includes(letter), fits: (line) => log[line] === letter })),
  )
  return { lines: log.length, groups, printed: (edge) => utterances[edge]! }
}

/** All orders of a log that its groups allow. */
function orders({ log, groups }: Toy): readonly string[] {
  const within = (lines: readonly number[]): readonly (readonly number[])[] =>
    lines.length === 0
      ? [[]]
      : lines.flatMap((line) => within(lines.filter((one) => one !== line)).map((rest) => [line, ...rest]))
  const parts = [...new Set(groups)].map((group) => log.split('').flatMap((_, i) => (groups[i] === group ? [i] : [])))
  return parts
    .reduce<readonly (readonly number[])[]>(
      (made, part) => made.flatMap((one) => within(part).map((more) => [...one, ...more])),
      [[]],
    )
    .map((order) => order.map((line) => log[line]!).join(''))
}

/** How much of one order of a log the runs of a graph print, by the definition: a step prints its letters, some may stay away. */
function printed(toy: Toy, order: string): number {
  const seen = new Set<string>(['0 0'])
  const todo: [state: number, position: number][] = [[0, 0]]
  let most = 0
  for (let here = todo.pop(); here; here = todo.pop()) {
    const [state, position] = here
    most = Math.max(most, position)
    for (const { from, to, prints } of toy.edges) {
      if (from !== state) continue
      for (const end of endings(prints, toy.quiet, order, position)) {
        if (seen.has(`${to} ${end}`)) continue
        seen.add(`${to} ${end}`)
        todo.push([to, end])
      }
    }
  }
  return most
}

function endings(prints: string, quiet: string, order: string, position: number, begun = false): readonly number[] {
  // A log may end in the middle of what a step prints.
  if (prints === '' || (begun && position === order.length)) return [position]
  const rest = prints.slice(1)
  return [
    ...(order[position] === prints[0] ? endings(rest, quiet, order, position + 1, true) : []),
    ...(quiet.includes(prints[0]!) ? endings(rest, quiet, order, position, true) : []),
  ]
}

const furthest = (toy: Toy): number => Math.max(...orders(toy).map((order) => printed(toy, order)))

describe('a log explained on a graph', () => {
  it('is accepted if and only if some run prints it, and otherwise the most that some run prints is told', () => {
    let accepted = 0
    fc.assert(
      fc.property(toys, (toy) => {
        const found = explain(spaceOf(toy), observedIn(toy))
        const most = furthest(toy)
        assert.equal(found.matched, most)
        assert.equal(found.verdict, most === toy.log.length ? 'accepted' : 'rejected')
        if (found.verdict === 'accepted') accepted++
        else assert.ok(found.rejected >= 0 && found.rejected < toy.log.length)
      }),
      { numRuns: 3000 },
    )
    assert.ok(accepted > 200, String(accepted))
  })

  it('has a run that is real, and as short as any', () => {
    fc.assert(
      fc.property(toys, (toy) => {
        const space = spaceOf(toy)
        const observed = observedIn(toy)
        const { path, nodes, positions, verdict, matched } = explain(space, observed)
        path.slice(1).forEach((node, i) => {
          const { from, to } = toy.edges[nodes.edge(node)]!
          assert.equal(from, nodes.state(path[i]!))
          assert.equal(to, nodes.state(node))
        })
        assert.equal(positions.printed(nodes.position(path.at(-1)!)), matched)
        if (verdict !== 'accepted') return
        const shorter = path.length - 2
        assert.ok(shorter < 0 || !canIn(toy, shorter), 'a shorter run prints it too')
      }),
      { numRuns: 1500 },
    )
  })

  it('shares with all explanations just the steps without which none is left', () => {
    let certain = 0
    fc.assert(
      fc.property(toys, (toy) => {
        const space = spaceOf(toy)
        const observed = observedIn(toy)
        const found = explain(space, observed)
        if (found.verdict !== 'accepted') return
        const account = accountOf(space, observed, found)
        toy.edges.forEach((_, edge) => {
          const without = { ...toy, edges: toy.edges.filter((__, i) => i !== edge) }
          const needed = furthest(without) < toy.log.length
          const said = occurs(account, { edge: (one) => one === edge })
          assert.equal(said === 'always', needed)
          if (needed) certain++
        })
      }),
      { numRuns: 1500 },
    )
    assert.ok(certain > 200, String(certain))
  })

  it('gives up loudly beyond its limit, and never calls that rejected', () => {
    const toy: Toy = {
      states: 3,
      quiet: '',
      log: 'aab',
      groups: [0, 1, 2],
      edges: [
        { from: 0, to: 1, prints: 'a' },
        { from: 1, to: 0, prints: 'a' },
        { from: 1, to: 2, prints: '' },
        { from: 0, to: 2, prints: 'b' },
      ],
    }
    assert.equal(explain(spaceOf(toy), observedIn(toy)).verdict, 'accepted')
    assert.equal(explain(spaceOf(toy), observedIn(toy), 2).verdict, 'unknown')
  })

  it('lets anything have been printed where the log says that lines are missing', () => {
    const toy: Toy = {
      states: 3,
      quiet: '',
      log: 'ac',
      groups: [0, 1],
      edges: [
        { from: 0, to: 1, prints: 'a' },
        { from: 1, to: 2, prints: 'b' },
        { from: 2, to: 2, prints: 'c' },
      ],
    }
    const observed = observedIn(toy)
    assert.equal(explain(spaceOf(toy), observed).rejected, 1)
    assert.equal(explain(spaceOf(toy), { ...observed, gap: (line) => line === 1 }).verdict, 'accepted')
  })

  it('takes a line about where something stands only in states where it stands there', () => {
    const toy: Toy = { states: 2, quiet: '', log: 'ab', groups: [0, 1], edges: [{ from: 0, to: 1, prints: 'a' }] }
    const standing = (where: number): Observations => ({
      ...observedIn(toy),
      stands: (line, state) => (line === 1 ? state === where : undefined),
    })
    assert.equal(explain(spaceOf(toy), standing(1)).verdict, 'accepted')
    assert.equal(explain(spaceOf(toy), standing(0)).rejected, 1)
  })
})

/** Whether a run of at most so many steps prints the whole log. */
function canIn(toy: Toy, steps: number): boolean {
  return orders(toy).some((order) => {
    let level = new Set(['0 0'])
    for (let i = 0; i <= steps; i++) {
      const places = [...level].map((key) => key.split(' ').map(Number) as [number, number])
      if (places.some(([, position]) => position === order.length)) return true
      level = new Set(
        places.flatMap(([state, position]) =>
          toy.edges
            .filter(({ from }) => from === state)
            .flatMap(({ to, prints }) => endings(prints, toy.quiet, order, position).map((end) => `${to} ${end}`)),
        ),
      )
    }
    return false
  })
}
