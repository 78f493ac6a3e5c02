/** A patch of C held against a model: recognised as a variant, derived as edits, or told as what no edit stands for. */

import assert from 'node:assert/strict'
import { bool, env, instantiate, over, record, source, system } from '../src/index.js'
import { answer, derivedName, gapText, type Answered } from '../src/match/mail/answer.js'
import { applyTo } from '../src/match/mail/apply.js'
import { filesOf } from '../src/match/mail/diff.js'
import { Overlay } from '../src/match/mail/overlay.js'
import { touchedBy } from '../src/match/mail/touched.js'
import { loadGrammar } from '../src/match/source/grammar.js'
import type { SourceMapping } from '../src/match/source/mapping.js'
import { Library } from '../src/match/source/tree.js'
import { diffOf, driver, path } from './patch-mails.js'

const { model, thread, step, patch, edit } = over(record({ queue: bool(), busy: bool(), on: bool(), clocked: bool() }))
const origin = source(path, 'toy_suspend')
const nowhere = env('the toy')

/** The driver of `patch-mails.ts`, as a thread. */
const toy = model('toy', {
  question: 'Is the queue stopped before the toy is reset?',
  actors: { pm: system('suspends'), clock: system('ticks') },
  initial: () => ({ queue: true, busy: true, on: true, clocked: true }),
  parts: () => [
    thread(
      'suspend',
      { actor: 'pm' },
      step('toy_stop_queue', { origin, then: (d) => void (d.queue = false) }),
      step('toy_drain', {
        origin,
        either: { ok: { then: (d) => void (d.busy = false) }, fails: { goto: 'toy_start_queue' } },
      }),
      step('toy_reset', { origin, then: (d) => void (d.on = false), goto: 'asleep' }),
      step('toy_start_queue', { origin, then: (d) => void (d.queue = true), goto: 'awake' }),
      step('asleep', { origin: nowhere, goto: 'end' }),
      step('awake', { origin: nowhere }),
    ),
    thread(
      'clock',
      { actor: 'clock' },
      step('toy_stop_clock', { origin: nowhere, then: (d) => void (d.clocked = false) }),
    ),
  ],
  patches: [
    patch('never-stopped', {
      kind: 'fault',
      says: 'The queue is not stopped.',
      edits: [edit.remove('suspend.toy_stop_queue')],
    }),
    patch('undrained', {
      kind: 'fault',
      says: 'Nothing waits.',
      edits: [edit.replace('suspend.toy_drain/ok', { then: () => undefined })],
    }),
  ],
})

const mapping: SourceMapping = {
  schema: 'thawproof/source@1',
  protocol: 'toy',
  ignores: { toy_blink: 'a light' },
  roots: [
    {
      function: `${path}:toy_suspend`,
      thread: 'suspend',
      begins: 'toy_stop_queue',
      ends: [
        { at: 'asleep', returns: 'zero' },
        { at: 'awake', returns: 'nonzero' },
      ],
    },
  ],
}

const variants = [
  { name: 'base', patches: [] },
  { name: 'never-stopped', patches: ['never-stopped'] },
  { name: 'undrained', patches: ['undrained'] },
]

