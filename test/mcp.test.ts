/** The server for programs, asked by the SDK's own client; and facts of a protocol as text. */

import assert from 'node:assert/strict'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import stringWidth from 'string-width'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claimFacts, factFormats, factsOf, stepFacts } from '../src/tell/facts.js'
import { loadProtocol, protocolNames } from '../src/tell/protocol.js'
import type { Answer } from '../src/cli/mcp.js'
import { bin, environmentIn, thawproof } from './command.js'

interface Told {
  readonly isError?: boolean
  readonly content: readonly { readonly type: string; readonly text: string }[]
  readonly structuredContent?: Answer
}

describe('thawproof mcp', () => {
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-mcp-'))
  const outside = mkdtempSync(join(tmpdir(), 'thawproof-outside-'))
  const client = new Client({ name: 'test', version: '1' })
  const call = async (name: string, given: Record<string, unknown> = {}): Promise<Told> =>
    (await client.callTool({ name, arguments: given })) as unknown as Told

  before(async function () {
    this.timeout(60_000)
    const env = Object.fromEntries(
      Object.entries(environmentIn(folder)).filter((one): one is [string, string] => one[1] !== undefined),
    )
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [bin, 'mcp'], cwd: folder, env, stderr: 'pipe' }),
    )
  })

  after(async () => {
    await client.close()
    for (const one of [folder, outside]) rmSync(one, { recursive: true })
  })

  it('answers every tool with the command that gives it again, and whether the search was complete', async () => {
    mkdirSync(join(folder, 'tree'))
    const tree = 'diff --git a/README b/README\n--- a/README\n+++ b/README\n@@ -1 +1 @@\n-old\n+new\n'
    writeFileSync(join(folder, 'tree', 'README'), 'old\n')
    const step = 'kworker.pm_runtime_work:provider'
    const asked: readonly (readonly [string, Record<string, unknown>, Partial<Answer>, RegExp])[] = [
      ['list', {}, { exit: 0, complete: null, command: 'thawproof list' }, /clk-prepare/],
      ['check', { target: 'clk-prepare/K3' }, { exit: 0, complete: true, command: 'thawproof check clk-prepare/K3 --json --max-seconds 60' }, /"met": true/],
      ['trace', { target: 'clk-prepare/K3', property: 'no-deadlock' }, { exit: 0, complete: true }, /no-deadlock is violated in/],
      ['run', { target: 'clk-prepare/K3', condition: "at('swapper', 'end')" }, {}, /swapper/],
      ['compare', { protocol: 'clk-prepare', from: 'K3', to: 'K3-fixed' }, { complete: true }, /no-deadlock/],
      ['review', { mail: tree, tree: 'tree' }, {}, /./],
      ['log', { target: 'clk-prepare/K3', log: 'nothing that it knows\n' }, { exit: 1, complete: true }, /nothing/],
      ['explain', { protocol: 'clk-prepare', step }, { exit: 0, complete: null }, /pm_runtime_work/],
      ['cite', { protocol: 'clk-prepare', instance: 'K3' }, { exit: 0, complete: null }, /e581cf5d2162/],
      ['facts', { protocol: 'clk-prepare', format: 'rst' }, { exit: 0, complete: null }, /\nKnown bugs\n-{10}\n/],
    ] // prettier-ignore
    const { tools } = await client.listTools()
    assert.deepEqual(
      tools.map(({ name }) => name),
      asked.map(([name]) => name),
    )
    for (const [name, given, expected, says] of asked) {
      const { content, structuredContent, isError } = await call(name, given)
      assert.notEqual(isError, true, `${name}: ${content[0]!.text}`)
      assert.match(content[0]!.text, says, name)
      assert.match(content[0]!.text, /\nagain: thawproof .*\nexit: \d/, name)
      for (const [key, value] of Object.entries(expected))
        assert.equal(structuredContent![key as keyof Answer], value, `${name}, ${key}`)
    }
  }).timeout(180_000)

  it('says that a search was cut', async () => {
    const { structuredContent } = await call('check', { target: 'virtio-net/linux-4.12-down', max_seconds: 1 })
    assert.equal(structuredContent!.complete, false)
  }).timeout(60_000)

  const malformed: readonly (readonly [what: string, tool: string, given: Record<string, unknown>, says: RegExp])[] = [
    ['a tool that there is not', 'shell', { command: 'true' }, /there is no tool 'shell'; there are list, check/],
    ['an argument that is missing', 'trace', { target: 'clk-prepare/K3' }, /must have required property 'property'/],
    ['an argument too many', 'list', { folder: '/' }, /must NOT have additional properties/],
    ['a number for a word', 'check', { target: 3 }, /target must be string/],
    ['an option in the place of a name', 'check', { target: '--html=x' }, /target must match pattern/],
    ['a line behind a name', 'check', { target: 'a\nb' }, /target must match pattern/],
    ['a limit that is none', 'check', { target: 'clk-prepare', max_seconds: 0 }, /max_seconds must be >= 1/],
    ['a protocol that does not exist', 'check', { target: 'clk-prepar' }, /did you mean 'clk-prepare'/],
    ['a tree elsewhere', 'review', { mail: 'x', tree: '/usr' }, /tree: \/usr is outside of/],
    ['a file above', 'check', { target: '../model.ts' }, /target: \.\.\/model\.ts is outside of/],
  ]
  for (const [what, tool, given, says] of malformed)
    it(`refuses ${what}`, async () => {
      const { isError, content } = await call(tool, given)
      assert.equal(isError, true)
      assert.match(content[0]!.text, says)
    }).timeout(30_000)

  it('runs no file from outside of the folder, by whatever name', async () => {
    const mark = join(outside, 'ran')
    writeFileSync(
      join(outside, 'evil.ts'),
      `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(mark)}, '')\n`,
    )
    symlinkSync(join(outside, 'evil.ts'), join(folder, 'linked.ts'))
    symlinkSync(outside, join(folder, 'away'))
    for (const target of [
      join(outside, 'evil.ts'),
      './linked.ts',
      'linked.ts',
      './linked.ts/base',
      'away/evil.ts',
      './tree/../away/evil.ts',
    ]) {
      const { isError, content } = await call('check', { target })
      assert.equal(isError, true, target)
      assert.match(content[0]!.text, /is outside of/, target)
    }
    assert.throws(() => rmSync(mark))
  }).timeout(30_000)
})

