/** Two variants compared: the edits between them, what becomes of each property, and how that is written. */

import assert from 'node:assert/strict'
import { bool, env, instantiate, int, over, propertiesOver, record, source, system } from '../src/index.js'
import { compare, summaryOf, type Asked, type Comparison } from '../src/tell/compare/comparison.js'
import { compareMarkdown } from '../src/tell/compare/markdown.js'
import { compareLines } from '../src/tell/compare/text.js'
import { comparePage } from '../src/tell/html/compare.js'
import type { Protocol } from '../src/tell/protocol.js'
import { loadProtocol, systemOf } from '../src/tell/protocol.js'
import { differenceOf } from '../src/write/difference.js'
import { parameter } from '../src/write/model.js'

const state = record({ locked: bool(), frozen: bool(), count: int(0, 3) })
const { model, thread, step, action, patch, edit } = over(state)
const origin = source('kernel/power/a.c', 'suspend')
const setTo = (value: boolean) => (d: { frozen: boolean }) => void (d.frozen = value)
const toy = model('toy', {
  question: 'Is the lock given back?',
  parameters: { most: parameter(int(1, 3), 1, 'how often') },
  actors: { pm: system('suspends'), irq: system('interrupts') },
  initial: () => ({ locked: false, frozen: false, count: 0 }),
  parts: ({ most }) => [
    thread(
      'pm',
      { actor: 'pm' },
      step('lock', { origin, then: (d) => void (d.locked = true) }),
      step('freeze', { origin, then: setTo(true) }),
      step('sleep', { origin, either: { ok: { then: (d) => void d.count++ }, fails: { goto: 'end' } } }),
      step('unlock', { origin, then: (d) => void (d.locked = false) }),
    ),
    action('fire', { actor: 'irq', origin: env('an interrupt'), when: (s) => s.count > most }),
  ],
  patches: [
    patch('fix', {
      kind: 'fix',
      says: 'A failed sleep unlocks.',
      reference: 'commit 1',
      edits: [edit.replace('pm.sleep/fails', { goto: 'unlock' })],
    }),
    patch('other', {
      kind: 'fault',
      says: 'Everything else.',
      edits: [
        edit.initially((d) => void (d.count = 1)),
        edit.replace('pm.freeze', { then: setTo(false) }),
        edit.before('pm.lock', step('ask', { origin: env('somebody asks'), when: (s) => s.count < 3 })),
        edit.remove('pm.sleep/fails'),
        edit.remove('irq.fire'),
        edit.move('pm.unlock', { before: 'pm.sleep' }),
      ],
    }),
  ],
  resting: () => true,
})
const { always, possible } = propertiesOver(state)
const properties = [
  always('given-back', 'The lock is given back in the end.', (s, at) => !at('pm', 'end') || !s.locked),
  always('locked-asleep', 'The machine sleeps only with the lock.', (s) => s.count === 0 || s.locked || s.frozen),
  possible('can-count', 'It can count.', (s) => s.count > 0),
]
const protocol: Protocol = {
  name: 'toy',
  address: './toy.ts',
  model: toy,
  properties,
  spec: { schema: 'thawproof/spec@1', protocol: 'toy', references: {}, instances: [] },
}
const variant = (name: string, parameters = {}): Asked => ({
  name,
  instance: null,
  system: instantiate(toy, { parameters, patches: name === 'base' ? [] : [name] }),
})
const compared = (a: string, b: string): Promise<Comparison> => compare(protocol, [variant(a), variant(b)])

describe('the difference of two systems', () => {
  const outline = (a: Asked, b: Asked): unknown =>
    differenceOf(a.system, b.system).parts.map(({ name, steps }) => [
      name,
      steps.map(({ sign, name: step, moved, fields, ways }) =>
        [
          `${sign} ${step}`,
          ...(moved ? ['(moved)'] : []),
          ...fields.map(({ sign: own, field }) => own + field),
          ...ways.map((way) => way.sign + way.name),
        ].join(' '),
      ),
    ])

  it('is nothing between a variant and itself, though its code is made anew', () => {
    assert.deepEqual(outline(variant('base'), variant('base')), [])
    assert.deepEqual(outline(variant('base', { most: 2 }), variant('base', { most: 3 })), [])
    assert.equal(differenceOf(variant('base').system, variant('base', { most: 2 }).system).byText, true)
  })

  it('names the alternative that goes elsewhere', () => {
    assert.deepEqual(outline(variant('base'), variant('fix')), [
      ['pm', ['  pm.lock', '  pm.freeze', '~ pm.sleep ~/fails', '  pm.unlock']],
    ])
    const { parts } = differenceOf(variant('base').system, variant('fix').system)
    assert.deepEqual(parts[0]!.steps[2]!.ways[0]!.fields, [
      { sign: '-', field: 'goto', text: 'end' },
      { sign: '+', field: 'goto', text: 'unlock' },
    ])
  })

  it('tells what comes, goes, moves, and what is written alike but is not the same', () => {
    assert.deepEqual(outline(variant('base'), variant('other')), [
      [
        'pm',
        [
          '+ pm.ask +origin +when',
          '  pm.lock',
          '~ pm.freeze +then',
          '- pm.sleep (moved)',
          '  pm.unlock',
          '+ pm.sleep (moved) -/fails',
        ],
      ],
      ['irq.fire', ['- irq.fire']],
    ])
    const { parts } = differenceOf(variant('base').system, variant('other').system)
    assert.match(parts[0]!.steps[2]!.fields[0]!.text, /written alike, with other values/)
  })

  it('read backwards has come what had gone', () => {
    const only = (a: string, b: string, sign: string): readonly string[] =>
      differenceOf(variant(a).system, variant(b).system)
        .parts.flatMap(({ steps }) => steps.filter((one) => one.sign === sign && !one.moved).map(({ name }) => name))
        .sort()
    assert.deepEqual(only('base', 'other', '+'), ['pm.ask'])
    assert.deepEqual(only('base', 'other', '-'), ['irq.fire'])
    assert.deepEqual(only('other', 'base', '+'), only('base', 'other', '-'))
    assert.deepEqual(only('other', 'base', '-'), only('base', 'other', '+'))
  })
})

