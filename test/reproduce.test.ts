/** Violated claims as scripts: acts, what undoes them, shellcheck, dry runs; and whether a machine did a run, by its log. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commandsOf, quoted, type Act } from '../src/machine/act.js'
import { along } from '../src/machine/along.js'
import { reproduceScript, type Recipe } from '../src/machine/script.js'
import { explore } from '../src/search/explore.js'
import { actCatalogue, actFor, recipeOf } from '../src/tell/acts.js'
import { loadProtocol, protocolNames } from '../src/tell/protocol.js'
import { recordedRuns, recordedTraces } from '../src/tell/runs.js'
import { selects } from '../src/write/predicate.js'
import { instantiate } from '../src/write/system.js'
import { thawproof } from './command.js'
import { toy, worker } from './toy.js'

const recipe = (acts: readonly Act[]): Recipe => ({
  target: 'toy/x',
  property: 'p',
  requirement: "It isn't lost.",
  says: '',
  variant: '',
  steps: acts.map((act, i) => ({ number: i + 1, name: `a.s${i}`, actor: 'a', where: 'file.c, f', act })),
  trace: 'thawproof trace toy/x p',
  log: 'thawproof log toy/x dmesg.txt --run run.json',
})

describe('acts on a machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-reproduce-'))
  after(() => rmSync(folder, { recursive: true }))

  /** A script whose tools are replaced by ones that only write down what they are called with. */
  function ran(text: string, args: readonly string[] = []): { code: number | null; out: string; err: string } {
    const script = join(folder, 'reproduce.sh')
    writeFileSync(script, text)
    const { status, stdout, stderr } = spawnSync('sh', [script, ...args], { encoding: 'utf8' })
    return { code: status, out: stdout, err: stderr }
  }

  it('are done in order, undone from the last to the first, also where what begins them fails', () => {
    const text = reproduceScript(
      recipe([
        { kind: 'pm_test', level: 'devices' },
        { kind: 'suspend', state: 'mem' },
      ]),
    )
    // Nothing of this machine is touched: what would be handed to a shell is written down.
    const tame = text
      .replace(/^there\(\) \{[\s\S]*?^\}/m, 'there() { say "does: $1"; case "$1" in echo?mem*) return 5 ;; esac; }')
      .replace(/^collect_(begin|end)\(\) \{[\s\S]*?^\}/gm, 'collect_$1() { say "collect $1"; }')
      .replace(/^ {2}cp "\$HERE.*$/m, '  say "judge: $*"; return 1')
    const { code, out, err } = ran(tame)
    assert.equal(err, '')
    const done = out.split('\n').filter((line) => !line.includes('[ '))
    assert.deepEqual(
      done,
      [
        'does: [ "$(id -u)" = 0 ]',
        'collect begin',
        'does: echo devices > /sys/power/pm_test',
        'does: echo mem > /sys/power/state',
        'it returned 5',
        'collect end',
        'does: echo none > /sys/power/pm_test',
        'judge: log toy/x dmesg.txt --run run.json',
        '',
      ].filter((line) => !line.includes('[ ')),
    )
    assert.equal(code, 1)
  })

  it('say what is missing, and do nothing then', () => {
    const text = reproduceScript(recipe([{ kind: 'xl', command: 'migrate' }])).replace(/^need there .*$/gm, '')
    const { code, err } = ran(text)
    assert.equal(code, 2)
    assert.equal(err, 'missing: the variable DOMAIN\n')
  })

  it('know only --dry-run', () => {
    const { code, err } = ran(reproduceScript(recipe([])), ['--now'])
    assert.equal(code, 2)
    assert.match(err, /^usage: .*reproduce\.sh \[--dry-run\]\n$/)
  })

  it('are one word of a shell, whatever they say', () => {
    const text = `it's "$HOME" \\ \`x\` !`
    assert.equal(spawnSync('sh', ['-c', `printf %s ${quoted(text)}`], { encoding: 'utf8' }).stdout, text)
  })

  it('do not do what the last command of the toolstack says otherwise', () => {
    const text = reproduceScript(
      recipe([
        { kind: 'xl', command: 'save -c' },
        { kind: 'xl', command: 'migrate' },
      ]),
    )
    assert.deepEqual(
      text.match(/xl \w+/g)?.filter((call) => call !== 'xl domid'),
      ['xl migrate'],
    )
  })
})

