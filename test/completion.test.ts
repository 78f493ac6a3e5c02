/** What Tab offers is what there is; and what is written for a CI uses options that there are. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { checkCommand } from '../src/cli/check.js'
import { compareCommand } from '../src/cli/compare.js'
import { completionCommand, completionsFor } from '../src/cli/completion.js'
import { traceCommand } from '../src/cli/trace.js'
import { watchCommand } from '../src/cli/watch.js'

const root = new Command('thawproof')
for (const add of [checkCommand, compareCommand, traceCommand, watchCommand, completionCommand]) add(root)

describe('completion', () => {
  for (const [line, found] of [
    ['co', ['compare', 'completion']],
    ['check block-q', ['block-quiesce']],
    ['check block-quiesce/two', ['block-quiesce/two-attempts']],
    ['trace block-quiesce/D1 attempt-r', ['attempt-returns']],
    ['compare block-quiesce bas', ['base']],
    ['compare block-quiesce base D3-', ['D3-fixed']],
    ['check --reporter j', ['json', 'junit']],
    ['check --max-st', ['--max-states']],
    ['check --max-states ', []],
    ['completion f', ['fish']],
    ['check xen-pv-guest -p to', ['tool=']],
    ['nothing at', []],
  ] as const)
    it(`of '${line}' is ${found.join(', ') || 'nothing'}`, async () =>
      assert.deepEqual(await completionsFor(root, line.split(' ')), found))

  it('of a patch is one of the protocol that was named', async () => {
    const found = await completionsFor(root, ['check', 'xen-pv-guest', '--patch', 'linux-2'])
    assert.ok(found.includes('linux-2.6.32') && found.every((name) => name.startsWith('linux-2')), found.join())
  })
})

describe('what is written for a CI', () => {
  it('calls commands that there are, with options that these have', () => {
    let lines = 0
    for (const file of ['action.yml', '.pre-commit-hooks.yaml', 'src/cli/templates/workflow.yml.txt', 'docs/ci.md'])
      for (const [, name, words] of readFileSync(file, 'utf8').matchAll(
        /thawproof (check|compare|trace|watch|completion)\b([^\n`]*)/g,
      )) {
        const command = root.commands.find((one) => one.name() === name)!
        for (const [option] of words!.matchAll(/--[a-z-]+/g))
          assert.ok(
            command.options.some(({ long }) => long === option),
            `${file}: ${name} ${option}`,
          )
        lines++
      }
    assert.ok(lines >= 8, String(lines))
  })
})