describe('a comparison', () => {
  it('says what is fixed, with the run that broke it, and which behaviours come and go', async () => {
    const { changes, adds, removes, initially } = await compared('base', 'fix')
    const given = changes.find(({ property }) => property === 'given-back')!
    assert.equal(given.change, 'fixes')
    assert.deepEqual(
      given.trace!.steps.map(({ name }) => name),
      ['pm.lock', 'pm.freeze', 'pm.sleep/fails'],
    )
    assert.deepEqual(given.trace!.patches, [])
    assert.ok(adds.kind === 'some' && removes.kind === 'none')
    assert.deepEqual(
      adds.trace.steps.map(({ name }) => name),
      ['pm.lock', 'pm.freeze', 'pm.sleep/fails', 'pm.unlock'],
    )
    assert.deepEqual(initially, [])
    const back = await compared('fix', 'base')
    assert.equal(back.changes.find(({ property }) => property === 'given-back')!.change, 'breaks')
    assert.deepEqual([back.adds.kind, back.removes.kind], ['none', 'some'])
    assert.equal(summaryOf(back), 'fixes no properties, breaks 1, leaves 1 open, keeps 3')
  })

  it('is told in lines that fit, with the edits', async () => {
    const lines = compareLines(await compared('base', 'other'), 80)
    for (const line of lines) assert.ok(line.length <= 80, line)
    const from = lines.indexOf('  edits')
    assert.deepEqual(lines.slice(from + 1, from + 7), [
      '    ~ at first, count: 0 → 1',
      '    + pm.ask',
      '    ~ pm.freeze: effect',
      '    - pm.sleep (moved)',
      '    + pm.sleep (moved): - /fails',
      '    - irq.fire',
    ])
  })

  it('is written as Markdown with a matrix, a diff, behaviours, and lanes for each change', async () => {
    const text = compareMarkdown(await compared('base', 'fix'), './toy.ts')
    assert.match(
      text,
      /^# toy: `fix` against `base`\n\n\*\*Is the lock given back\?\*\* Against `base`, `fix` fixes 1 property, /,
    )
    assert.match(text, /\n- `fix`: A failed sleep unlocks\. \(commit 1\)\n/)
    assert.match(
      text,
      /\n\| `given-back` \| violated in 3 \| holds \| \*\*fixes\*\* \| The lock is given back in the end\. \|\n/,
    )
    assert.match(
      text,
      /```diff\n@@ pm, by pm @@\n {2}pm\.freeze .*\n {2}pm\.sleep .*\n {4}\/fails\n- {7}goto: end\n\+ {7}goto: unlock\n {2}pm\.unlock/,
    )
    assert.match(text, /### What `fix` removes\n\nNo behaviour\./)
    assert.match(text, /### `given-back`, which `fix` fixes\n\n```text\ntoy\n[^`]*given-back is violated in 3 steps\n/)
    assert.match(text, /`thawproof trace \.\/toy\.ts given-back -p most=1`/)
  })

  it('is one HTML file with all its runs, whose data cannot end it', async () => {
    const comparison = await compared('base', 'fix')
    const html = comparePage({ ...comparison, question: '</script><script>$&' }, './toy.ts')
    assert.equal(html.match(/<\/script>/g)!.length, 2)
    assert.doesNotMatch(html, /(?:src|href)="(?!data:,)/)
    const data = JSON.parse(/<script id="data"[^>]*>(.*)<\/script>/.exec(html)![1]!) as {
      traces: object
      question: string
    }
    assert.equal(data.question, '</script><script>$&')
    assert.deepEqual(Object.keys(data.traces), ['toy/base/given-back', 'toy/fix/can-count', 'toy/fix/added behaviour'])
  })

  it('of the kernel that fixed the seed names the callbacks that came with it', async () => {
    const xen = await loadProtocol('xen-pv-guest')
    const era = (name: string): Asked => ({
      name,
      instance: null,
      system: systemOf(xen, { parameters: {}, patches: [name] }),
    })
    const comparison = await compare(xen, [era('linux-2.6.32'), era('linux-2.6.39')])
    const number = (kind: string): number => comparison.changes.filter(({ change }) => change === kind).length
    assert.deepEqual([number('fixes'), number('makes vacuous')], [5, 2], 'nobody revokes or reconnects any more')
    assert.equal(comparison.changes.filter(({ change }) => change === 'breaks').length, 0)
    const lines = compareLines(comparison, 80)
    assert.ok(lines.some((line) => line.includes('+ /xenbus_dev_thaw')))
  })
})
