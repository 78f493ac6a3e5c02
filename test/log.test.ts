/** Logs held against models: readers, rules, planted faults, what is certain, and the two commands. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { earFor, heardIn, outcomeOf, type LogOutcome } from '../src/match/log/outcome.js'
import { readLog } from '../src/match/log/read.js'
import { searched, type LogOptions, type Searched } from '../src/match/log/searched.js'
import { diagnosesOf, hearing, suspectsOf, type Suspect } from '../src/tell/diagnosis.js'
import { logFileOf, rulesIn } from '../src/tell/logs.js'
import { instanceOf, loadProtocol, protocolNames, systemOf, type Protocol } from '../src/tell/protocol.js'
import { Mistake } from '../src/write/mistake.js'
import { thawproof, type Ran } from './command.js'

const shipped = (name: string): string => fileURLToPath(new URL(`../specs/logs/${name}`, import.meta.url))
const textOf = (name: string): string => readFileSync(shipped(name), 'utf8')

/** A protocol's instance, searched once. */
const known = new Map<string, Promise<{ readonly protocol: Protocol; readonly found: Searched }>>()

function instance(name: string, id: string): ReturnType<(typeof known)['get']> & object {
  const key = `${name}/${id}`
  const made =
    known.get(key) ??
    loadProtocol(name).then(async (protocol) => ({
      protocol,
      found: await searched(systemOf(protocol, instanceOf(protocol, id))),
    }))
  known.set(key, made)
  return made
}

async function hold(name: string, id: string, text: string, options: LogOptions = {}): Promise<LogOutcome> {
  const { protocol, found } = await instance(name, id)
  const ear = earFor(logFileOf(protocol), protocol.model, found)
  const { heard, boot, passedOver } = heardIn(ear, readLog(text), options)
  return outcomeOf(found, ear, heard, { ...options, boot, passedOver })
}

/** `accepted`, or the number of the line that cannot be. */
const found = ({ verdict, rejected }: LogOutcome): string | number => rejected?.line.number ?? verdict

describe('a whole suspend that a tracer saw', function () {
  this.timeout(60_000)
  const file = 'deep-sleep-android.txt'

  it('is a run of the PM core: every line beside its step', async () => {
    const outcome = await hold('pm-core', 'suspend', textOf(file))
    assert.equal(outcome.verdict, 'accepted')
    assert.equal(outcome.matched, outcome.heard.length)
    const printed = outcome.told.flatMap(({ lines }) => lines.map(({ number }) => number))
    assert.deepEqual(
      printed,
      outcome.heard.map(({ line }) => line.number),
    )
    for (const step of ['pm.freeze_processes/ok', 'pm.dpm_suspend_noirq-synchronize/ok', 'pm.thaw_processes'])
      assert.ok(outcome.certain!.includes(step), step)
    assert.deepEqual(outcome.next.always, ['pm.notify-post'])
  })

  it('with one line lost is found out at the line behind it, or can be explained', async () => {
    const lines = textOf(file).split('\n')
    const heard = (await hold('pm-core', 'suspend', textOf(file))).heard.map(({ line }) => line.number)
    const told: Record<number, string | number> = {}
    for (const lost of heard) {
      const outcome = await hold('pm-core', 'suspend', lines.map((line, i) => (i + 1 === lost ? '' : line)).join('\n'))
      told[lost] = found(outcome)
    }
    // Of a rule with one line, nothing is left that shows that its like was kept: the step may have gone unseen.
    const unseen = [6, 9, 17, 20, 21, 22, 24, 26, 34, 38].map((line) => [line, 'accepted'] as const)
    const behind = heard.flatMap((line, i) =>
      line in Object.fromEntries(unseen) ? [] : [[line, heard[i + 1]!] as const],
    )
    assert.deepEqual(told, Object.fromEntries([...unseen, ...behind]))
    assert.equal(behind.length, 12)
  })

  it('with two lines swapped is found out at the first of them', async () => {
    const lines = textOf(file).split('\n')
    const heard = (await hold('pm-core', 'suspend', textOf(file))).heard.map(({ line }) => line.number)
    const told: Record<number, string | number> = {}
    for (const [i, first] of heard.slice(0, -1).entries()) {
      const second = heard[i + 1]!
      const swapped = [...lines]
      ;[swapped[first - 1], swapped[second - 1]] = [lines[second - 1]!, lines[first - 1]!]
      told[first] = found(await hold('pm-core', 'suspend', swapped.join('\n')))
    }
    assert.deepEqual(told, Object.fromEntries(heard.slice(0, -1).map((line) => [line, line])))
    assert.equal(Object.keys(told).length, 21)
  })
})