describe('facts of a protocol', () => {
  it('name every property, bug and abstraction, in both forms', async () => {
    for (const name of protocolNames()) {
      const protocol = await loadProtocol(name)
      const facts = factsOf(protocol)
      const text = factFormats.markdown(facts)
      const bugs = protocol.spec.instances.filter(({ form }) => form === 'buggy')
      for (const { id } of bugs) assert(text.includes(`\`${name}/${id}\``), `${name}/${id}`)
      assert.equal(text.match(/^## /gm)!.length, facts.sections.length, name)
      assert.doesNotMatch(text, /undefined|\[object|``/, name)
      const rst = factFormats.rst(facts)
      for (const [, heading, line] of rst.matchAll(/^(.+)\n(={3,}|-{3,})$/gm))
        assert.equal(line!.length, stringWidth(heading!), heading)
      assert.equal(rst.match(/^-{3,}$/gm)!.length, facts.sections.length, name)
    }
  }).timeout(60_000)

  it('are of one claim or one step, and refuse what is not there', async () => {
    const protocol = await loadProtocol('xen-pv-guest')
    const claim = factFormats.markdown(claimFacts(protocol, 'B01'))
    assert.match(claim, /^# xen-pv-guest\/B01: A pvops kernel before 2\.6\.39/)
    assert.match(claim, /- `no-revoke-in-use` (?:violated|is violated in 12 steps)\n/)
    assert.match(claim, /patch `linux-2\.6\.32`/)
    const step = factFormats.markdown(
      stepFacts(protocol, 'do_suspend.freeze_processes', { parameters: {}, patches: [] }),
    )
    assert.match(step, /from `freeze_processes` in `kernel\/power\/process\.c`/)
    assert.throws(() => claimFacts(protocol, 'B00'), /did you mean/)
    const folder = mkdtempSync(join(tmpdir(), 'thawproof-facts-'))
    const { code, err } = thawproof(folder, ['facts', 'xen-pv-guest', '--step', 'do_suspend.freez_processes'])
    rmSync(folder, { recursive: true })
    assert.equal(code, 2)
    assert.match(err, /there is no step 'do_suspend\.freez_processes'/)
  }).timeout(30_000)
})
