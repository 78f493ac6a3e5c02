/** The pages of corrections leave no remark of an outside reader without an outcome. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

/** How many remarks of each kind there are on a page: a table's rows by heading, or the letters that a list gives them. */
interface Counted {
  readonly page: string
  readonly marks: readonly string[]
  readonly sections: Readonly<Record<string, number>>
}

const numbered = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${letter}${i + 1}`)

const pages: readonly Counted[] = [
  {
    page: 'xen-pm',
    marks: [...numbered('W', 15), ...numbered('M', 10), ...numbered('D', 5), ...numbered('R', 5)],
    sections: {},
  },
  {
    page: 'others',
    marks: [...numbered('F', 15), ...numbered('D', 3), ...numbered('R', 3)],
    sections: { Missing: 10 },
  },
  { page: 'virtio', marks: numbered('', 13), sections: { Missing: 18 } },
]

const textOf = (page: string): string =>
  readFileSync(new URL(`../specs/corrections/${page}.md`, import.meta.url), 'utf8')

/** What the first cell of a row, or the bold beginning of an item, names; and what is said of it. */
function remarks(text: string): { readonly name: string; readonly outcome: string }[] {
  return text.split('\n').flatMap((line) => {
    const item = /^- \*\*(.+?)\*\*(.*)$/.exec(line)
    if (item) return [{ name: item[1]!, outcome: item[1]! + item[2]! }]
    const cells = /^\|(.+)\|$/
      .exec(line)?.[1]!
      .split('|')
      .map((cell) => cell.trim())
    if (!cells || /^:?-+:?$/.test(cells[0]!)) return []
    return [{ name: cells[0]!, outcome: cells.slice(1).join(' ') }]
  })
}

const names = (name: string, mark: string): boolean => new RegExp(`(^|[ (,])${mark}(?![\\w])`).test(name)

describe('corrections', () => {
  for (const { page, marks, sections } of pages) {
    it(`${page}: each of ${marks.length} remarks has an outcome`, () => {
      const told = remarks(textOf(page))
      for (const mark of marks) {
        const of = told.filter(({ name }) => names(name, mark))
        assert.ok(of.length > 0, `nothing is said of ${mark}`)
        for (const { name, outcome } of of) assert.ok(outcome.length > 10, `${name}: nothing is said`)
      }
    })

    it(`${page}: nothing is left undone`, () => {
      for (const { name, outcome } of remarks(textOf(page)))
        assert.doesNotMatch(outcome, /not done/i, `${name} is not done`)
    })

    for (const [section, count] of Object.entries(sections))
      it(`${page}: ${count} rows under "${section}"`, () => {
        const part = textOf(page).split(`\n## ${section}\n`)[1]?.split('\n## ')[0]
        assert.ok(part !== undefined, `no section ${section}`)
        assert.equal(remarks(part).length - 1, count)
      })
  }

  it('would miss a remark that nobody answers, and an answer that says that it is not done', () => {
    const some = remarks(
      '| Item | What became of it |\n| --- | --- |\n| F12 x | not done |\n- **W1, accepted.** Because.\n',
    )
    assert.deepEqual(
      some.map(({ name }) => name),
      ['Item', 'F12 x', 'W1, accepted.'],
    )
    assert.ok(!some.some(({ name }) => names(name, 'F1')))
    assert.match(some[1]!.outcome, /not done/)
  })
})