describe('a log with a fault in it', function () {
  this.timeout(60_000)
  const deep = textOf('deep-sleep-android.txt').split('\n')
  const without = (...lines: readonly number[]): string => deep.filter((_, i) => !lines.includes(i + 1)).join('\n')

  it('that skips a phase is found out where the next one begins', async () => {
    // dpm_suspend_late, begin and end; what follows moves up by two lines.
    const outcome = await hold('pm-core', 'suspend', without(13, 14))
    assert.equal(found(outcome), 13)
    assert.match(outcome.rejected!.line.text, /dpm_suspend_noirq\[2\] begin/)
    assert.deepEqual(
      outcome.rejected!.missing.map(({ transition, stands }) => [transition.name, stands]),
      [['pm.dpm_suspend_noirq', 'dpm_suspend_late']],
    )
  })

  it('where an abort is followed by a resume from deeper than it went is found out', async () => {
    const text = [
      'suspend_resume: dpm_suspend[2] begin',
      'PM: Device x failed to suspend: error -16',
      'suspend_resume: dpm_suspend[2] end',
      'PM: Some devices failed to suspend, or early wake event detected',
      'suspend_resume: dpm_resume_early[16] begin',
    ]
    assert.equal(found(await hold('pm-core', 'suspend', text.join('\n'))), 5)
    const right = [...text.slice(0, 4), 'suspend_resume: dpm_resume[16] begin'].join('\n')
    assert.equal(found(await hold('pm-core', 'suspend', right)), 'accepted')
  })

  it('of a device that fails after its phase has ended is found out', async () => {
    const outcome = await hold(
      'pm-core',
      'suspend',
      [...deep.slice(0, 13), 'x 0: PM: failed to suspend: error -5'].join('\n'),
    )
    assert.equal(found(outcome), 14)
  })

  it('lacks nothing where its severities say that such lines are not kept', async () => {
    // The phases are printed at debug; one of them stands in a log of information, by mistake.
    const phase = (level: number): string =>
      [
        '<6>PM: suspend entry (deep)',
        `<${level}>PM: noirq suspend of devices complete after 0.2 msecs`,
        '<6>Restarting tasks: Done',
      ].join('\n')
    assert.equal(found(await hold('pm-core', 'suspend', phase(7))), 2)
    assert.equal(found(await hold('pm-core', 'suspend', phase(6))), 'accepted')
  })

  it('is explained again where the log itself says that lines are missing', async () => {
    const text = deep.flatMap((line, i) => (i === 12 ? ['** 9 printk messages dropped **'] : i === 13 ? [] : [line]))
    assert.equal(found(await hold('pm-core', 'suspend', text.join('\n'))), 'accepted')
  })

  it('may begin in the middle if that is said', async () => {
    const text = deep.slice(13).join('\n')
    assert.equal(found(await hold('pm-core', 'suspend', text)), 1)
    const outcome = await hold('pm-core', 'suspend', text, { from: 'anywhere' })
    assert.equal(outcome.verdict, 'accepted')
    assert.ok(outcome.before > 0)
  })
})

describe('a stack in a log', function () {
  this.timeout(60_000)

  it('tells where a thread stands: at a step whose function is on it', async () => {
    const protocol = await loadProtocol('pm-core')
    const rules = {
      ...logFileOf(protocol),
      rules: [...logFileOf(protocol).rules, { line: '^stack of kworker', stack: 'pm' }],
    }
    const stack = (called: string): string =>
      `INFO: task kworker/u8:1:77 blocked for more than 120 seconds.\n ? ${called}+0x9c/0x100\n`
    const { found: graph } = await instance('pm-core', 'suspend')
    const ear = earFor(rules, protocol.model, graph)
    const outcome = async (called: string): Promise<LogOutcome> => {
      const { heard, boot, passedOver } = heardIn(ear, readLog(`PM: suspend entry (deep)\n${stack(called)}`), {})
      assert.equal(heard.length, 2)
      return outcomeOf(graph, ear, heard, { boot, passedOver })
    }
    const stuck = await outcome('thaw_processes')
    assert.equal(stuck.verdict, 'accepted')
    assert.deepEqual(stuck.stands[0], { thread: 'pm', labels: ['thaw_processes'] })
    assert.equal(found(await outcome('no_such_function')), 2)
  })
})

