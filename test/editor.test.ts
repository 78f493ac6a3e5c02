/** The extension for VS Code: its logic against the editor's own types, and against the program as it is built. The editor itself is not started: what stands in for it has its types. */

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type * as vscode from 'vscode'
import { Claims, type Editor } from '../editors/vscode/src/claims.js'
import { hoverOf } from '../editors/vscode/src/hover.js'
import { Program } from '../editors/vscode/src/program.js'
import { isModel, stepsIn } from '../editors/vscode/src/steps.js'
import { instantiate, type Model } from '../src/index.js'
import { targetNames } from '../src/write/patch.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'dist/src/cli/main.js')
const [text] = [...readFileSync(join(root, 'docs/first-driver.md'), 'utf8').matchAll(/```ts\n([^]*?)```/g)].map(
  ([, block]) => block!,
) as [string]

/** What the editor has of its own, as much as is needed. */
class Place {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}
class Message {
  location?: vscode.Location
  constructor(readonly message: string) {}
}
const editor = {
  Position: Place,
  Location: class {
    constructor(
      readonly uri: vscode.Uri,
      readonly range: vscode.Range,
    ) {}
  },
  Range: class {
    constructor(readonly start: Place) {}
  },
  TestMessage: Message,
  TestRunProfileKind: { Run: 1, Debug: 2, Coverage: 3 },
  TestCoverageCount: class {
    constructor(
      readonly covered: number,
      readonly total: number,
    ) {}
  },
  StatementCoverage: class {
    constructor(
      readonly executed: boolean,
      readonly location: Place,
    ) {}
  },
  FileCoverage: class {
    constructor(
      readonly uri: vscode.Uri,
      readonly statementCoverage: { readonly covered: number; readonly total: number },
    ) {}
  },
} as unknown as Editor

const { Run, Debug, Coverage } = editor.TestRunProfileKind

type Item = vscode.TestItem

function collection(parent?: Item): vscode.TestItemCollection {
  const items = new Map<string, Item>()
  return {
    get size() {
      return items.size
    },
    get: (id) => items.get(id),
    add: (item) => void items.set(item.id, Object.assign(item, { parent })),
    delete: (id) => void items.delete(id),
    replace: (all) => (items.clear(), all.forEach((item) => items.set(item.id, item))),
    forEach: (tell) => items.forEach((item) => void tell(item, undefined as never)),
    [Symbol.iterator]: () => items[Symbol.iterator](),
  }
}

/** A controller that notes what is told of a run. */
function controlled(): {
  controller: vscode.TestController
  profiles: vscode.TestRunProfile[]
  told: string[]
  messages: Message[]
  covered: vscode.FileCoverage[]
} {
  const profiles: vscode.TestRunProfile[] = []
  const [told, messages, covered] = [[] as string[], [] as Message[], [] as vscode.FileCoverage[]]
  const note = (what: string) => (item: Item, message?: unknown) => {
    told.push(`${what} ${item.label}`)
    if (message instanceof Message) messages.push(message)
  }
  const run = {
    started: note('started'),
    passed: note('passed'),
    failed: note('failed'),
    errored: note('errored'),
    end: () => told.push('end'),
    addCoverage: (one: vscode.FileCoverage) => covered.push(one),
  }
  const controller = {
    id: 'thawproof',
    label: 'thawproof',
    items: collection(),
    createTestItem: (id: string, label: string, uri?: vscode.Uri): Item => {
      const item = { id, label, uri, range: undefined, parent: undefined } as unknown as Item
      return Object.assign(item, { children: collection(item) })
    },
    createRunProfile: (
      label: string,
      kind: vscode.TestRunProfileKind,
      runHandler: vscode.TestRunProfile['runHandler'],
    ) => {
      const profile = { label, kind, runHandler } as vscode.TestRunProfile
      profiles.push(profile)
      return profile
    },
    createTestRun: () => run as unknown as vscode.TestRun,
  } as unknown as vscode.TestController
  return { controller, profiles, told, messages, covered }
}