describe('the catalogue of acts', () => {
  it('names steps that exist', async () => {
    const names = new Set<string>()
    const steps = new Map<string, Set<string>>()
    for (const name of protocolNames()) {
      const protocol = await loadProtocol(name)
      const own = new Set(instantiate(protocol.model).transitions.map(({ name: step }) => step))
      for (const runs of Object.values(recordedRuns(protocol)))
        for (const run of Object.values(runs)) for (const step of run.steps) own.add(step)
      steps.set(name, own)
      names.add(name)
    }
    const unused = actCatalogue().filter(({ steps: patterns, protocols }) => {
      for (const one of protocols ?? []) assert(names.has(one), one)
      return ![...(protocols ?? names)].some((name) =>
        [...steps.get(name)!].some((step) => selects(patterns, { name: step, step: step.replace(/\(.*\)$/, '') })),
      )
    })
    assert.deepEqual(unused, [])
    assert.deepEqual(actFor('pm-core', 'pm.pm_suspend'), { kind: 'suspend', state: 'mem' })
    assert.equal(actFor('pm-core', 'pm.no_such_step'), undefined)
  })

  it('gives commands that undo what stays', () => {
    for (const { act } of actCatalogue())
      if (
        ['pm_test', 'failslab', 'fail_function', 'notifier_error', 'freeze_fs', 'cpu', 'wake', 'xl_full'].includes(
          act.kind,
        )
      )
        assert(commandsOf(act).undo.length > 0, act.kind)
  })
})

describe('scripts of the corpus', () => {
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-scripts-'))
  after(() => rmSync(folder, { recursive: true }))
  const scripts: string[] = []

  before(async function () {
    this.timeout(60_000)
    for (const name of protocolNames()) {
      const protocol = await loadProtocol(name)
      const first = protocol.spec.instances.find(({ form }) => form === 'buggy')
      const [trace] = first ? recordedTraces(protocol, [first]) : []
      if (!trace) continue
      const file = join(folder, `${name}.sh`)
      writeFileSync(file, reproduceScript(recipeOf(protocol, [`${name}/${first!.id}`], first!.says, trace)))
      scripts.push(file)
    }
  })

  it('are clean by shellcheck', function () {
    if (spawnSync('shellcheck', ['--version']).error) this.skip()
    assert(scripts.length > 30)
    // All of them: bench/reproduce.ts.
    const some = scripts.filter((_, i) => i % 4 === 0)
    const { status, stdout } = spawnSync('shellcheck', ['-s', 'sh', ...some], { encoding: 'utf8' })
    assert.equal(status, 0, stdout)
  }).timeout(60_000)

  it('do nothing when run dry, and say what they would do', () => {
    for (const file of scripts) {
      const { status, stdout, stderr } = spawnSync('sh', [file, '--dry-run'], { encoding: 'utf8' })
      assert.equal(status, 0, `${file}: ${stderr}`)
      assert.match(stdout, /would: thawproof log \S+ dmesg\.txt --run run\.json --excerpt\n$/)
      for (const line of stdout.split('\n').filter(Boolean))
        assert.match(line, /^(needs: |would(, on the machine that sleeps|, to QEMU)?: |by hand: )/)
    }
  }).timeout(60_000)
})

describe('a system held to a run', () => {
  it('takes its steps, and is free behind the last', async () => {
    const system = instantiate(toy([worker]))
    const watch = { states: [], steps: [], collects: [] }
    const held = await explore(along(system, 0, ['worker.start', 'worker.stop', 'worker.start']), watch, {})
    // Three steps, and then round and round with the counter at its end.
    assert.equal(held.states, 5)
    assert.equal((await explore(along(system, 0, []), watch, {})).states, 2)
    assert.equal((await explore(along(system, 0, ['worker.stop']), watch, {})).states, 1)
  })
})

