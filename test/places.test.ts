/** Where it stands: mistakes, faults and reports name file, line and column of what the author wrote, and breakpoints hit it. */

import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { loadFile } from '../src/cli/load.js'
import { check } from '../src/search/check.js'
import { checkClaim } from '../src/tell/claim.js'
import { declaredBy } from '../src/tell/declared.js'
import { annotationOf, annotationsOf } from '../src/tell/formats/annotations.js'
import { junitOf } from '../src/tell/formats/junit.js'
import { sarifOf } from '../src/tell/formats/sarif.js'
import { placeOf } from '../src/tell/place.js'
import { loadProtocol, systemOf } from '../src/tell/protocol.js'
import { settled } from '../src/tell/claim-result.js'
import { Mistake } from '../src/write/mistake.js'
import { siteOf } from '../src/write/site.js'
import { instantiate } from '../src/write/system.js'

const text = `import { env, int, over, propertiesOver, record, system } from 'thawproof'
import { limit } from './limit.js'

type Unused = { readonly erased: true }
const state = record({ n: int(0, 9) })
const { model, action } = over(state)

export default model('counter', {
  question: 'How far does it count?',
  actors: { one: system('counts') },
  initial: () => ({ n: 0 }),
  parts: () => [
    action('count', {
      actor: 'one',
      origin: env('counts'),
      when: (s) =>
        s.n < limit,
      then: (d) => void d.n++,
    }),
  ],
  resting: (s) => s.n > 4,
})
const { always } = propertiesOver(state)
export const properties = [
  always('small', 'It stays small.', (s) => s.n < 3),
]
`

