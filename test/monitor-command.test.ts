/** The command `monitor`, as a user runs it. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { thawproof } from './command.js'

describe('thawproof monitor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-monitor-'))
  after(() => rmSync(folder, { recursive: true }))

  it('makes one up, writes it, and reads it again', () => {
    const events = ['freeze=pm.freeze_processes/ok', 'thaw=pm.thaw_processes']
    const made = thawproof(folder, ['monitor', 'pm-core/L3-fixed', '--events', ...events, '--again', 'pm.over', '--format', 'dot', '--out', 'm.dot']) // prettier-ignore
    assert.equal(made.code, 0, made.err)
    const read = thawproof(folder, ['monitor', '--read', 'm.dot'])
    assert.equal(read.code, 0, read.err)
    assert.match(read.out, /^\| in +\| freeze +\| thaw +\|\n/)
    assert.match(read.out, /\| start +\| after_freeze \| +\|\n\| after_freeze \| +\| start +\|\n/)
  })

  it('tells what there is, what is misspelt, and what it does not know', () => {
    const told = (...args: readonly string[]): string => {
      const { code, err } = thawproof(folder, ['monitor', ...args])
      assert.equal(code, 2, err)
      return err
    }
    assert.match(told('pm-core'), /no monitor is named\n {2}one of pm_phases, pm_suspend, pm_device/)
    assert.match(told('pm-core', 'pm_phase'), /did you mean 'pm_phases'/)
    assert.match(told('pm-core/L3-fixed', '--events', 'x=pm.freeze_proceses'), /did you mean 'pm.freeze_processes\/?/)
    assert.match(
      told('pm-core/L3-fixed', '--events', 'x=pm.over', '--format', 'bpftrace'),
      /it is not said where x is caught/,
    )
    writeFileSync(join(folder, 'bad.dot'), 'digraph state_automaton {\n\t# no\n}\n')
    assert.match(told('--read', 'bad.dot'), /bad\.dot:2: '# no' is not understood\n {2}rvgen knows no comments/)
  })
})
