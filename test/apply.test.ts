/** Patches applied in memory: as git would, or with the first line that is in the way. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { applyTo, type Applied } from '../src/match/mail/apply.js'
import { filesOf } from '../src/match/mail/diff.js'
import { Overlay } from '../src/match/mail/overlay.js'
import { touchedBy, unreadIn } from '../src/match/mail/touched.js'
import { loadGrammar } from '../src/match/source/grammar.js'
import { Library, type Tree } from '../src/match/source/tree.js'
import { diffOf, driver, path } from './patch-mails.js'

const treeOf = (files: Readonly<Record<string, string>>): Tree => ({ name: 'a tree', text: (file) => files[file] })

function apply(diff: string, files: Readonly<Record<string, string>>): { tree: Overlay; applied: readonly Applied[] } {
  const tree = new Overlay(treeOf(files))
  return { tree, applied: filesOf(diff, 'in').map((file) => applyTo(tree, file, '[PATCH] toy')) }
}

const later = (text: string, lines: number): string => `${'/* more */\n'.repeat(lines)}${text}`

describe('a patch in memory', () => {
  const fixed = driver.replace('\ttoy_reset(toy);\n', '\ttoy_reset(toy);\n\ttoy_forget(toy);\n')

  it('changes the file, tells which lines, and leaves the tree alone', () => {
    const files = { [path]: driver }
    const { tree, applied } = apply(diffOf(driver, fixed), files)
    assert.equal(tree.text(path), fixed)
    assert.deepEqual(applied[0]!.removed, [])
    assert.deepEqual(applied[0]!.added, [14])
    assert.equal(files[path], driver)
  })

  it('finds hunks that have moved, each behind the one before', () => {
    const both = fixed.replace('toy_setup(toy)', 'toy_prepare(toy)')
    const { tree, applied } = apply(diffOf(driver, both), { [path]: later(driver, 40) })
    assert.equal(tree.text(path), later(both, 40))
    assert.deepEqual(applied[0]!.removed, [65])
    assert.deepEqual(applied[0]!.added, [54, 66])
  })

  it('makes, deletes, renames and copies files, and passes over what is not text', () => {
    const diff = [
      'diff --git a/new.c b/new.c\nnew file mode 100644\n--- /dev/null\n+++ b/new.c\n@@ -0,0 +1,2 @@\n+int x;\n+int y;',
      'diff --git a/gone.c b/gone.c\ndeleted file mode 100644\n--- a/gone.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-int x;',
      `diff --git a/${path} b/other.c\nsimilarity index 90%\nrename from ${path}\nrename to other.c`,
      'diff --git a/kept.c b/copy.c\nsimilarity index 90%\ncopy from kept.c\ncopy to copy.c\n--- a/kept.c\n+++ b/copy.c\n@@ -1 +1 @@\n-int x;\n+int z;',
      'diff --git a/logo.png b/logo.png\nBinary files a/logo.png and b/logo.png differ',
    ].join('\n')
    const { tree, applied } = apply(`${diff}\n`, {
      [path]: driver,
      'gone.c': 'int x;\n',
      'kept.c': 'int x;\n',
      'logo.png': '?',
    })
    const paths = ['new.c', 'gone.c', path, 'other.c', 'kept.c', 'copy.c', 'logo.png']
    assert.deepEqual(
      paths.map((file) => tree.text(file)),
      ['int x;\nint y;\n', undefined, undefined, driver, 'int x;\n', 'int z;\n', '?'],
    )
    assert.deepEqual(
      applied.map(({ from, to }) => [from, to]),
      [
        [null, 'new.c'],
        ['gone.c', null],
        [path, 'other.c'],
        ['kept.c', 'copy.c'],
        ['logo.png', 'logo.png'],
      ],
    )
  })

  it('is refused where its context is not, with the line that is in the way', () => {
    const other = driver.replace('if (err)', 'if (err < 0)')
    assert.throws(
      () => apply(diffOf(driver, fixed), { [path]: other }),
      /^Mistake: \[PATCH\] toy: drivers\/toy\/toy.c, hunk 1 of 1, at line 11: does not apply: it expects: if \(err\); /,
    )
  })

  it('says when it is in the tree already, and when the file is not', () => {
    assert.throws(
      () => apply(diffOf(driver, fixed), { [path]: later(fixed, 3) }),
      /does not apply.*\n {2}is the patch in this tree already/,
    )
    assert.throws(() => apply(diffOf(driver, fixed), {}), /drivers\/toy\/toy.c: there is no such file in a tree/)
    assert.throws(() => apply(diffOf(driver, fixed, '../../etc/passwd'), {}), /leads out of the tree/)
  })

  it('of another prefix than a letter finds its file as well', () => {
    const diff = diffOf(driver, fixed)
      .replace(/^diff .*\n/, '')
      .replace(/ [ab]\//g, ' linux-2.6.18/')
    assert.equal(apply(diff, { [path]: driver }).tree.text(path), fixed)
  })

  it('ends in a newline or not, as it says', () => {
    const open = driver.trimEnd()
    for (const [before, after] of [
      [driver, open.replace('};', '}; /* end */')],
      [open, driver],
      [open, `${open}\nint x;`],
      [open.replace('A toy', 'The toy'), open],
    ] as const)
      assert.equal(apply(diffOf(before, after), { [path]: before }).tree.text(path), after)
  })
})

describe('patches in memory, by law', () => {
  /** Few different lines, so that a hunk could stand in many places. */
  const text = fc
    .array(fc.constantFrom('a', 'b', '', '}', '\tx();'), { minLength: 1, maxLength: 60 })
    .map((lines) => `${lines.join('\n')}\n`)

  it('lead from one text to any other', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after)
        assert.equal(apply(diffOf(before, after), { [path]: before }).tree.text(path), after)
      }),
    )
  })

  it('do what git does to a text that has moved, or are refused where git refuses', function () {
    this.timeout(60_000)
    const folder = mkdtempSync(join(tmpdir(), 'thawproof-apply-'))
    const git = (diff: string, before: string): string | undefined => {
      writeFileSync(join(folder, 'toy.c'), before)
      try {
        execFileSync('git', ['apply', '-'], { cwd: folder, input: diff, stdio: ['pipe', 'ignore', 'ignore'] })
        return readFileSync(join(folder, 'toy.c'), 'utf8')
      } catch {
        return undefined
      }
    }
    const ours = (diff: string, before: string): string | undefined => {
      try {
        return apply(diff, { 'toy.c': before }).tree.text('toy.c')
      } catch (error) {
        assert.match(String(error), /^Mistake: /)
        return undefined
      }
    }
    const edited = fc
      .tuple(text, fc.nat(), fc.nat(3), fc.constantFrom('new();\n', '', 'a\n'))
      .map(([before, at, length, put]) => {
        const lines = before.split('\n').slice(0, -1)
        const from = at % lines.length
        const after = [
          ...lines.slice(0, from).map((line) => `${line}\n`),
          put,
          ...lines.slice(from + length).map((line) => `${line}\n`),
        ]
        return { before, after: after.join('') }
      })
    let [done, refused] = [0, 0]
    fc.assert(
      fc.property(edited, text, text, ({ before, after }, above, below) => {
        fc.pre(before !== after && after !== '')
        const diff = diffOf(before, after, 'toy.c')
        const moved = above + before + below
        const wanted = git(diff, moved)
        assert.equal(ours(diff, moved), wanted, diff)
        if (wanted === undefined) refused++
        else done++
      }),
      { numRuns: 60, seed: 2026 },
    )
    rmSync(folder, { recursive: true })
    assert(done > 10 && refused > 10, `${done} applied, ${refused} refused`)
  })
})

