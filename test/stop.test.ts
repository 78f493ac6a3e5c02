/** Whatever a command is at, it can be ended: by Ctrl-C within a second, and by a limit of time, also while a guard loops for ever. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Instance } from '../src/tell/spec.js'
import { bin, environmentIn } from './command.js'
import { plainInstance, plainSpec } from './plain-spec.js'

/** Counts to 250, where its guard never answers; with the patch where its effect never ends. */
const looping = `import { env, int, over, propertiesOver, record, system } from 'thawproof'
const state = record({ n: int(0, 300) })
const { model, action, patch, edit } = over(state)
export default model('looping', {
  question: 'Does it end?',
  actors: { kernel: system('counts') },
  parameters: { from: { says: 'Where it begins.', domain: int(0, 300), default: 0 } },
  initial: ({ from }) => ({ n: from }),
  parts: () => [
    action('tick', {
      actor: 'kernel',
      origin: env('a tick'),
      when: (s) => {
        while (s.n === 250);
        return s.n < 300
      },
      then: (d) => void d.n++,
    }),
  ],
  resting: (s) => s.n >= 200,
  patches: [patch('short', { kind: 'fix', says: 'Stops before.', edits: [edit.replace('kernel.tick', { when: (s) => s.n < 200 })] })],
})
const { always } = propertiesOver(state)
export const properties = [always('small', 'n is small.', (s) => s.n < 150)]
`

const expect: Instance['expect'] = {
  'no-deadlock': 'holds',
  'in-domain': 'holds',
  small: { verdict: 'violated', steps: 150 },
}
const claims = (protocol: string, ...instances: (Pick<Instance, 'id'> & Partial<Instance>)[]): string =>
  JSON.stringify(plainSpec(protocol, ...instances.map((one) => plainInstance({ expect, ...one }))))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
  /** Milliseconds from the signal to the end. */
  readonly took: number
}

describe('ending a command', function () {
  this.timeout(60_000)
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'thawproof-'))
    writeFileSync(join(folder, 'looping.ts'), looping)
    writeFileSync(join(folder, 'looping.json'), claims('looping', { id: 'short', patches: ['short'] }, { id: 'base' }))
    writeFileSync(join(folder, 'many.ts'), looping)
    const many = Array.from({ length: 9 }, (_, i) => ({ id: `from-${i}`, parameters: { from: i === 4 ? 0 : 260 } }))
    writeFileSync(join(folder, 'many.json'), claims('many', ...many))
  })
  after(() => rmSync(folder, { recursive: true }))

  /** Runs a command, and sends the signal some time after it has printed a text, on either stream; or never. */
  const run = (args: readonly string[], signal?: NodeJS.Signals, when = /^/, wait = 1500): Promise<Ended> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env: environmentIn(folder) })
      let [out, err, sent, armed] = ['', '', performance.now(), false]
      const heard = (): void => {
        if (armed || !signal || !when.test(out + err)) return
        armed = true
        setTimeout(() => {
          sent = performance.now()
          child.kill(signal)
        }, wait)
      }
      child.stdout.on('data', (chunk: Buffer) => ((out += chunk.toString()), heard()))
      child.stderr.on('data', (chunk: Buffer) => ((err += chunk.toString()), heard()))
      const late = setTimeout(() => child.kill('SIGKILL'), 40_000)
      child.on('close', (code) => {
        clearTimeout(late)
        resolve({ code, out, err, took: performance.now() - sent })
      })
      heard()
    })

  /** A second, and what a machine may take longer that does other things besides. */
  const soon = 4000

  it('while a guard loops for ever tells which, and what was found before', async () => {
    const { code, out, err, took } = await run(['check', './looping.ts', '--no-cache', '-v'], 'SIGINT', /✓ short/)
    assert.equal(code, 130)
    assert.match(
      out,
      /✓ short .*\n.*small in 150\n(?: +not tried.*\n(?: +.*\n)*)?nothing found against 1 of 2, the others were not looked at: 1 instance, /,
    )
    // On a machine that is busy otherwise nobody waits for the name.
    assert.match(
      err,
      /^interrupted(: the guard of kernel\.tick \(\.\/looping\.ts:13:13\) has been running for \d+\.\d s)?\n$/,
    )
    assert.ok(took < soon, `${took} ms`)
  })

  it('while a guard loops for ever prints the document of what it had', async () => {
    const { code, out } = await run(
      ['check', './looping.ts', '--no-cache', '--json', '--junit', 'had.xml'],
      'SIGINT',
      /^/,
      4000,
    )
    assert.equal(code, 130)
    assert.match(readFileSync(join(folder, 'had.xml'), 'utf8'), /<testsuite name="looping\/short"/)
    const { met, instances } = JSON.parse(out) as { met: boolean; instances: { instance: string }[] }
    assert.deepEqual([met, instances.map(({ instance }) => instance)], [false, ['short']])
  })

  it('by a limit of time ends what loops for ever, in whatever thread, and says what it was', async () => {
    const says =
      /^--max-seconds was hit: the guard of kernel\.tick \(\.\/(looping|many)\.ts:13:13\) has been running for \d+\.\d s\n$/
    const alone = await run(['check', './looping.ts/base', '--max-seconds', '0.5'])
    assert.equal(alone.code, 3, alone.err)
    assert.match(alone.err, says)
    // Long enough for what does not loop, also on a machine that is busy otherwise.
    const pooled = await run(['check', './many.ts', '--no-cache', '--max-seconds', '2', '--workers', '2'])
    assert.equal(pooled.code, 1, 'something was found before')
    assert.match(pooled.err, says)
    assert.match(pooled.out, /\n4 of 4 not met, 5 not looked at: 4 instances, /)
  })

  for (const args of [
    ['trace', './looping.ts/base', 'small'],
    ['why', './looping.ts/base', 'small'],
    ['walk', './looping.ts/base', '--seconds', '60'],
    ['compare', './looping.ts', 'base', 'short'],
    ['fix', './looping.ts/base'],
    ['bisect', './looping.ts', 'small', 'base', 'short'],
    ['mutate', './looping.ts/base'],
    ['record', './looping.ts'],
    ['graph', './looping.ts/base'],
  ])
    it(`by Ctrl-C, of ${args[0]} in a guard that loops for ever`, async () => {
      const { code, err, took } = await run(args, 'SIGINT', /^/, 2500)
      assert.equal(code, 130, err)
      assert.match(err, /interrupted/)
      assert.ok(took < soon, `${took} ms`)
    })

  it('by Ctrl-C, of docs and record as they are at work', async () => {
    for (const args of [
      ['docs', 'virtio-net', 'virtio-blk', 'xen-pv-guest', 'xen-arm-host', 'pm-core', '--html', join(folder, 'site')],
      ['record', 'pm-core'],
    ]) {
      const { code, err, took } = await run(args, 'SIGINT', /^/, 1000)
      assert.equal(code, 130, err)
      assert.match(err, /^interrupted/)
      assert.ok(took < soon, `${took} ms`)
    }
  })
})
