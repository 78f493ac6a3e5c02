/** The pages: as generated, deterministic, and honest about what they show. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { env, over } from '../src/index.js'
import { flowOf } from '../src/tell/formats/mermaid.js'
import { mainClaims } from '../src/tell/pages/bugs.js'
import { catalogueOf } from '../src/tell/pages/catalogue.js'
import { keyOf, shownAt } from '../src/tell/pages/browser.js'
import { commitLinks, commitsIn, linked, yearsIn } from '../src/tell/pages/citation.js'
import type { Diagrams } from '../src/tell/pages/diagrams.js'
import {
  diagramPage,
  generated,
  index,
  isStale,
  pageFile,
  signedIndex,
  strayFiles,
  type Page,
} from '../src/tell/pages/folder.js'
import { code, prose, table, toHeading } from '../src/tell/pages/markdown.js'
import { loadProtocol, protocolNames, systemOf, type Protocol } from '../src/tell/protocol.js'
import { violatedIn } from '../src/tell/runs.js'
import { bool, record } from '../src/write/domain.js'

const bin = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))

/** How many bugs have a diagram of their main claim, led to from the matrix and from where it is told; nothing else has one. */
function drawnClaims(protocol: Protocol, { text }: Page, all: Diagrams): number {
  const { name, spec } = protocol
  const main = mainClaims(protocol)
  const matrix = text.slice(text.indexOf('\n## Verdicts\n'), text.indexOf('\n## Claims\n'))
  let drawn = 0
  for (const instance of spec.instances) {
    const row = matrix.split('\n').find((line) => line.startsWith(`| [${instance.id}](`))!
    const claim = text.slice(text.indexOf(`\n### ${instance.id}\n`)).split('\n### ')[1]!
    for (const property of violatedIn(instance)) {
      const shown = all.of(instance.id, property)
      if (main.get(instance.id) !== property) {
        assert.equal(shown, undefined, `${name}/${instance.id} ${property}`)
        continue
      }
      assert.ok(shown, `${name}/${instance.id} ${property}: run \`thawproof record ${name}\``)
      assert.ok(
        row.includes(` | [✗${shown.trace.ends === 'misses' ? '' : ` ${shown.trace.steps.length}`}](${shown.file}) | `),
      )
      assert.ok(claim.includes(`[\`${property}\`](${shown.file})`), shown.file)
      drawn++
    }
  }
  return drawn
}

/** Diagrams in the folder of a protocol that no claim has. */
function strayDrawings(protocol: Protocol, diagrams: Diagrams): readonly string[] {
  const known = new Set(diagrams.all.map(({ file }) => join(dirname(pageFile(protocol)), file)))
  const folder = join(dirname(pageFile(protocol)), 'traces', protocol.name)
  const there = existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : []
  return there.filter((file) => !known.has(file))
}