describe('the log of the 2013 mail', function () {
  this.timeout(120_000)

  it('breaks for certain what the mail complains of, whatever happened unseen', async () => {
    const { protocol } = await instance('xen-pv-guest', 'B01')
    const outcome = await hold('xen-pv-guest', 'B01', textOf('2013-08-08-lkml.txt'), {
      properties: protocol.properties,
    })
    const having = (what: string): readonly string[] =>
      outcome.judged.filter(({ found: one }) => one === what).map(({ property }) => property)
    assert.deepEqual(having('certain'), [
      'no-revoke-in-use',
      'ring-agreement',
      'reconnect-only-after-loss',
      'cancel-is-identity',
      'devices-reconnect',
    ])
    assert.equal(outcome.told.length, 13)
  })

  it('stops a kernel in a new domain where it would go on without a warning', async () => {
    const { rejected, matched } = await hold('xen-pv-guest', 'pre-2.6.39-migrate', textOf('2013-08-08-lkml.txt'))
    assert.equal(matched, 0)
    assert.equal(rejected!.line.text, 'WARNING: g.e. still in use!')
    assert.equal(rejected!.broken!.transition.name, 'do_suspend.dpm_resume_vbd/blkfront_resume')
    assert.deepEqual(rejected!.broken!.says, ['vbd vbd-51712: legacy resume', 'xen vbd-51760: legacy resume'])
  })

  it('is diagnosed from the mail as it was sent: one bug, its kernel, its fix', async () => {
    const log = readLog(textOf('2013-08-08-lkml.txt'))
    const protocols = await Promise.all(protocolNames().map(loadProtocol))
    const heard = hearing(protocols, log, {})
    assert.deepEqual(
      heard.map(({ name }) => name),
      ['grant-revoke', 'xen-pv-guest'],
    )
    const suspects: Suspect[] = []
    for await (const one of suspectsOf(heard[1]!, log, {})) suspects.push(one)
    const [first, ...others] = diagnosesOf(suspects)
    assert.equal(first!.corpus, 'xen-B01')
    assert.deepEqual(
      others.map(({ corpus }) => corpus),
      [],
    )
    assert.deepEqual(first!.bug.instance.patches, ['linux-2.6.32'])
    assert.equal(first!.bug.instance.parameters.tool, 'FAST')
    assert.deepEqual(
      first!.fixed.map(({ instance: { id, patches }, outcome }) => [id, patches, outcome.verdict]),
      [['B01-fixed', ['linux-2.6.39'], 'rejected']],
    )
    for (const {
      instance: { id, patches },
      outcome,
    } of suspects)
      if (outcome.verdict === 'accepted') assert.ok(patches.includes('linux-2.6.32'), id)
  })
})

describe('rules', () => {
  let folder: string
  before(() => (folder = mkdtempSync(join(tmpdir(), 'thawproof-rules-'))))
  after(() => rmSync(folder, { recursive: true }))

  const refused = async (rules: unknown, message: RegExp): Promise<void> => {
    const file = join(folder, 'rules.json')
    writeFileSync(file, JSON.stringify({ schema: 'thawproof/log-rules@1', protocol: 'freezer', rules }))
    const protocol = await loadProtocol('freezer')
    assert.throws(
      () => rulesIn(file, protocol),
      (error) => error instanceof Mistake && message.test(error.message),
    )
  }

  it('that name nothing, say nothing, or say two things are mistakes', async () => {
    await refused(
      [{ line: 'x', step: 'pm.thaw_proceses' }],
      /rules\[0\].*there is no step 'pm\.thaw_proceses'.*pm\.thaw_processes/s,
    )
    await refused([{ line: 'x', enters: 'pm.nowhere' }], /there is no place 'pm\.nowhere'/)
    await refused([{ line: 'x' }], /rules\[0\].*says nothing.*one of step, enters, stands, stack, own/s)
    await refused([{ line: 'x', own: true, step: 'pm.dpm_suspend' }], /says step and own/)
    await refused([{ line: '(', step: 'pm.dpm_suspend' }], /rules\[0\]\.line.*regular expression/is)
    await refused([{ lime: 'x' }], /lime/)
  })

  it('of all protocols name steps and places that there are, and every log is claimed of something', async () => {
    let logs = 0
    for (const name of protocolNames()) logs += logFileOf(await loadProtocol(name)).logs?.length ?? 0
    assert.ok(logs >= 13, String(logs))
  })
})

