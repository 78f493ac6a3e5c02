/** `thawproof source` on a tree of our own writing: what it says, and with which exit code. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))
const trees = fileURLToPath(new URL('source/tree', import.meta.url))

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const run = (...args: readonly string[]): Ran => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'source', ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { code: status, out: stdout, err: stderr }
}

describe('thawproof source', () => {
  let tree: string
  const file = (): string => join(tree, 'drivers/block/virtio_blk.c')
  beforeEach(() => {
    tree = mkdtempSync(join(tmpdir(), 'tree-'))
    cpSync(trees, tree, { recursive: true })
  })
  afterEach(() => rmSync(tree, { recursive: true }))

  it('agrees with code that takes the ways of the threads, and says what that means', () => {
    const { code, out, err } = run('check', 'block-quiesce', '--tree', tree)
    assert.equal(err, '')
    assert.match(out, /2 of 2 functions agree with their threads\nCompared are order and branches/)
    assert.match(out, /since it was read, changed: virtblk_freeze/)
    assert.equal(code, 0)
  })

  it('tells a difference from both sides, with lines and conditions, and fails', () => {
    const text = readFileSync(file(), 'utf8')
    writeFileSync(file(), text.replace('\tblk_mq_quiesce_queue_nowait(queue);\n', ''))
    const { code, out } = run('check', 'block-quiesce', '--tree', tree)
    assert.match(out, /in the source, after blk_mq_freeze_queue_wait comes blk_mq_unfreeze_queue;/)
    assert.match(out, /in the model, after blk_mq_freeze_queue_wait comes blk_mq_quiesce_queue;/)
    assert.match(out, /blk_mq_unfreeze_queue:11/)
    assert.equal(code, 1)
    const json = JSON.parse(run('check', 'block-quiesce', '--tree', tree, '--json').out) as {
      held: { conformance: { outcome: string; deviations: { path: unknown[] }[] } }[]
    }
    assert.deepEqual(
      json.held.map(({ conformance }) => conformance.outcome),
      ['differs', 'agrees'],
    )
    assert.equal(json.held[0]!.conformance.deviations[0]!.path.length, 3)
  })

  it('tells which variant a tree is', () => {
    const { code, out } = run('match', 'block-quiesce', '--tree', tree)
    assert.match(out, /^linux is base/)
    assert.equal(code, 0)
  })

  it('does not call what it could not compare an agreement', () => {
    writeFileSync(file(), 'static int other(void)\n{\n\treturn 0;\n}\n')
    const { code, out } = run('check', 'block-quiesce', '--tree', tree)
    assert.match(out, /not compared: drivers\/block\/virtio_blk.c has no function\s+virtblk_freeze/)
    assert.match(out, /0 of 2 functions agree/)
    assert.equal(code, 1)
  })

  it('ends with C that is none, or that nobody could have written', () => {
    const bad = ['}{(((\n\0\u{1f600}', `static int virtblk_freeze(void)\n{\n${'\tif (a)\n\t{'.repeat(3000)}\n}\n`]
    for (const text of bad) {
      writeFileSync(file(), text)
      const { code, out, err } = run('check', 'block-quiesce', '--tree', tree)
      assert.equal(err, '')
      assert.match(out, /not compared/)
      assert.equal(code, 1)
    }
  })

  it('refuses what is no tree, no protocol, and no mapping, with exit code 2', () => {
    const refused = (...args: readonly string[]): string => {
      const { code, err } = run(...args)
      assert.equal(code, 2, err)
      assert.doesNotMatch(err, /\n\s+at /)
      return err
    }
    assert.match(refused('check', '--tree', join(tree, 'no-such')), /does not exist/)
    mkdirSync(join(tree, 'empty'))
    assert.match(refused('check', '--tree', join(tree, 'empty')), /has none of the files that are read/)
    assert.match(refused('check', 'block-quiese', '--tree', tree), /did you mean 'block-quiesce'/)
    assert.match(
      refused('check', 'virtio-snapshot', '--tree', tree),
      /no function of C is mapped[^]*Rust[^]*mapped are/,
    )
  })

  it('tells which steps name a function that is not in the file they say', () => {
    const { code, out } = run('origins', 'block-quiesce', '--tree', tree)
    assert.match(out, /block-quiesce, pm.blk_mq_hctx_notify_offline: block\/blk-mq.c has no function/)
    assert.equal(code, 1)
  })
})
