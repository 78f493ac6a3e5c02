/** The pages: as generated, deterministic, and honest about what they show. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { env, over } from '../src/index.js'
import { flowOf } from '../src/tell/formats/mermaid.js'
import { catalogueOf } from '../src/tell/pages/catalogue.js'
import { generated, index, isStale } from '../src/tell/pages/folder.js'
import { code, prose, table, toHeading } from '../src/tell/pages/markdown.js'
import { loadProtocol, protocolNames } from '../src/tell/protocol.js'
import { bool, record } from '../src/write/domain.js'

const bin = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))

describe('the pages of the protocols', function () {
  this.timeout(180_000)

  it('are what `thawproof docs` would write', async () => {
    const protocols = await Promise.all(protocolNames().map(loadProtocol))
    const stale: string[] = []
    for (const protocol of protocols) {
      const page = await generated(protocol)
      if (isStale(page)) stale.push(protocol.name)
      for (const { id, says } of protocol.spec.instances) {
        assert.ok(page.text.includes(`### ${id}\n\n${prose(says)}\n`), `${protocol.name}/${id}`)
        assert.ok(page.text.includes(`](${toHeading(id)})`))
      }
    }
    assert.deepEqual(stale, [], 'run `thawproof docs`')
    assert.equal(isStale(index(protocols)), false, 'the index is stale: run `thawproof docs`')
    const bugs = protocols.flatMap(({ spec }) => spec.instances.filter(({ form }) => form === 'buggy'))
    const rows = catalogueOf(protocols).split('## The corpus')[1]!.match(/^\| `/gm)
    assert.equal(rows?.length, bugs.length)
  })

  it('are checked and written by the command, for a model of one’s own too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'thawproof-docs-'))
    const run = (...args: string[]): { status: number | null; stdout: string } =>
      spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: 'utf8' })
    try {
      assert.equal(run('new', 'my-model').status, 0)
      assert.equal(run('docs', '--check', './my-model.ts').status, 1)
      assert.equal(run('docs', './my-model.ts').status, 0)
      const page = readFileSync(join(folder, 'my-model.md'), 'utf8')
      assert.match(page, /^# my-model\n/)
      assert.match(page, /```mermaid\nflowchart TD\n/)
      assert.equal(run('docs', '--check', './my-model.ts').status, 0)
      appendFileSync(join(folder, 'my-model.md'), 'by hand')
      const stale = run('docs', '--check', './my-model.ts')
      assert.equal(stale.status, 1)
      assert.match(stale.stdout, /my-model\.md is stale/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('markdown', () => {
  it('keeps prose prose', () => {
    assert.equal(prose('a | b *c* <d>\n[e]'), 'a \\| b \\*c\\* &lt;d> \\[e\\]')
    assert.equal(code('a|b`c'), "`a\\|b'c`")
    assert.deepEqual(table(['x'], []), [])
    assert.deepEqual(table(['x', 'y'], [['1', '2']]), ['| x | y |\n| --- | --- |\n| 1 | 2 |'])
    assert.equal(toHeading('pre-2.6.39-end fails'), '#pre-2639-end-fails')
  })

  it('draws a thread as a flow chart: ways on, waiting steps, jumps, the end', () => {
    const words = over(record({ go: bool() }))
    const origin = env('a toy')
    const thread = words.thread(
      't',
      { actor: 'a' },
      words.step('ask', { origin, either: { ok: {}, 'fa"ils': { goto: 'undo' } } }),
      words.step('wait', { origin, when: (s) => s.go }),
      words.step('undo', { origin, goto: 'ask' }),
    )
    assert.equal(
      flowOf(thread),
      `flowchart TD
  s0["ask"]
  s1{{"wait"}}
  s2["undo"]
  s0 -->|"ok"| s1
  s0 -->|"fa#34;ils"| s2
  s1 --> s2
  s2 --> s0`,
    )
  })
})