describe('the pages of the protocols', function () {
  this.timeout(180_000)

  it('are what `thawproof docs` would write', async () => {
    const protocols = await Promise.all(protocolNames().map(loadProtocol))
    const stale: string[] = []
    const all = new Map<string, Diagrams>()
    const traces = { claimed: 0, drawn: 0, bytes: 0 }
    for (const protocol of protocols) {
      const { page, diagrams } = await generated(protocol, 'main')
      if ([page, ...diagrams.all.map((diagram) => diagramPage(page, diagram))].some(isStale)) stale.push(protocol.name)
      traces.bytes += diagrams.all.reduce((sum, { svg }) => sum + svg.length, 0)
      all.set(protocol.name, diagrams)
      traces.drawn += drawnClaims(protocol, page, diagrams)
      traces.claimed += mainClaims(protocol).size
      assert.deepEqual(strayDrawings(protocol, diagrams), [], protocol.name)
      for (const { id, says } of protocol.spec.instances) {
        assert.ok(page.text.includes(`### ${id}\n\n${prose(says)}\n`), `${protocol.name}/${id}`)
        assert.ok(page.text.includes(`](${toHeading(id)})`))
      }
    }
    assert.deepEqual(stale, [], 'run `thawproof docs`')
    assert.equal(traces.drawn, traces.claimed, 'every bug has the diagram of its main claim')
    assert.ok(traces.drawn > 200, String(traces.drawn))
    assert.ok(traces.bytes < 2e6, `${traces.bytes} bytes of diagrams`)
    assert.equal(isStale(index(protocols, all)), false, 'the index is stale: run `thawproof docs`')
    const bugs = protocols.flatMap(({ spec }) => spec.instances.filter(({ form }) => form === 'buggy'))
    const rows = catalogueOf(protocols, all)
      .split('## The corpus')[1]!
      .match(/^\| `.*$/gm)!
    assert.equal(rows.length, bugs.length)
    const link = String.raw`\[[0-9a-f]{8,12}\]\(https://[^)\s]+[0-9a-f]{8,12}\)`
    const list = `${link}(?:, ${link})*`
    const commit = new RegExp(`^(?:–|(?:since )?${list}|${list}, since ${list})$`)
    for (const row of rows) {
      const [bug, year, commits, shown, breaks, steps, fixed, ...rest] = row.slice(2, -2).split(' | ')
      assert.deepEqual(rest, [])
      assert.match(bug!, /^`(arm|new|pm|virtio|xen)-[A-Z]+\d+` .+/)
      assert.match(year!, /^(–|(19|20)\d\d(, (19|20)\d\d)*)$/, bug)
      assert.match(commits!, commit, bug)
      assert.match(shown!, /^\[([a-z0-9-]+)\/[\w.-]+\]\(\1\.md#[\w-]+\)$/)
      assert.match(breaks!, /^`[\w-]+`( and \d+ more)?$/)
      assert.match(steps!, /^(–|\[(–|\d+)\]\(traces\/[\w-]+\/[\w.-]+\.svg\))$/)
      assert.match(fixed!, /^(\[`[+-][\w.-]+`\]\([a-z0-9-]+\.md#patch-[\w-]+\)|`\w+=\S+`)/, bug)
    }
  })

  it('say of every protocol in which version it was read, the one that its model and its links name', async () => {
    const protocols = await Promise.all(protocolNames().map(loadProtocol))
    assert.equal(isStale(signedIndex(protocols)), false, 'run `thawproof docs`')
    const rows = signedIndex(protocols).text.match(/^\| \[.*$/gm)!
    assert.deepEqual(
      rows.map((row) => /^\| \[([a-z0-9-]+)\]/.exec(row)![1]),
      protocolNames(),
    )
    for (const { name, spec } of protocols) {
      assert.ok(spec.reading, `${name} has no "reading"`)
      const [release, tree, version] = /^(Linux|QEMU|Xen) (\d+\.\d+)[.\d]*/.exec(spec.reading.in) ?? []
      if (release === undefined) continue
      const header = readFileSync(new URL(`../models/${name}.ts`, import.meta.url), 'utf8').split('*/')[0]!
      const linked = (spec.sources?.[''] ?? '').startsWith(`${tree!.toLowerCase()} v${version}`)
      assert.ok(linked || header.includes(release), `${name}: read in ${release}, which neither header nor links say`)
    }
  })

  it('leave nothing behind: what lies there and belongs to no claim is told', () => {
    const folder = mkdtempSync(join(tmpdir(), 'thawproof-stray-'))
    try {
      mkdirSync(join(folder, 'traces/kept'), { recursive: true })
      const kept = ['kept.md', 'traces/kept/A.p.svg'].map((file) => join(folder, file))
      const lying = ['kept.json', 'gone.md', 'traces/kept.json', 'traces/gone.json', 'traces/kept/B.p.svg', 'notes.txt']
      for (const file of [...kept, ...lying.map((name) => join(folder, name))]) writeFileSync(file, '')
      assert.deepEqual(strayFiles(folder, kept), ['gone.md', 'traces/gone.json', 'traces/kept/B.p.svg'])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('are checked and written by the command, for a model of one’s own too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'thawproof-docs-'))
    const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
      spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: 'utf8' })
    try {
      assert.equal(run('new', 'my-model').status, 0)
      assert.equal(run('docs', '--check', './my-model.ts').status, 1)
      const written = run('docs', './my-model.ts')
      assert.equal(written.status, 0)
      assert.match(
        written.stderr,
        /^my-model: 1 violated claim without a recorded run to draw: (?:thawproof|node \S+) record \.\/my-model\.ts\n$/,
      )
      assert.equal(run('record', './my-model.ts').status, 0)
      const specFile = join(folder, 'my-model.json')
      const whole = readFileSync(specFile, 'utf8')
      const spec = JSON.parse(whole) as { instances: Record<string, unknown>[] }
      assert.ok(spec.instances.length > 1)
      for (const instance of spec.instances) delete instance.measured
      writeFileSync(specFile, JSON.stringify(spec))
      assert.equal(run('record', ...spec.instances.map(({ id }) => `./my-model.ts/${String(id)}`)).status, 0)
      assert.equal(readFileSync(specFile, 'utf8'), whole, 'one instance after the other comes to the same')
      assert.match(run('docs', './my-model.ts').stdout, /^my-model\.md written\nmy-model\.md: 1 diagram written\n/)
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

describe('an origin', () => {
  const at = (file: string, symbol: string, sources: Record<string, string>) =>
    shownAt({ kind: 'source', file, symbol }, sources)

  it('is linked to its file and its function, in the version that the spec chooses', () => {
    const sources = {
      '': 'linux v6.18',
      'tools/': 'xen v4.7.0',
      'old/': 'xen-project/xen 3.1.0-branched:sparse/',
      'linux/': 'linux v6.18:',
    }
    assert.deepEqual(at('fs/super.c', 'thaw_super', sources), {
      file: 'https://elixir.bootlin.com/linux/v6.18/source/fs/super.c',
      symbol: 'https://elixir.bootlin.com/linux/v6.18/C/ident/thaw_super',
    })
    assert.equal(
      at('tools/python/xend.py', 'resumeDomain', sources)?.symbol,
      'https://elixir.bootlin.com/xen/v4.7.0/source/tools/python/xend.py#:~:text=resumeDomain',
    )
    assert.equal(
      at('old/reboot.c', 'x', sources)?.file,
      'https://github.com/xen-project/xen/blob/3.1.0-branched/sparse/reboot.c',
    )
    assert.equal(
      at('linux/kernel/cpu.c', 'x', sources)?.file,
      'https://elixir.bootlin.com/linux/v6.18/source/kernel/cpu.c',
    )
    const moved = { '': 'none: nowhere', 'fs/super.c:new': 'none: not merged', 'fs/super.c': 'linux v4.9:fs/old.c' }
    assert.equal(at('fs/super.c', 'new', moved), null)
    assert.equal(at('fs/super.c', 'x', moved)?.file, 'https://elixir.bootlin.com/linux/v4.9/source/fs/old.c')
    assert.equal(at('mm/x.c', 'x', moved), null)
    assert.equal(shownAt(env('a toy'), sources), null)
  })

  it('of every step is linked, or the spec says why it is not; and no entry of a spec is idle', async () => {
    for (const protocol of await Promise.all(protocolNames().map(loadProtocol))) {
      const { sources = {} } = protocol.spec
      const used = new Set<string>()
      const steps = protocol.spec.instances.flatMap((instance) => systemOf(protocol, instance).transitions)
      for (const { name, origin } of steps) {
        if (origin.kind !== 'source') continue
        const key = keyOf(origin, sources)
        assert.ok(key !== undefined, `${protocol.name}, ${name}: no entry in "sources" for ${origin.file}`)
        used.add(key)
        const shown = shownAt(origin, sources)
        if (sources[key]!.startsWith('none: ')) assert.equal(shown, null)
        else {
          assert.match(
            shown!.file,
            /^https:\/\/(elixir\.bootlin\.com\/(linux|xen|qemu)\/v[\d.]+\/source|github\.com\/[\w-]+\/[\w-]+\/blob\/[\w.-]+)\/[\w/.-]+\.(c|h|S|py|rs|sh)$/,
          )
          assert.ok(shown!.file.endsWith(origin.file.replace(/^.*\//, '')))
          assert.match(shown!.symbol, /(\/C\/ident\/|#:~:text=)\w+$/)
          assert.ok(shown!.symbol.endsWith(origin.symbol), shown!.symbol)
        }
      }
      assert.deepEqual(
        Object.keys(sources).filter((key) => !used.has(key)),
        [],
        protocol.name,
      )
    }
  })
})

describe('a citation', () => {
  it('names commits: what ended a bug, what brought it, what did neither', () => {
    const commits = (text: string): string[] => commitsIn(text).map(({ tree, id, role }) => `${tree} ${id} ${role}`)
    assert.deepEqual(commits('linux e98eac6ff1b4 (2020), since a66d955e910a (2019)'), [
      'linux e98eac6ff1b4 ended',
      'linux a66d955e910a brought',
    ])
    assert.deepEqual(commits('xen.git 6b1775f26a2d and abf1fd5919d6; linux-stable 30683a8cce80 (not 5b4535ea04)'), [
      'xen 6b1775f26a2d ended',
      'xen abf1fd5919d6 ended',
      'linux-stable 30683a8cce80 ended',
      'linux-stable 5b4535ea04 neither',
    ])
    assert.deepEqual(commits('melvilli/kernel 945fb24b'), ['melvilli/kernel 945fb24b neither'])
    assert.deepEqual(commits('xen-devel, cover.1775125380; db18c68b51, 20241206230838.1111496-7-peterx@redhat.com'), [])
    assert.deepEqual(commitsIn('before 4ce6e2db00de', new Map([['4ce6e2db00de', 'linux']])).length, 1)
    assert.deepEqual(
      commitLinks(commitsIn('since linux a66d955e910a, 44cc89f76464; e98eac6ff1b4')),
      '[e98eac6ff1b4](https://git.kernel.org/linus/e98eac6ff1b4), since [a66d955e910a](https://git.kernel.org/linus/a66d955e910a), [44cc89f76464](https://git.kernel.org/linus/44cc89f76464)',
    )
  })

  it('links commits, mails and tickets, and nothing else', () => {
    assert.equal(
      linked('nvdimm, <20240815004617.2325269-1-philipchen@chromium.org>'),
      'nvdimm, &lt;[20240815004617.2325269-1-philipchen@chromium.org](https://lore.kernel.org/all/20240815004617.2325269-1-philipchen@chromium.org/)>',
    )
    assert.equal(
      linked('gitlab.com/qemu-project/qemu, issue 2395'),
      '[gitlab.com/qemu-project/qemu, issue 2395](https://gitlab.com/qemu-project/qemu/-/issues/2395)',
    )
    assert.match(
      linked('QubesOS/qubes-core-admin, pull request 473'),
      /github\.com\/QubesOS\/qubes-core-admin\/pull\/473\)$/,
    )
    assert.match(linked('CVE-2026-74481 (2026)'), /^\[CVE-2026-74481\]\(https:.*\) \(2026\)$/)
    for (const plain of ['this specification', 'linux, kernel/power/hibernate.c', 'epam, c995126a…@epam.com'])
      assert.equal(linked(plain), plain)
  })

  it('names years, not numbers that look like years', () => {
    assert.deepEqual(
      yearsIn('linux, 2014 and 2015; 20230509012013.GD2651828@dread.disaster.area, v2019.1'),
      [2014, 2015],
    )
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