describe('the commands log and diagnose', function () {
  this.timeout(60_000)
  let folder: string
  before(() => (folder = mkdtempSync(join(tmpdir(), 'thawproof-log-'))))
  after(() => rmSync(folder, { recursive: true }))

  const run = (args: readonly string[], input?: string | Buffer): Ran => thawproof(folder, args, input)

  it('tell of an accepted log with 0, of a rejected one with 1, of one that nobody hears with 1', () => {
    const good = run(['log', 'xen-pv-guest/B01', shipped('2013-08-08-lkml.txt')])
    assert.equal(good.code, 0, good.err)
    assert.match(
      good.out,
      /^xen-pv-guest\/B01 can print this log: 9 of 9 lines that it hears, in 13 steps; 8\n {2}messages/,
    )
    assert.match(good.out, /» 6: vbd vbd-51712: legacy resume/)
    const bad = run(['log', 'xen-pv-guest/B01-fixed', '-'], textOf('2013-08-08-lkml.txt'))
    assert.equal(bad.code, 1)
    assert.match(
      bad.out,
      /^xen-pv-guest\/B01-fixed cannot print line 6 of this log \(0 of 9 lines come before\n {2}it\)/,
    )
    assert.match(bad.out, /no step of xen-pv-guest prints it in this variant/)
    const silent = run(['log', 'freezer/three-tasks', '-'], 'hello\n')
    assert.equal(silent.code, 1)
    assert.match(silent.out, /hears nothing in this log/)
    for (const { out } of [good, bad, silent]) for (const line of out.split('\n')) assert.ok(line.length <= 80, line)
  })

  it('tell where they stop for want of states, with 3', () => {
    const cut = run(['log', 'pm-core/suspend', shipped('deep-sleep-android.txt'), '--max-states', '500'])
    assert.equal(cut.code, 3)
    assert.match(cut.out, /^unknown whether pm-core\/suspend can print this log/)
  })

  it('write JSON, the same each time, and a page with the log and the run side by side', () => {
    const args = ['log', 'xen-pv-guest/B01', shipped('2013-08-08-lkml.txt'), '--json', '--html', 'page.html']
    const first = run(args)
    assert.equal(first.code, 0, first.err)
    const report = JSON.parse(first.out) as { verdict: string; run: { steps: { log: string[] }[] } }
    assert.equal(report.verdict, 'accepted')
    assert.equal(report.run.steps.flatMap(({ log }) => log).length, 9)
    const page = readFileSync(join(folder, 'page.html'), 'utf8')
    assert.match(
      page,
      /<td>6<\/td><td>vbd vbd-51712: legacy resume<\/td><td>12\. do_suspend\.dpm_resume_vbd\/blkfront_resume<\/td>/,
    )
    assert.equal(run(args).out, first.out)
    assert.equal(readFileSync(join(folder, 'page.html'), 'utf8'), page)
  })

  it('diagnose a mail', () => {
    const { code, out, err } = run(['diagnose', shipped('2013-08-08-lkml.txt'), 'xen-pv-guest'])
    assert.equal(code, 0, err)
    assert.match(out, /xen-B01 .*\(xen-pv-guest\/B01:\s+tool=FAST requests=1 \+linux-2\.6\.32\)/s)
    assert.match(out, /fixed by \+linux-2\.6\.39 \(linux b3e96c0c7562 \(2011/)
    assert.match(out, /that cannot print line 6, "vbd\s+vbd-51712: legacy resume"/)
  })

  it('refuse what is no log, and lose nothing over what is odd in one', () => {
    const mistakes: readonly (readonly [readonly string[], string | Buffer, RegExp])[] = [
      [['-'], '', /^thawproof: -: is empty/],
      [['-'], Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]), /-: is not a text.*journalctl -k/s],
      [['nowhere.txt'], '', /nowhere\.txt: there is no such file/],
      [['.'], '', /\.: cannot be read \(EISDIR\)/],
      [['-', '--boot', '3'], 'PM: suspend entry (deep)', /--boot 3: the log has one boot/],
    ]
    for (const [args, input, message] of mistakes) {
      const { code, err } = run(['log', 'pm-core/suspend', ...args], input)
      assert.equal(code, 2, err)
      assert.match(err, message)
    }
    const odd = run(
      ['log', 'pm-core/suspend', '-'],
      '[ 9.0] PM: suspend exit\n[ 0.000000] Linux version 6\n[ 5.0] PM: suspend entry (deep)\n[ 6.0] ** 3 printk messages dropped **\n[ 4.0] Restarting tasks: Done\n',
    )
    assert.match(odd.err, /the log is of 2 boots; the last is looked at \(--boot 1 to 2\)/)
    assert.match(odd.err, /a line says that others are missing/)
    assert.match(odd.err, /a stamp goes back/)
    assert.equal(odd.code, 0, odd.out)
  })
})