describe('places', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'thawproof-'))
    writeFileSync(join(folder, 'limit.ts'), 'export const limit: number = 5\n')
  })
  after(() => rmSync(folder, { recursive: true }))

  const write = (name: string, from = '', to = ''): string => {
    const file = join(folder, `${name}.ts`)
    writeFileSync(file, text.replace(from, to))
    return file
  }

  const load = (name: string, from?: string, to?: string) => loadFile(write(name, from, to))

  const shown = (file: string): string => {
    const below = relative(process.cwd(), file)
    return below.startsWith('..') ? file : below
  }

  it('are those of the declaration, through the map of the bundle', async () => {
    const { model, properties } = await load('plain')
    const system = instantiate(model)
    const at = (thing: unknown): unknown => {
      const { file, line, column } = placeOf(siteOf(thing))!
      return [file, line, column]
    }
    const file = shown(join(folder, 'plain.ts'))
    assert.deepEqual(at(model), [file, 8, 16])
    assert.deepEqual(at(system.parts[0]), [file, 13, 5])
    assert.deepEqual(at((properties as readonly object[])[0]), [file, 25, 3])
    assert.equal(
      placeOf(siteOf(system.parts[0]))!.frame,
      [
        '    12 |   parts: () => [',
        `  > 13 |     action('count', {`,
        '       |     ^',
        `    14 |       actor: 'one',`,
      ].join('\n'),
    )
  })

  it('are those of shipped models, which are compiled', async () => {
    const { model } = await loadProtocol('grant-revoke')
    const place = placeOf(siteOf(model))!
    assert.equal(place.file, 'models/grant-revoke.ts')
    assert.match(place.frame, new RegExp(`> *${place.line} \\| export default model\\('grant-revoke'`))
  })

  it('point at the key that is wrong, in a declaration of many lines', async () => {
    const file = write('misspelt', 'then: (d)', 'thne: (d)')
    const found = await loadFile(file).then(
      () => undefined,
      (error: unknown) => error,
    )
    assert(found instanceof Mistake)
    const { line, column } = placeOf(found.at, found.path)!
    assert.deepEqual([line, column], [18, 7])
  })

  it('of a fault are where the step is declared, and where in it something is thrown', async () => {
    const throwing = await load('throws', 's.n < limit', '(null as never as { k: number }).k < limit')
    const { fault } = settled(await checkClaim(throwing, throwing.spec.instances[0]!))
    assert.deepEqual(
      fault!.at.map(({ line, column }) => [line, column]),
      [
        [13, 5],
        [17, 42],
      ],
    )
    const overflowing = await load('overflows', 's.n < limit', 's.n < 100')
    const { fault: left } = settled(await checkClaim(overflowing, overflowing.spec.instances[0]!))
    assert.deepEqual(
      left!.at.map(({ line }) => line),
      [13],
    )
  })

  it('of a fault in a predicate are where the property is declared', async () => {
    const protocol = await load('asks', '(s) => s.n < 3', '(s) => s.n < 9 && (null as never as { k: number }).k < 3')
    const { fault } = settled(await checkClaim(protocol, protocol.spec.instances[0]!))
    assert.deepEqual(
      fault!.at.map(({ line }) => line),
      [25, 25],
    )
  })

  it('go into SARIF, JUnit and the annotations of a host, the same in all', async () => {
    const protocol = await load('reported')
    const claim = settled(await checkClaim(protocol, protocol.spec.instances[0]!))
    const declared = (of: typeof claim) => declaredBy(protocol, of.instance)
    const file = shown(join(folder, 'reported.ts'))
    assert.deepEqual(annotationsOf([claim], declared), [
      `::error file=${file},line=25,col=3,title=reported/base::small: claimed to hold, found violated in 3 steps. Required: It stays small.`,
    ])
    const xml = junitOf([claim], () => ({ declared: declared(claim), seconds: 0.25 }))
    assert(xml.includes(`name="small" file="${file}" line="25">`), xml)
    assert(xml.includes(`name="as recorded" time="0.250"/>`), xml)
    const { runs } = sarifOf([claim], declared) as {
      runs: {
        results: { locations: { physicalLocation: { region: object; artifactLocation: { uri: string } } }[] }[]
      }[]
    }
    const [{ physicalLocation }] = runs[0]!.results[0]!.locations as [
      { physicalLocation: { region: object; artifactLocation: { uri: string } } },
    ]
    assert.deepEqual(physicalLocation.region, { startLine: 25, startColumn: 3 })
    assert(physicalLocation.artifactLocation.uri.endsWith('/reported.ts'))
  })

  it('of a mistake become an annotation, with what workflow commands want escaped', () => {
    const at = { file: 'a,b.ts', line: 2, column: 3, frame: '' }
    const mistake = new Mistake('model x', '100 % wrong', 'do this', { at })
    assert.equal(
      annotationOf(mistake),
      '::error file=a%2Cb.ts,line=2,col=3,title=thawproof::model x: 100 %25 wrong%0A  do this',
    )
  })

  it('are hit by a breakpoint that an editor sets by file and line', async () => {
    const file = write('stops')
    const worker = new Worker(editor, {
      eval: true,
      execArgv: [],
      workerData: { url: pathToFileURL(file).href, line: 17 },
    })
    try {
      assert.equal((await once(worker, 'message'))[0], 'listening')
      const { model } = await loadFile(file)
      const [set] = (await once(worker, 'message')) as [string]
      assert.equal(set, 'set')
      const outcome = await check(instantiate(model), [])
      assert.equal(outcome.states, 6)
      worker.postMessage('done')
      const [hits] = (await once(worker, 'message')) as [readonly string[]]
      assert(hits.length >= 6, `${hits.length} hits`)
      assert.deepEqual([...new Set(hits)], ['when'])
    } finally {
      await worker.terminate()
    }
  })

  it('are still there where a patch or a spread has made a copy of a step', async () => {
    const protocol = await loadProtocol('grant-revoke')
    for (const instance of protocol.spec.instances)
      for (const { name, site } of systemOf(protocol, instance).transitions)
        assert.match(placeOf(site)?.file ?? name, /^models\/.*\.ts$/)
  })
})

/** An editor's debugger, as it talks to the engine: it finds the file in the map of a script, and sets the breakpoint there. */
const editor = `
const { Session } = require('node:inspector')
const { SourceMap } = require('node:module')
const { parentPort, workerData } = require('node:worker_threads')
const session = new Session()
session.connectToMainThread()
const hits = []
session.on('Debugger.paused', ({ params }) => {
  hits.push(params.callFrames[0].functionName)
  session.post('Debugger.resume')
})
session.on('Debugger.scriptParsed', ({ params: { scriptId, sourceMapURL } }) => {
  if (!sourceMapURL || !sourceMapURL.startsWith('data:application/json;base64,')) return
  const payload = JSON.parse(Buffer.from(sourceMapURL.slice(sourceMapURL.indexOf(',') + 1), 'base64').toString())
  if (!payload.sources.includes(workerData.url)) return
  const map = new SourceMap(payload)
  for (let lineNumber = 0; lineNumber < 500; lineNumber++)
    for (let columnNumber = 0; columnNumber < 80; columnNumber++) {
      const entry = map.findEntry(lineNumber, columnNumber)
      if (entry.originalSource !== workerData.url || entry.originalLine !== workerData.line - 1) continue
      return session.post('Debugger.setBreakpoint', { location: { scriptId, lineNumber, columnNumber } }, (error) =>
        parentPort.postMessage(error ? error.message : 'set'))
    }
})
session.post('Debugger.enable', () => parentPort.postMessage('listening'))
parentPort.on('message', () => parentPort.postMessage(hits))
`