describe('a patch of C held against a model', () => {
  let library: Library
  before(async () => (library = new Library(await loadGrammar())))

  function asked(after: string, before = driver): Answered {
    const tree = { name: 'a tree', text: (file: string) => (file === path ? before : undefined) }
    const patched = new Overlay(tree)
    const touched = filesOf(diffOf(before, after), 'in').flatMap((one) =>
      touchedBy(applyTo(patched, one, 'in'), library),
    )
    const found = answer({ model: toy, mapping, variants, touched, before: tree, after: patched, library })
    assert(found, 'nobody reads what it touches')
    return found
  }

  const line = (text: string): RegExp => new RegExp(`^\\t${text.replace(/[()&>-]/g, '\\$&')};\\n`, 'm')
  const derivedOf = (found: Answered): readonly string[] => {
    assert.equal(found.answer, 'derived', JSON.stringify(found.gaps.map(({ gap }) => gapText(gap))))
    // What was derived makes a model: the variant before with one patch.
    assert.deepEqual(instantiate(found.derived!.model, { patches: [derivedName] }).patches, [derivedName])
    return found.derived!.derivation.says
  }

  it('goes with it as before where only what no call shows is changed, and what that is is told', () => {
    const found = asked(
      driver.replace('\treturn 0;', '\ttoy->asleep = 1;\n\ttoy_blink(toy);\n\ttoy_polish(toy);\n\treturn 0;'),
    )
    assert.equal(found.answer, 'conforms')
    assert.equal(found.after?.name, 'base')
    assert.deepEqual(
      found.changed.unmodelled.map(({ place, says }) => `${place} ${says}`),
      [
        `${path}:14 adds toy->asleep = 1`,
        `${path}:15 adds toy_blink(toy), which is passed over on purpose`,
        `${path}:16 adds toy_polish(toy)`,
      ],
    )
  })

  it('is recognised as a variant, either way', () => {
    const without = driver.replace(line('toy_stop_queue(toy)'), '')
    assert.deepEqual(
      [asked(without).answer, asked(without).before?.name, asked(without).after?.name],
      ['variant', 'base', 'never-stopped'],
    )
    const back = asked(driver, without)
    assert.deepEqual([back.answer, back.before?.name, back.after?.name], ['variant', 'never-stopped', 'base'])
    // Only an effect tells these two apart: no call does.
    assert.deepEqual(
      back.alike.map(({ name }) => name),
      ['undrained'],
    )
  })

  it('is derived: a call that moves', () => {
    const late = driver
      .replace(line('toy_stop_queue(toy)'), '')
      .replace('\ttoy_reset(toy);', '\ttoy_stop_queue(toy);\n\ttoy_reset(toy);')
    assert.deepEqual(derivedOf(asked(late)), ['suspend.toy_stop_queue moves after suspend.toy_drain'])
    const early = driver
      .replace(line('toy_reset(toy)'), '')
      .replace('\ttoy_stop_queue(toy);', '\ttoy_reset(toy);\n\ttoy_stop_queue(toy);')
    assert.match(derivedOf(asked(early)).join('; '), /suspend\.toy_reset moves before suspend\.toy_stop_queue/)
  })

  it('is derived: a call that goes', () => {
    assert.deepEqual(derivedOf(asked(driver.replace(line('toy_reset(toy)'), ''))), ['suspend.toy_reset is removed'])
  })

  it('is derived: a call that comes, known from another thread, or made once more', () => {
    const found = asked(driver.replace('\ttoy_reset(toy);', '\ttoy_stop_clock(toy);\n\ttoy_reset(toy);'))
    assert.deepEqual(derivedOf(found), ['suspend.toy_stop_clock is inserted before suspend.toy_reset'])
    assert.deepEqual(found.derived!.derivation.assumes, [
      'toy_stop_clock does here what it does elsewhere in the model, and no requirement that names that step is about this one',
    ])
    const twice = asked(driver.replace('\ttoy_reset(toy);', '\ttoy_reset(toy);\n\ttoy_stop_queue(toy);'))
    assert.deepEqual(derivedOf(twice), ['suspend.toy_stop_queue:derived is inserted after suspend.toy_reset'])
  })

  it('is derived: an exit where a call fails, and one where something else is so', () => {
    const fails = asked(driver.replace('\ttoy_reset(toy);', '\terr = toy_reset(toy);\n\tif (err)\n\t\tgoto out_start;'))
    assert.deepEqual(derivedOf(fails), ['suspend.toy_reset gets a way fails to toy_start_queue'])
    assert.deepEqual(fails.derived!.derivation.assumes, ['where toy_reset fails, it has changed nothing'])
    const busy = asked(
      driver.replace('\terr = toy_drain(toy);', '\tif (toy->held)\n\t\treturn -EBUSY;\n\terr = toy_drain(toy);'),
    )
    assert.deepEqual(derivedOf(busy), ['suspend.toy_stop_queue gets a way turns_away to awake'])
    assert.deepEqual(busy.derived!.derivation.assumes, ['the new test after toy_stop_queue may come out either way'])
  })

  it('is derived: a jump that leads elsewhere, and one that is gone', () => {
    const elsewhere = asked(driver.replace('\t\tgoto out_start;', '\t\treturn err;'))
    assert.deepEqual(derivedOf(elsewhere), ['suspend.toy_drain/fails goes to awake'])
    const gone = asked(driver.replace('\tif (err)\n\t\tgoto out_start;\n', ''))
    assert.match(derivedOf(gone).join('; '), /suspend\.toy_drain\/fails goes to toy_reset|has no way fails any more/)
  })

  it('is derived: calls that move together, because the function that makes them is called elsewhere', () => {
    const helper =
      'static void toy_quiet(struct toy *toy)\n{\n\ttoy_stop_queue(toy);\n\ttoy_stop_clock(toy);\n}\n\nstatic int toy_suspend'
    const within = driver
      .replace('static int toy_suspend', helper)
      .replace('\n\ttoy_stop_queue(toy);\n\terr', '\n\ttoy_quiet(toy);\n\terr')
    const found = asked(within)
    assert.deepEqual(derivedOf(found), ['suspend.toy_stop_clock is inserted before suspend.toy_drain'])
    assert.deepEqual(
      found.reads.map(({ name }) => name),
      ['toy_quiet', 'toy_suspend'],
    )
  })

  it('is derived looking back, where the code before went with no variant and the code after does', () => {
    const found = asked(driver, driver.replace(line('toy_reset(toy)'), ''))
    assert.deepEqual(derivedOf(found), ['suspend.toy_reset is removed'])
    assert.deepEqual([found.derived!.backwards, found.after?.name], [true, 'base'])
  })

  it('differs where no edit helps: the way is told', () => {
    const order = '\tif (toy->odd) {\n\t\ttoy_reset(toy);\n\t\ttoy_stop_queue(toy);\n\t\treturn toy_drain(toy);\n\t}\n'
    const found = asked(driver.replace('\ttoy_stop_queue(toy);', `${order}\ttoy_stop_queue(toy);`))
    assert.equal(found.answer, 'differs')
    assert.equal(found.derived, null)
    assert.deepEqual(found.gaps.map(({ gap }) => gapText(gap)).slice(0, 1), [
      'at its beginning, the source goes on with toy_reset; the model has toy_stop_queue there',
    ])
  })

  it('is not compared where the function is gone, and nothing is concluded', () => {
    const found = asked(driver.replace(/static int toy_suspend[\s\S]*?\n}\n/, ''))
    assert.equal(found.answer, 'not compared')
    assert.match(found.limits.join('; '), /has no function toy_suspend/)
  })
})
