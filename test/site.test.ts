/** The static site: complete, the same each time, and without a link that leads nowhere. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { env, over } from '../src/index.js'
import { loadProtocol } from '../src/tell/protocol.js'
import { headline } from '../src/tell/reason.js'
import { recordedTraces } from '../src/tell/runs.js'
import { diagramsOf } from '../src/tell/pages/diagrams.js'
import { tracePage } from '../src/tell/pages/trace.js'
import { dotOfThread, drawer } from '../src/tell/site/flow.js'
import { escaped, htmlOf } from '../src/tell/site/html.js'
import { siteOf } from '../src/tell/site/site.js'
import { bool, record } from '../src/write/domain.js'

const bin = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))
const names = ['grant-revoke', 'xen-domain-freeze']

describe('the static site', function () {
  this.timeout(120_000)

  it('has an index, a page for each protocol, and its diagrams; the same bytes each time', async () => {
    const protocols = await Promise.all(names.map(loadProtocol))
    const pages = await siteOf(protocols, '')
    assert.deepEqual(await siteOf(protocols, ''), pages)
    const files = pages.map(({ file }) => file)
    for (const file of ['index.html', 'site.css', 'site.js', ...names.map((name) => `${name}.html`)])
      assert.ok(files.includes(file), file)
    assert.ok(files.includes('traces/xen-domain-freeze/S16.never-negative.svg'))
    const text = pages.find(({ file }) => file === 'xen-domain-freeze.html')!.text
    assert.match(text, /<h1[^>]*>xen-domain-freeze/)
    assert.match(text, /<svg role="img" aria-label="Flow chart: Thread freeze"/)
    assert.match(text, /<td class="violated" data-label="P\d+"><a href="traces\/[^"]*\.html">✗ \d+<\/a><\/td>/)
    assert.match(text, /<pre[^>]*><code>xen-domain-freeze\/S16/)
    assert.doesNotMatch(text, /mermaid|flowchart TD|```|digraph/)
  })

  it('has a page around every diagram: what is required, of which claims, and the run step by step', async () => {
    const protocols = await Promise.all(names.map(loadProtocol))
    const pages = new Map((await siteOf(protocols, '')).map(({ file, text }) => [file, text]))
    const led = new Set<string>()
    for (const protocol of protocols)
      for (const trace of recordedTraces(protocol)) {
        const own = [...pages].filter(
          ([file, text]) =>
            file.startsWith(`traces/${protocol.name}/`) &&
            file.endsWith('.html') &&
            text.includes(`<h1 id="`) &&
            text.includes(`>${trace.instance}</a>`) &&
            text.includes(`${headline(trace)} <a class="anchor"`),
        )
        assert.equal(own.length, 1, `${protocol.name}/${trace.instance} ${trace.property}`)
        const [[file, text]] = own as [[string, string]]
        led.add(file)
        assert.ok(pages.has(file.replace(/html$/, 'svg')), file)
        assert.ok(text.includes(escaped(trace.says)), file)
        assert.equal(text.match(/<li><strong><code>/g)?.length ?? 0, trace.steps.length, file)
        assert.ok(pages.get(`${protocol.name}.html`)!.includes(`href="${file}"`), file)
      }
    assert.ok(led.size > 10)
  })

  it('draws the state behind each step that changes its picture: text as it is, SVG as an image', async () => {
    const protocol = await loadProtocol('virtio-balloon')
    const [diagram] = diagramsOf(protocol, 'main').all
    const trace = diagram!.traces[0]!
    const pageFor = (drawn: (text: string) => string): string => {
      const steps = trace.steps.map((step) => ({ ...step, drawn: drawn(step.drawn!) }))
      return htmlOf(tracePage(protocol, { ...diagram!, traces: [{ ...trace, steps }] }), () => '').html
    }
    const all = trace.steps.map(({ drawn }) => drawn!)
    const fresh = all.filter((drawn, i) => i === 0 || drawn !== all[i - 1])
    assert.ok(fresh.length > 2)
    const drawings = [...pageFor((text) => text).matchAll(/<pre [^>]*><code>([^<]*)<\/code>/g)].map(([, text]) => text)
    assert.deepEqual(drawings, fresh.map(escaped))
    const svg = (text: string): string =>
      `<svg xmlns="http://www.w3.org/2000/svg"><title>it's (${text.length})</title></svg>`
    const images = [...pageFor(svg).matchAll(/<img class="drawing" src="data:image\/svg\+xml,([^"]*)" alt="([^"]*)">/g)]
    const shown = all.map(svg)
    assert.deepEqual(
      images.map(([, data]) => decodeURIComponent(data!)),
      shown.filter((drawn, i) => i === 0 || drawn !== shown[i - 1]),
    )
    assert.equal(images[0]![2], 'The state after step 1')
    assert.match(
      pageFor((text) => text),
      /<li>[^<]*: <code>[^<]* → [^<]*<\/code><\/li>/,
    )
  })

  it('links only to what is there, and loads nothing from a network', async () => {
    const pages = await siteOf(await Promise.all(names.map(loadProtocol)), '')
    const ids = new Map(
      pages.map(({ file, text }) => [file, new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!))]),
    )
    let inner = 0
    for (const { file, text } of pages.filter((page) => page.file.endsWith('.html'))) {
      assert.equal(ids.get(file)!.size, text.match(/ id="[^"]+"/g)!.length, `${file} has an id twice`)
      for (const [, what, address] of text.matchAll(/ (href|src)="([^"]*)"/g)) {
        if (/^(https:|data:)/.test(address!)) {
          assert.equal(what, 'href', address)
          continue
        }
        const [to, id] = address!.split('#')
        const target = to === '' ? file : join(dirname(file), to!)
        assert.ok(ids.has(target), `${file} links to ${target}`)
        if (id !== undefined) assert.ok(ids.get(target)!.has(id), `${file} links to ${address}`)
        inner++
      }
      for (const [image] of text.matchAll(/<img [^>]*>/g)) assert.match(image, /alt="Sequence diagram: [^"]+"/)
    }
    assert.ok(inner > 100)
  })

  it('is written by the command, for a model of one’s own too; a place that cannot be written is told', () => {
    const folder = mkdtempSync(join(tmpdir(), 'thawproof-site-'))
    const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
      spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: 'utf8' })
    try {
      assert.equal(run('new', 'my-model').status, 0)
      const made = run('docs', './my-model.ts', '--html', 'site')
      assert.equal(made.status, 0, made.stderr)
      assert.match(made.stdout, /files written; open site\/index\.html/)
      assert.match(readFileSync(join(folder, 'site/my-model.html'), 'utf8'), /<h1 id="my-model">/)
      assert.equal(existsSync(join(folder, 'my-model.md')), false)
      writeFileSync(join(folder, 'file'), '')
      const refused = run('docs', './my-model.ts', '--html', 'file/site')
      assert.equal(refused.status, 2)
      assert.match(refused.stderr, /cannot be made a folder/)
      assert.equal(run('docs', './my-model.ts', '--html', 'site', '--check').status, 2)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('markdown as HTML', () => {
  const draw = (dot: string): string => `<svg>${dot.length}</svg>`

  it('keeps what is text text, and leads links to the pages of the site', () => {
    const { html, headings } = htmlOf(
      '# A `b<c>`\n\n## x\n\n## x\n\n[y](z.md#x-1) [r](README.md) [w](https://w.org/a.md)',
      draw,
    )
    assert.deepEqual(
      headings.map(({ id, text }) => [id, text]),
      [
        ['a-bc', 'A b<c>'],
        ['x', 'x'],
        ['x-1', 'x'],
      ],
    )
    assert.match(html, /<a href="z\.html#x-1">y<\/a> <a href="index\.html">r<\/a> <a href="https:\/\/w\.org\/a\.md">w</)
    assert.match(htmlOf('```text\n<script>\n```', draw).html, /<code>&lt;script&gt;<\/code>/)
  })

  it('draws a thread: ways on, waiting steps, the end', async () => {
    const words = over(record({ go: bool() }))
    const origin = env('a toy')
    const thread = words.thread(
      't',
      { actor: 'a' },
      words.step('ask', { origin, either: { ok: {}, 'fa"ils': { goto: 'end' } } }),
      words.step('wait', { origin, when: (s) => s.go }),
    )
    const dot = dotOfThread(thread)
    assert.match(dot, /s1 \[label="wait", shape=hexagon, style=""\]/)
    assert.match(dot, /s0 -> end \[label=" fa\\"ils "\]/)
    const svg = (await drawer())(dot, 'Flow chart: t')
    assert.equal(svg.match(/<text/g)?.length, 5)
    assert.match(svg, /^<svg role="img" aria-label="Flow chart: t" /)
    assert.doesNotMatch(svg, / id=|<title/)
  })
})
