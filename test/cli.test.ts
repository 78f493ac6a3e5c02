/** Transcripts: what a user types, what is printed, and the exit code. `npm test` builds what is run here. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Comparison } from '../src/tell/compare/comparison.js'
import { schemaNamed } from '../src/tell/schema.js'
import { bin, thawproof, type Ran } from './command.js'

describe('the command line', function () {
  this.timeout(60_000)
  let folder: string
  before(() => (folder = mkdtempSync(join(tmpdir(), 'thawproof-'))))
  after(() => rmSync(folder, { recursive: true }))

  const run = (...args: string[]): Ran => thawproof(folder, args)

  const model = (name: string, patchText = '', more = ''): string => {
    const file = join(folder, `${name}.ts`)
    writeFileSync(
      file,
      `import { environment, env, int, over, propertiesOver, record } from 'thawproof'
const state = record({ n: int(0, 1000000), m: int(0, 3) })
const { model, action, patch, edit } = over(state)
let calls = 0
export default model('${name}', {
  question: 'How far does it count?',
  actors: { counter: environment('counts') },
  initial: () => ({ n: 0, m: 0 }),
  parts: () => [action('count', { actor: 'counter', origin: env('counts'), ${more || 'when: (s) => s.n < 5, then: (d) => { d.n++ }'} })],
  resting: (s) => s.n === 5,
  patches: [${patchText}],
})
void calls; void patch; void edit
const { always } = propertiesOver(state)
export const properties = [always('small', 'The counter stays small.', (s) => s.n < 9)]
`,
    )
    return `./${name}.ts`
  }

  it('checks a new protocol green at once, and shows the trace of its fault', () => {
    assert.equal(run('new', 'my-protocol').code, 0)
    const checked = run('check', './my-protocol.ts')
    assert.equal(checked.code, 0, checked.err)
    assert.match(checked.out, /^✓ found as claimed .*\n✓ my-protocol +2 instances +17 states\n/)
    assert.match(run('check', './my-protocol.ts', '-v').out, /✓ base +\d+ states, found 5 hold\n/)
    assert.match(checked.out, /all claims met: 2 instances, 17 states, 23 steps\n$/)
    const trace = run('trace', './my-protocol.ts/without-cancel', 'wakeup-not-lost')
    assert.equal(trace.code, 0)
    assert.match(trace.out, /machine: awake → asleep/)
    assert.match(trace.out, /wakeup-not-lost is violated in 3 steps/)
    assert.equal(run('new', 'my-protocol').code, 2, 'never overwrites')
  })

  it('lets a model use the templates and the walk of this copy', () => {
    const file = model('templated', '', 'when: (s) => s.n < 5, then: (d) => { d.n++ }')
    appendFileSync(
      join(folder, file),
      `import { templatesOver } from 'thawproof/templates'
import { valuesOf } from 'thawproof/walk'
void valuesOf(state)
properties.push(templatesOver(state).canSucceed({ what: 'counting', succeeded: (s) => s.n === 5 }))
`,
    )
    const { code, out, err } = run('check', file)
    assert.equal(code, 0, out + err)
    assert.match(out, /✓ base +6 states, found 4 hold/)
  })

  it('prints one JSON document that fits its schema', () => {
    const { code, out } = run('check', './my-protocol.ts', '--json')
    assert.equal(code, 0)
    const report: unknown = JSON.parse(out)
    const validate = schemaNamed('report')
    assert.ok(validate(report), JSON.stringify(validate.errors))
    assert.equal((report as { met: boolean }).met, true)
  })

  it('replays a trace by names, also after declarations were reordered', () => {
    const { out } = run('trace', './my-protocol.ts/without-cancel', 'wakeup-not-lost', '--json')
    writeFileSync(join(folder, 'trace.json'), out)
    const file = join(folder, 'my-protocol.ts')
    const text = readFileSync(file, 'utf8')
    const action = /\n {4}action\('raise_wakeup'[^]*?\n {4}\}\),/.exec(text)![0]
    writeFileSync(file, text.replace(action, '').replace('parts: () => [', `parts: () => [${action}`))
    const replayed = run('trace', './my-protocol.ts', '--replay', 'trace.json')
    assert.equal(replayed.code, 0, replayed.err)
    assert.match(replayed.out, /violated in 3 steps/)
    writeFileSync(file, text)
  })

  it('ends with 1 when a claim is not met, and prints the command that shows it', () => {
    const file = model('too-far', '', 'when: (s) => s.n < 20, then: (d) => { d.n++ }')
    const { code, out } = run('check', file)
    assert.equal(code, 1)
    assert.match(out, /not as claimed: small: claimed to hold, found violated in 9 steps/)
    assert.match(out, /replay: node .*main\.js trace \.\/too-far\.ts\/base small/)
  })

  it('ends with 3 when a limit was hit, and never says holds then', () => {
    const file = model('long', '', 'when: (s) => s.n < 5, then: (d) => { d.n++ }')
    const { code, out } = run('check', file, '--max-states', '3')
    assert.equal(code, 3)
    assert.match(out, /--max-states 3 was hit/)
    assert.doesNotMatch(out, /\d hold/)
  })

  it('never says holds by fingerprints, ends with 3, and shows what is violated as ever', () => {
    const file = model('compact', '', 'when: (s) => s.n < 5, then: (d) => { d.n++ }')
    const { code, out } = run('check', file, '--fingerprints')
    assert.equal(code, 3)
    assert.match(
      out,
      /\? base +6 states, found 3 unknown\n +not exact: every state that was found was expanded, but states/,
    )
    assert.match(
      out.replaceAll(/\s+/g, ' '),
      /the probability that one was missed is at most 1\.2e-18 unknown: no-deadlock,/,
    )
    assert.doesNotMatch(out, /\d holds?\b|not as claimed:/)
    const { code: exactly, out: afterwards } = run('check', file)
    assert.deepEqual([exactly, /✓ base +6 states, found 3 hold/.test(afterwards)], [0, true], 'it was not remembered')
    const report = JSON.parse(run('check', 'xen-pv-guest/B01', '--fingerprints', '--json').out) as {
      instances: { complete: boolean; fingerprints: unknown; verdicts: { property: string; verdict: string }[] }[]
    }
    assert.ok(schemaNamed('report')(report), JSON.stringify(schemaNamed('report').errors))
    const [{ complete, fingerprints, verdicts }] = report.instances as [(typeof report.instances)[number]]
    assert.deepEqual(
      [complete, fingerprints],
      [false, { bits: 64, exhausted: true, omission: (114 * 115 * (1 + 2 ** -30)) / 2 ** 65 }],
    )
    assert.deepEqual(
      verdicts.filter(({ verdict }) => verdict !== 'unknown').map(({ property, verdict }) => `${property} ${verdict}`),
      [
        'no-deadlock',
        'no-revoke-in-use',
        'ring-agreement',
        'reconnect-only-after-loss',
        'cancel-is-identity',
        'no-rewrite-in-use',
      ].map((property) => `${property} violated`),
    )
    const trace = (...more: string[]): string => run('trace', 'xen-pv-guest/B01', 'no-revoke-in-use', ...more).out
    assert.equal(trace('--fingerprints'), trace().replace(/\ninevitable: .*/, ''))
  })

  it('says what does not go with fingerprints', () => {
    for (const option of [['--certify'], ['--checkpoint', 'saved']]) {
      const { code, err } = run('check', './my-protocol.ts', '--fingerprints', ...option)
      assert.equal(code, 2)
      assert.match(err, new RegExp(`--fingerprints and ${option[0]!}: .*\n  leave one of the two out`))
    }
  })

  it('ends with 2 and a message, without a stack trace, when the model is broken', () => {
    const throwing = model(
      'throws',
      '',
      'when: (s) => { if (s.n === 3) throw new Error("no three"); return s.n < 5 }, then: (d) => { d.n++ }',
    )
    const thrown = run('check', throwing)
    assert.equal(thrown.code, 2)
    assert.match(thrown.out, /counter\.count: its guard throws: no three/)
    assert.doesNotMatch(thrown.out + thrown.err, /at file:/)
    const unsteady = run(
      'check',
      model('unsteady', '', 'when: (s) => s.n < 5, then: (d) => { d.n++; d.m = calls++ % 3 }'),
    )
    assert.equal(unsteady.code, 2)
    assert.match(unsteady.err, /step counter\.count: its effect changes what is not in the state: calls\+\+/)
  })

  it('names what does not exist and what does', () => {
    const cases: [string[], RegExp][] = [
      [['check', './absent.ts'], /absent\.ts: there is no such file/],
      [['check', 'xen-pv-gest'], /no protocol 'xen-pv-gest'\n {2}did you mean 'xen-pv-guest'/],
      [['check', './my-protocol.ts/bsae'], /no instance 'bsae'\n {2}did you mean 'base'/],
      [
        ['check', './my-protocol.ts', '--patch', 'ignore-wakeup'],
        /no patch 'ignore-wakeup'\n {2}did you mean 'ignore-wakeups'/,
      ],
      [['check', './my-protocol.ts', '-p', 'N=3'], /no parameter 'N'/],
      [
        ['trace', './my-protocol.ts/base', 'wakeup-not-lots'],
        /no property 'wakeup-not-lots'\n {2}did you mean 'wakeup-not-lost'/,
      ],
      [['chekc'], /unknown command 'chekc'/],
      [['check', '--max-states', 'many'], /wants a positive number/],
    ]
    for (const [args, message] of cases) {
      const { code, err } = run(...args)
      assert.equal(code, 2, args.join(' '))
      assert.match(err, message)
      assert.doesNotMatch(err, /\n {4}at /)
    }
  })

  it('points at the line of a model that does not parse', () => {
    writeFileSync(join(folder, 'broken.ts'), 'export default model(\n')
    const { code, err } = run('check', './broken.ts')
    assert.equal(code, 2)
    assert.match(err, /^thawproof: \.\/broken\.ts: Unexpected end of file\n {2}broken\.ts:2:1\n/)
  })

  it('finds the first variant that changes a verdict', () => {
    const found = run('bisect', 'xen-pv-guest', 'no-revoke-in-use', 'linux-2.6.32', 'linux-2.6.39', 'base', '--json')
    assert.equal(found.code, 0)
    const { first, history } = JSON.parse(found.out) as { first: string; history: Record<string, unknown>[] }
    assert.equal(first, 'linux-2.6.39')
    assert.deepEqual(
      history.map(({ variant, verdict, traceLength }) => [variant, verdict, traceLength]),
      [
        ['linux-2.6.32', 'violated', 12],
        ['linux-2.6.39', 'holds', null],
        ['base', 'holds', null],
      ],
    )
    const same = run('bisect', 'xen-pv-guest', 'no-revoke-in-use', 'linux-2.6.39', 'base')
    assert.equal(same.code, 1)
    assert.match(same.out, /no variant changes the verdict/)
  })

  it('tells what is wrong with a question about patches', () => {
    for (const [message, ...args] of [
      ['wants a protocol', 'bisect', 'xen-pv-guest/B01', 'no-deadlock', 'base', 'B01'],
      ['wants a protocol', 'compare', 'xen-pv-guest/B01', 'base', 'B01'],
      ['no instance is named', 'fix', 'xen-pv-guest'],
      ["no instance fits 'zz\\*'", 'fix', 'xen-pv-guest/zz*'],
      ['are two protocols', 'fix', 'xen-pv-guest/B01', 'xenbus-locks/B21'],
      ["there is no parameter 'toll'", 'fix', 'xen-pv-guest/B01', '--each', 'toll'],
      ['"SLOWLY" is out of range', 'fix', 'xen-pv-guest/B01', '--each', 'tool=SLOWLY'],
      ["there is no property 'nope'", 'fix', 'xen-pv-guest/B01', '--except', 'nope'],
      ["'abc' is not a path", 'walk', 'xen-pv-guest/B01', '--path', 'abc'],
    ] as const) {
      const { code, err } = run(...args)
      assert.equal(code, 2, args.join(' '))
      assert.match(err, new RegExp(message))
    }
  })

  it('finds what is enough on every instance that fits a pattern', () => {
    const { code, out } = run('fix', 'xen-pv-guest/pre-2.6.39-s*-fails', '--property', 'lock-balance', '--json')
    assert.equal(code, 0)
    const { grounds, minimal } = JSON.parse(out) as { grounds: { name: string }[]; minimal: string[][] }
    assert.deepEqual(
      grounds.map(({ name }) => name),
      ['pre-2.6.39-stop-fails', 'pre-2.6.39-start-fails'],
    )
    assert.deepEqual(minimal, [[]])
  })

  it('compares two variants', () => {
    const { code, out } = run('compare', './my-protocol.ts', 'ignore-wakeups', 'base')
    assert.equal(code, 0)
    assert.match(out, /fixes\n +wakeup-not-lost +violated in 3 → holds/)
    assert.equal(run('compare', './my-protocol.ts', 'base', 'ignore-wakeups').code, 1)
    const json = run('compare', './my-protocol.ts', 'ignore-wakeups', 'base', '--json')
    const { a, b, changes, adds } = JSON.parse(json.out) as Comparison
    assert.deepEqual([json.code, a.name, b.name, a.cut, adds.kind], [0, 'ignore-wakeups', 'base', null, 'some'])
    const fixed = changes.find(({ change }) => change === 'fixes')!
    assert.deepEqual(
      [fixed.property, fixed.was, fixed.is.verdict, fixed.trace!.steps.length],
      ['wakeup-not-lost', { verdict: 'violated', steps: 3 }, 'holds', 3],
    )
    assert.equal(run('compare', './my-protocol.ts', 'base', 'base', '--json', '--format', 'text').code, 2)
  })

  it('keeps within limits when it compares and explains, and says what it could not tell', () => {
    const eras = ['linux-2.6.32', 'linux-2.6.39'] as const
    const text = run('compare', 'xen-pv-guest', ...eras, '--max-states', '12')
    assert.equal(text.code, 3)
    assert.match(text.out, /--max-states 12 was hit: 12 of at least 13 states were expanded, to depth 11;/)
    assert.match(text.out, /no-revoke-in-use +violated in 12 → unknown/)
    assert.match(text.out, /linux-2\.6\.39 adds: unknown, a search was not complete/)
    assert.doesNotMatch(text.out, /fixes/)
    const { a, b } = JSON.parse(
      run('compare', 'xen-pv-guest', ...eras, '--max-states', '12', '--json').out,
    ) as Comparison
    for (const { complete, cut } of [a, b]) assert.ok(!complete && cut?.startsWith('--max-states 12 was hit'))
    const found = run('why', 'xen-pv-guest/B01', 'no-revoke-in-use', '--max-states', '60')
    assert.equal(found.code, 3)
    assert.match(found.out, /no-revoke-in-use is violated in 12 steps\n[^]*no guard was tried: --max-states 60 was hit/)
    const none = run('why', 'xen-pv-guest/B01', 'no-revoke-in-use', '--max-states', '5')
    assert.equal(none.code, 3)
    assert.match(none.err, /no violation was found before --max-states 5 was hit/)
  })

  it('ends with 130 and the figures so far when interrupted', async () => {
    const file = model(
      'endless',
      '',
      'for: { k: [1, 2, 3] }, when: (s) => s.n < 900000, then: (d, { k }) => { d.n += k; d.m = (d.m + k) % 4 }',
    )
    const child = spawn(process.execPath, [bin, 'check', file], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1', XDG_CACHE_HOME: folder },
    })
    let out = ''
    child.stdout.on('data', (data: Buffer) => (out += data.toString()))
    // The headline is printed when the search begins.
    await new Promise((resolve) => child.stdout.once('data', resolve))
    setTimeout(() => child.kill('SIGINT'), 300)
    const code = await new Promise((resolve) => child.on('close', resolve))
    assert.equal(code, 130)
    assert.match(out, /interrupted: \d+ of at least \d+ states were expanded/)
  })

  it('gives the same bytes twice', () => {
    const once = run('check', 'xen-pv-guest/B01', 'xen-pv-guest/mainline', '--json')
    assert.equal(once.code, 0)
    assert.equal(run('check', 'xen-pv-guest/B01', 'xen-pv-guest/mainline', '--json').out, once.out)
  })
})