describe('thawproof reproduce and log --run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-did-'))
  after(() => rmSync(folder, { recursive: true }))
  const log = (name: string): string => fileURLToPath(new URL(`../specs/logs/${name}`, import.meta.url))

  it('the mail of 2013 is of the run of B01, and of no run whose suspend fails before', () => {
    const target = ['xen-pv-guest/B01', 'no-revoke-in-use']
    const made = thawproof(folder, ['reproduce', ...target, '--out', 'b01'])
    assert.equal(made.code, 0, made.err)
    assert.equal(made.out, 'b01/reproduce.sh: 12 steps, 2 by an act that is known, 0 of which nobody has said how\n')
    const script = readFileSync(join(folder, 'b01', 'reproduce.sh'), 'utf8')
    assert.match(script, /^attempt here 'xl save -c "\$DOMAIN" "\$WORK\/image"'$/m)
    const did = thawproof(folder, ['log', 'xen-pv-guest/B01', log('2013-08-08-lkml.txt'), '--run', 'b01/run.json'])
    assert.equal(did.code, 0, did.err)
    assert.match(did.out, /the machine can have done this run: all 9 lines that are heard are printed by the 12 steps/)
    assert.doesNotMatch(did.out, /observer/)
    mkdirSync(join(folder, 'other'))
    const other = JSON.parse(readFileSync(join(folder, 'b01', 'run.json'), 'utf8')) as { steps: { name: string }[] }
    const cut = { ...other, steps: [...other.steps.slice(0, 3), { ...other.steps[3]!, name: 'do_suspend.no_such' }] }
    writeFileSync(join(folder, 'other', 'run.json'), JSON.stringify(cut))
    const stuck = thawproof(folder, ['log', 'xen-pv-guest/B01', log('2013-08-08-lkml.txt'), '--run', 'other/run.json'])
    assert.equal(stuck.code, 2)
    assert.match(stuck.err, /step 4: 'do_suspend\.no_such': no such step/)
  })

  it("a counterexample is a test for mocha that passes, and fails where a step is not the run's", () => {
    const { code, out, err } = thawproof(folder, ['trace', 'xen-pv-guest/B02', 'no-bug', '--format', 'mocha'])
    assert.equal(code, 0, err)
    const dist = new URL('../dist/', import.meta.url)
    const here = out
      .replace("'thawproof'", `'${new URL('src/index.js', dist).href}'`)
      .replace("'thawproof/walk'", `'${new URL('src/walk.js', dist).href}'`)
      .replace('"./xen-pv-guest.ts"', `'${new URL('models/xen-pv-guest.js', dist).href}'`)
    const mocha = fileURLToPath(new URL('../node_modules/mocha/bin/mocha.js', import.meta.url))
    const tested = (text: string): ReturnType<typeof spawnSync> => {
      writeFileSync(join(folder, 'run.test.mjs'), text)
      return spawnSync(process.execPath, [mocha, '--no-config', 'run.test.mjs'], { cwd: folder, encoding: 'utf8' })
    }
    assert.equal(tested(here).status, 0)
    const other = tested(here.replace('"toolstack.wait/resume_fast",', '"toolstack.wait/resume_slow",'))
    assert.equal(other.status, 1)
    assert.match(String(other.stdout), /1 failing/)
  }).timeout(60_000)

  it('a real kernel did the run that wakes up, and not when its driver refused', () => {
    const asked = thawproof(folder, [
      'run',
      'pm-core/s2idle',
      '--through',
      'pm.s2idle_loop/wakes',
      '--until',
      'pm.over',
      '--json',
    ])
    assert.equal(asked.code, 0, asked.err)
    writeFileSync(join(folder, 'wakes.json'), asked.out)
    const slept = thawproof(folder, ['log', 'pm-core/s2idle', log('uml-s2idle.txt'), '--run', 'wakes.json'])
    assert.equal(slept.code, 0, slept.err)
    assert.match(slept.out, /the machine can have done this run: all 13 lines/)
    const refused = thawproof(folder, ['log', 'pm-core/s2idle', log('uml-device-refuses.txt'), '--run', 'wakes.json'])
    assert.equal(refused.code, 1)
    assert.match(refused.out, /the machine did not do the run of wakes\.json; whether it did another/)
    const foreign = thawproof(folder, ['log', 'freezer/base', log('uml-s2idle.txt'), '--run', 'wakes.json'])
    assert.equal(foreign.code, 2)
    assert.match(foreign.err, /is a run of pm-core/)
  }).timeout(60_000)
})