describe('the functions that a patch touches', () => {
  const touched = (before: string, after: string, file = path): readonly string[] =>
    apply(diffOf(before, after, file), { [file]: before }).applied.flatMap((one) =>
      touchedBy(one, library).map(({ name, was, is, removed, added, alike }) => {
        const lines = [was, is].map((one) => (one ? `${one.first}-${one.last}` : 'nowhere')).join(' to ')
        return `${name} ${lines} -${removed.join(',')} +${added.join(',')}${alike ? ' alike' : ''}`
      }),
    )
  let library: Library
  before(async () => (library = new Library(await loadGrammar())))

  it('are those with a line that goes or comes, not those that a hunk names', () => {
    const gone = driver.replace('\ttoy_setup(toy);\n', '')
    assert.deepEqual(touched(driver, gone), ['toy_resume 21-27 to 21-26 -25 +'])
    const swapped = driver
      .replace('\ttoy_stop_queue(toy);\n', '')
      .replace('\ttoy_setup(toy);\n', '\ttoy_setup(toy);\n\ttoy_stop_queue(toy);\n')
    assert.deepEqual(touched(driver, swapped), ['toy_suspend 4-19 to 4-18 -9 +', 'toy_resume 21-27 to 20-27 - +25'])
  })

  it('come and go, are renamed, and may differ in comments only', () => {
    assert.deepEqual(touched(driver, driver.replace(/static void toy_resume[\s\S]*?\n}\n/, '')), [
      'toy_resume 21-27 to nowhere -21,22,23,25,26,27 +',
    ])
    assert.deepEqual(touched(driver, driver.replace('static void toy_resume', 'static void toy_wake')), [
      'toy_wake nowhere to 21-27 - +21',
      'toy_resume 21-27 to nowhere -21 +',
    ])
    assert.deepEqual(touched(driver, driver.replace('toy_setup(toy);', 'toy_setup( toy ); /* again */')), [
      'toy_resume 21-27 to 21-27 -25 +25 alike',
    ])
    assert.deepEqual(touched(driver, driver.replace('toy.h', 'toys.h')), [])
    assert.deepEqual(touched('a\n', 'b\n', 'README'), [])
  })

  it('are said not to be known where nobody can read them', () => {
    const unread = (before: string, after: string, diff: string): readonly string[] => {
      const [one] = apply(diff, { [path]: before }).applied
      assert.equal(one!.after, after)
      assert.deepEqual(touchedBy(one!, library), [])
      return unreadIn(one!, library)
    }
    const hunk = (lines: string): string => `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n${lines}`
    // One function that the parser is stopped in, however quick it is: see `grammar.ts`.
    const calls = Array.from({ length: 32_000 }, (_, i) => `\tif (a${i})\n\t\tcall_${i}(b);\n`).join('')
    const big = `static int f(void)\n{\n${calls}}\n`
    const other = big.replace('call_0(b)', 'call_0(c)')
    const diff = hunk('@@ -3,2 +3,2 @@\n \tif (a0)\n-\t\tcall_0(b);\n+\t\tcall_0(c);\n')
    assert.deepEqual(unread(big, other, diff), [
      `${path}: what begins at line 1 is too large to parse: it is not compared`,
    ])
    const huge = `/* ${'a'.repeat(17_000_000)} */\n`
    const longer = unread(huge, `int y;\n${huge}`, hunk('@@ -0,0 +1 @@\n+int y;\n'))
    assert.match(longer.join('\n'), /has 17000007 characters; at most 16777216 are read: it is not compared/)
    const [plain] = apply(diffOf(driver, driver.replace('toy_setup', 'toy_start')), { [path]: driver }).applied
    touchedBy(plain!, library)
    assert.deepEqual(unreadIn(plain!, library), [])
  }).timeout(60_000)
})
