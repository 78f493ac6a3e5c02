/** C is read as it is written in kernels: every function found, calls in the order in which they are made. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { blankOut, withoutAttributes } from '../src/match/source/attributes.js'
import { CFile, type CFunction } from '../src/match/source/c-file.js'
import { fingerprintOf, tokensOf } from '../src/match/source/fingerprint.js'
import { loadGrammar, type Grammar } from '../src/match/source/grammar.js'
import { withoutMacros } from '../src/match/source/macros.js'
import { piecesOf, valueOf } from '../src/match/source/pieces.js'
import { Unreadable } from '../src/match/source/reader.js'
import { skeletonOf } from '../src/match/source/skeleton.js'
import type { Statement } from '../src/match/source/syntax.js'

const shapes = readFileSync(new URL('source/shapes.c', import.meta.url), 'utf8')

describe('the reader of C', () => {
  let grammar: Grammar
  before(async () => {
    grammar = await loadGrammar()
  })

  const fileOf = (text: string, configuration = {}): CFile => new CFile(grammar, text, configuration)
  const only = (name: string, file = fileOf(shapes)): CFunction => {
    const found = file.named(name)
    assert.equal(found.length, 1, `${name}: ${found.length}`)
    return found[0]!
  }
  const skeleton = (name: string, configuration = {}): string =>
    skeletonOf(only(name, fileOf(shapes, configuration)).body())

  it('finds every function with its lines, twice if it is defined twice, whatever is broken between them', () => {
    // As universal-ctags lists them: name, last line.
    const names = fileOf(shapes)
      .functions()
      .map(({ name, end }) => `${name} ${end}`)
    assert.deepEqual(names, [
      'lamp_is_lit 7',
      'lamp_probe 31',
      'lamps_dim 55',
      'house_sleep 68',
      'house_sleep 73',
      'xen_style 102',
      'qemu_style 115',
    ])
    assert.equal(only('lamp_probe').line, 9)
    assert.deepEqual(only('lamp_probe').parameters, ['dev'])
  })

  it('reads all of them without an error but in the initialiser that has one', () => {
    assert.deepEqual(
      fileOf(shapes)
        .functions()
        .flatMap(({ unread }) => unread),
      [],
    )
  })

  it('keeps error labels, and what is only evaluated if something else was zero', () => {
    assert.equal(
      skeleton('lamp_probe'),
      'lamp_alloc() ?{ return } lamp_power() ?{ goto free } lamp_wire() lamp_test() ?{ goto power_off } return ' +
        'power_off: lamp_power() free: lamp_free() return',
    )
  })

  it('reads macros that head loops and scopes, and locks that end with their block', () => {
    assert.equal(
      skeleton('lamps_dim'),
      '*{ lamp_is_lit() ?{ lamp_dim() } } *{ lamp_settle() } scoped_guard() { } guard(spinlock_irqsave)() ' +
        '*{ house_is_quiet() cpu_relax() } again: *{ room_dark() } ?{ goto again }',
    )
    const loops = statementsIn(only('lamps_dim').body()).filter((one) => one.kind === 'loop')
    assert.deepEqual(
      loops.map(({ form, head, line }) => [form, head, line]),
      [
        ['each', 'list_for_each_entry(lamp, &house->lamps, node)', 37],
        ['each', 'list_for_each_entry(lamp, &house->lamps, node)', 41],
        ['while', 'while (!house_is_quiet(house))', 47],
        ['each', 'for_each_room(house, room)', 50],
      ],
    )
  })

  it('leaves #ifdef open, or decides it as the configuration says, within functions and around them', () => {
    const first = fileOf(shapes).named('house_sleep')[0]!
    assert.equal(
      skeletonOf(first.body()),
      '#CONFIG_HOUSE_ALARM{ alarm_pending() ?{ return } } :{ alarm_none() } lamps_dim() return',
    )
    assert.equal(
      skeleton('house_sleep', { CONFIG_HOUSE_SLEEP: true, CONFIG_HOUSE_ALARM: false }),
      'alarm_none() lamps_dim() return',
    )
    assert.equal(skeleton('house_sleep', { CONFIG_HOUSE_SLEEP: false }), 'return')
  })

  it('reads the styles of Xen and QEMU', () => {
    assert.equal(
      skeleton('xen_style'),
      '*{ vcpu_sleep_sync() } |{ ?{ break } } |{ domain_stop() break } |{ printk() break }',
    )
    assert.equal(
      skeleton('qemu_style'),
      'VIRTIO_DEVICE_GET_CLASS() *{ entry_stop() } WITH_QEMU_LOCK_GUARD() { } k->stop() return',
    )
  })

  it('keeps length and lines through every preparation', () => {
    for (const made of [
      withoutAttributes(shapes),
      withoutMacros(shapes),
      piecesOf(shapes)
        .map(({ text }) => text)
        .join('\n'),
    ]) {
      assert.equal(made.length, shapes.length)
      assert.equal(blankOut(made), blankOut(shapes))
    }
  })

  it('finds functions by lines, parsing no more than it must', () => {
    const names = (first: number, last: number): string[] =>
      fileOf(shapes)
        .touching(first, last)
        .map(({ name }) => name)
    assert.deepEqual(names(31, 36), ['lamp_probe', 'lamps_dim'])
    assert.deepEqual(names(32, 32), [])
    assert.deepEqual(names(1, 7), ['lamp_is_lit'])
    assert.deepEqual(names(103, 400), ['qemu_style'])
  })

  it('knows a function again by its tokens, whatever its comments and its layout', () => {
    const { text, fingerprint } = only('lamp_probe')
    const laidOut = text
      .replace(/\/\*.*?\*\//g, '// other\n')
      .replace(/\t/g, '    ')
      .replace('goto free;', 'goto   free\n;')
    assert.equal(fingerprintOf(laidOut), fingerprint)
    assert.notEqual(fingerprintOf(text.replace('goto free', 'goto power_off')), fingerprint)
    assert.notEqual(fingerprintOf('a = b -c'), fingerprintOf('a = b --c'))
    assert.deepEqual(tokensOf('x->y /* z */ "/* s */" \'"\' 0x1f'), ['x', '->', 'y', '"/* s */"', `'"'`, '0x1f'])
  })

  it('reads a file with carriage returns as one without', () => {
    const file = fileOf(shapes.replace(/\n/g, '\r\n'))
    assert.deepEqual(
      file.functions().map(({ name, line, end, fingerprint }) => [name, line, end, fingerprint]),
      fileOf(shapes)
        .functions()
        .map(({ name, line, end, fingerprint }) => [name, line, end, fingerprint]),
    )
  })

  it('knows macros, and functions whose names macros paste together', () => {
    const file = fileOf(
      '#define MAKE(name) \\\nstatic void dev_ ## name ## _irq_suspend(int x)\t\\\n{ \\\n}\nint other(void) { return _irq_resume(1); }\n',
    )
    assert.deepEqual(
      ['MAKE', 'irq_suspend', 'irq_resume', 'suspend'].map((name) => file.hasMacro(name)),
      [true, true, false, false],
    )
  })

  it('evaluates conditions as far as the configuration goes', () => {
    const known = { A: true, B: false }
    const cases: readonly (readonly [string, boolean | undefined])[] = [
      ['defined(A)', true],
      ['defined A && !defined(B)', true],
      ['defined(C)', undefined],
      ['defined(C) && defined(B)', false],
      ['defined(C) || IS_ENABLED(A)', true],
      ['0', false],
      ['(1)', true],
      ['!(defined(B) || 0)', true],
      ['VERSION >= 3', undefined],
    ]
    for (const [condition, value] of cases) assert.equal(valueOf(condition, known), value, condition)
  })

  it('refuses what nobody wrote by hand, instead of hanging or overflowing', () => {
    const deep = `int f(void)\n{\n${'('.repeat(5000)}g()${')'.repeat(5000)};\n}\n`
    const [function_] = fileOf(deep).functions()
    assert.throws(() => function_!.body(), Unreadable)
    assert.throws(() => fileOf(' '.repeat(17 * 2 ** 20)), Unreadable)
    assert.deepEqual(fileOf('\0\u{1f600}}{}{(((').functions(), [])
  })
})

/** Every statement, inner ones after those that hold them. */
function statementsIn(statements: readonly Statement[]): readonly Statement[] {
  return statements.flatMap((one): readonly Statement[] => {
    switch (one.kind) {
      case 'if':
      case 'configured':
        return [one, ...statementsIn(one.yes), ...statementsIn(one.no)]
      case 'loop':
      case 'block':
      case 'scope':
        return [one, ...statementsIn(one.body)]
      default:
        return [one]
    }
  })
}
