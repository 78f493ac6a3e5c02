/** Command lines that cannot be meant: each is told what exists, and ends with 2. `npm test` builds what is run here. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { protocolNames } from '../../src/tell/protocol.js'
import { small, spec, whole } from './table.js'

const bin = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const help = '\n(thawproof --help tells more)'
const all = protocolNames().length
const noBase = "protocol m: there is no instance 'bas'\n  did you mean 'base'? known: base"
const noSmall = "protocol m: there is no property 'smal'\n  did you mean 'small'? known: no-deadlock, in-domain, small"
const noFaster = "model m: there is no patch 'fastr'\n  did you mean 'faster'? known: faster"
const noM = "model m: there is no parameter 'M'\n  did you mean 'N'? known: N"

/** What is typed, and what is said; a line of `thawproof: …` unless it says `error:`. */
const rows: readonly (readonly [typed: string, said: string])[] = [
  ['chek', `error: unknown command 'chek'\n(Did you mean check?)${help}`],
  ['check --jsn', `error: unknown option '--jsn'\n(Did you mean --json?)${help}`],
  [
    'check --max-states lots',
    `error: option '--max-states <n>' argument 'lots' is invalid. wants a positive number, perhaps with k, M or G${help}`,
  ],
  ['check --workers 0', `error: option '--workers <n>' argument '0' is invalid. wants 1 to 64${help}`],
  ['compare ./m.js base', `error: missing required argument 'b'${help}`],
  [
    'trace ./m.js/base small --format pdf',
    `error: option '--format <name>' argument 'pdf' is invalid. Allowed choices are lanes, mail, mermaid, mocha, svg, json, itf, perfetto.${help}`,
  ],
  [
    'check xen-pv-gest',
    `thawproof: there is no protocol 'xen-pv-gest'\n  did you mean 'xen-pv-guest'? ${all} are known`,
  ],
  [
    'list grant-revok',
    `thawproof: there is no protocol 'grant-revok'\n  did you mean 'grant-revoke'? ${all} are known`,
  ],
  ['check ./nowhere.ts', './nowhere.ts: there is no such file\n  name a model file, or a protocol:\n  thawproof list'],
  ['check ./m.txt', './m.txt: is not a model file\n  a model file ends in .ts or .js'],
  ['check ./m.js/bas', noBase],
  ['mutate ./m.js/bas', noBase],
  ['walk ./m.js/bas', noBase],
  ['check ./m.js/zz*', "protocol m: no instance fits 'zz*'\n  thawproof list ./m.js"],
  ['check ./m.js -p M=1', noM],
  ['fix ./m.js --each M', noM],
  ['check ./m.js -p N', '--parameter N: has no value\n  write name=value'],
  ['check ./m.js -p N=7', 'model m, parameter N: 7 is out of range\n  allowed: int(1, 2)'],
  ['check ./m.js -p N=two', 'model m, parameter N: "two" is out of range\n  allowed: int(1, 2)'],
  ['check -p N=1', '--parameter, --patch: go with exactly one protocol\n  thawproof check async-schedule -p N=1'],
  ['check ./m.js --patch fastr', noFaster],
  ['compare ./m.js base fastr', noFaster],
  ['check ./m.js --continue', '--continue: there is no place to continue from\n  name it: --checkpoint <folder>'],
  [
    'check ./m.js --fingerprints --certify',
    '--fingerprints and --certify: a certificate is about every state, and of most only a fingerprint is left\n  leave one of the two out',
  ],
  ['--color purple check ./m.js', "--color: 'purple' is not known\n  one of auto, always, never"],
  ['trace ./m.js/base smal', noSmall],
  ['why ./m.js/base smal', noSmall],
  ['bisect ./m.js smal base faster', noSmall],
  ['trace ./m.js/base small --replay nowhere.json', 'nowhere.json: cannot be read (ENOENT)'],
  [
    'trace ./m.js/base small --replay m.json',
    'm.json: is not a thawproof/trace@1\n  write one with `thawproof trace … --format json`',
  ],
  ['graph ./m.js --by m', "--by: there is no field 'm'\n  did you mean 'n'? known: n"],
  ['new m', 'm.json: is already there\n  choose another name, or remove it first'],
  ['new a_b', 'new a_b: is not a usable name\n  small letters, digits and dashes: my-protocol'],
]

/** What a mistake in a model looks like in full, as it is printed. */
const printed = `thawproof: step stop: there is no key 'whne'
  did you mean 'when'? known: when, then, log, says, provoke, lastResort, signals, origin, for, either, goto, logOnEntry
  wrong.js:14:53
    13 |     thread('suspend', { actor: 'kernel', fair: 'weak', while: () => true, startsFreely: true, says: 'Suspends.' },
  > 14 |       step('stop', { origin: source('a.c', 'stop'), whne: (s) => s.on, then: (d) => void (d.mode = 'stop'), goto: 'enter', log: 'stops', says: 'Stops.', provoke: 'Ask it.', lastResort: true, signals: 'device', logOnEntry: 'It asks first.' }),
       |                                                     ^
    15 |       step('enter', { origin: source('a.c', 'enter'), either: { sleeps: { when: (s) => s.n === 0, then: (d) => void (d.on = false), goto: 'wake', log: () => 'sleeps', says: 'Sleeps.', provoke: 'Wait.', lastResort: true, signals: 'device', origin: env('it sleeps') }, cancelled: {} } }),
`

describe('a command line', function () {
  this.timeout(120_000)
  let folder: string
  const found = new Map<string, Promise<readonly [code: number | null, err: string]>>()

  before(() => {
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'thawproof-'))
    writeFileSync(join(folder, 'm.js'), small)
    writeFileSync(join(folder, 'm.json'), spec)
    writeFileSync(
      join(folder, 'wrong.js'),
      whole.replace(`when: (s) => s.on, then: (d) => void (d.mode`, `whne: (s) => s.on, then: (d) => void (d.mode`),
    )
    // Two at a time: they are many, and cores are few.
    let last = [Promise.resolve(), Promise.resolve()] as Promise<unknown>[]
    for (const typed of [...rows.map(([typed]) => typed), 'check ./wrong.js']) {
      const done = Promise.race(last).then(() => run(typed))
      found.set(typed, done)
      last = [last[1]!, done]
    }
  })
  after(() => rmSync(folder, { recursive: true }))

  const run = (typed: string): Promise<readonly [code: number | null, err: string]> =>
    new Promise((resolve) => {
      const env = { ...process.env, NO_COLOR: '1', XDG_CACHE_HOME: join(folder, 'cache'), GITHUB_ACTIONS: '' }
      const child = spawn(process.execPath, [bin, ...typed.split(' ')], { cwd: folder, env })
      let err = ''
      child.stderr.on('data', (text: Buffer) => (err += text.toString()))
      child.on('close', (code) => resolve([code, err]))
    })

  for (const [typed, said] of rows)
    it(typed, async () => {
      const [code, told] = await found.get(typed)!
      // Commands are told as this one was called, which is by a path here.
      const err = told.replace(/node \S*main\.js/g, 'thawproof')
      assert.deepEqual([code, err], [2, `${said.startsWith('error: ') ? said : `thawproof: ${said}`}\n`])
    })

  it('shows a mistake in a model with the lines around', async () => {
    assert.deepEqual(await found.get('check ./wrong.js'), [2, printed])
  })
})