describe('the extension for VS Code', function () {
  this.timeout(60_000)
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'thawproof-editor-'))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules', 'thawproof'))
    writeFileSync(join(folder, 'my-driver.ts'), text)
    writeFileSync(join(folder, 'broken.ts'), text.replace("goto: 'power_on'", "goto: 'power_onn'"))
  })
  after(() => rmSync(folder, { recursive: true }))

  const uri = (name: string): vscode.Uri => pathToFileURL(join(folder, name)) as unknown as vscode.Uri
  const token = {
    isCancellationRequested: false,
    onCancellationRequested: () => undefined,
  } as unknown as vscode.CancellationToken
  const viewed = () => {
    const noted = controlled()
    const debugged: string[] = []
    const claims = new Claims({
      editor,
      controller: noted.controller,
      program: new Program(folder, bin, process.execPath),
      relative: (one) => String(one).split('/').at(-1)!,
      text: (one) => Promise.resolve(readFileSync(new URL(String(one)), 'utf8')),
      debug: (target) => Promise.resolve(debugged.push(target)),
    })
    const asked = async (kind: vscode.TestRunProfileKind, ...include: Item[]): Promise<void> => {
      noted.told.length = 0
      const profile = noted.profiles.find((one) => one.kind === kind)!
      await profile.runHandler(
        { include: include.length > 0 ? include : undefined, exclude: undefined } as unknown as vscode.TestRunRequest,
        token,
      )
    }
    return { ...noted, claims, asked, debugged }
  }

  it('finds the steps of a model where they are written, and no others', async () => {
    const { default: model } = (await import(pathToFileURL(join(folder, 'my-driver.ts')).href)) as { default: Model }
    const names = stepsIn(text).map(({ name }) => name)
    const steps = targetNames(instantiate(model).parts).filter((name) => name.includes('.') && !name.includes('/'))
    assert.deepEqual([...names].sort(), [...steps].sort())
    const lines = text.split('\n')
    for (const { name, line, column, length } of stepsIn(text))
      assert.equal(lines[line]!.slice(column, column + length), name.split('.')[1])
    assert.ok(isModel(text) && !isModel("import { over } from 'thawproof'"))
  })

  it('tells on a step what function it stands for', () => {
    const line = text.split('\n').findIndex((one) => one.includes("step('power_off'"))
    const character = text.split('\n')[line]!.indexOf('power_off') + 2
    assert.equal(
      hoverOf(text, line, character, ['suspend.power_off']),
      '**suspend.power_off**  \ndriver: sensor_suspend  \n_never taken_',
    )
    assert.equal(hoverOf(text, line, 0, []), undefined)
  })

  it('has a file, its instances and their properties in the view, each where it is declared, and runs one of them', async () => {
    const { claims, controller, asked, told, messages, debugged } = viewed()
    await claims.see(uri('my-driver.ts'))
    const file = controller.items.get(String(uri('my-driver.ts')))!
    await asked(Run)
    assert.deepEqual(told, [
      'started my-driver.ts',
      'passed no-deadlock',
      'passed in-domain',
      'failed no-read-without-power',
      'passed my-driver.ts',
      'end',
    ])
    const base = file.children.get(`${file.id}/base`)!
    const broken = base.children.get(`${base.id}/no-read-without-power`)!
    assert.match(text.split('\n')[broken.range!.start.line]!, /onStep\('no-read-without-power'/)
    assert.match(messages[0]!.message, /^no-read-without-power\b[^]*\bviolated\b[^]*only while it has power\./)
    assert.equal(messages[0]!.location!.range, broken.range)
    await asked(Run, broken)
    assert.deepEqual(told, ['started no-read-without-power', 'failed no-read-without-power', 'end'])
    await asked(Debug, broken)
    assert.deepEqual(debugged, ['./my-driver.ts/base'])
  })

  it('tells a mistake of the model as one, with its place', async () => {
    const { claims, asked, told, messages } = viewed()
    await claims.see(uri('broken.ts'))
    await asked(Run)
    assert.deepEqual(told, ['started broken.ts', 'errored broken.ts', 'end'])
    assert.match(messages[0]!.message, /there is no step to go to 'power_onn'[^]*broken\.ts:\d+:\d+/)
  })

  it('marks steps that were never taken as not covered', async () => {
    writeFileSync(join(folder, 'still.ts'), text.replace("when: (s) => s.line === 'quiet',\n", 'when: () => false,\n'))
    const { claims, asked, covered } = viewed()
    await claims.see(uri('still.ts'))
    await asked(Coverage)
    assert.ok(claims.untaken(uri('still.ts')).includes('handler.read_status'))
    const [{ statementCoverage }] = covered as [vscode.FileCoverage]
    assert.ok(statementCoverage.covered < statementCoverage.total)
  })

  it('has a trace and the explorer to show beside the text', async () => {
    const program = new Program(folder, bin, process.execPath)
    const trace = await program.run(['trace', './my-driver.ts', 'no-read-without-power', '--format', 'svg'])
    assert.match(trace, /^<svg [^]*suspend\.power_off[^]*<\/svg>\s*$/)
    const page = await program.page('./my-driver.ts')
    assert.match(page, /^<!doctype html>[^]*<script[^]*sensor_suspend/i)
    assert.doesNotMatch(page, /<(script|link)[^>]* (src|href)="(?!data:)/)
  })

  it('offers the commands that it has, and one program to start from', () => {
    const { contributes, main } = JSON.parse(readFileSync(join(root, 'editors/vscode/package.json'), 'utf8')) as {
      main: string
      contributes: { commands: { command: string }[]; configuration: { properties: Record<string, unknown> } }
    }
    const source = readFileSync(join(root, 'editors/vscode/src/extension.ts'), 'utf8')
    const registered = [...source.matchAll(/registerCommand\('([^']+)'/g)].map(([, name]) => name!)
    assert.deepEqual(registered.sort(), contributes.commands.map(({ command }) => command).sort())
    const read = [...source.matchAll(/settings\.get<string>\('([^']+)'/g)].map(([, name]) => `thawproof.${name!}`)
    assert.deepEqual([...new Set(read)].sort(), Object.keys(contributes.configuration.properties).sort())
    assert.equal(main, './dist/extension.cjs')
  })
})
