/** Input that is large, strange or spelt alike gets a verdict, or a mistake that says what it is; never a crash. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, bool, env, int, member, Mistake, over, propertiesOver, record, system } from '../../src/index.js'
import { check } from '../../src/check.js'
import { instantiate, type Model, type Property } from '../../src/index.js'

const state = record({ n: int(0, 3) })
const { model, action } = over(state)
const { ltl } = propertiesOver(state)
const origin = env('a test')

const counting = (range: object): Model =>
  model('counting', {
    question: 'Does it count?',
    actors: { k: system('counts') },
    initial: () => ({ n: 0 }),
    parts: () => [action('t', { actor: 'k', origin, ...range, then: (d) => void (d.n = (d.n + 1) % 4) })],
  })

async function said(made: () => Model, ...list: Property[]): Promise<string> {
  try {
    const { verdicts } = await check(instantiate(made()), list)
    return verdicts.map(({ verdict }) => verdict).join(' ')
  } catch (error) {
    assert(error instanceof Mistake, String(error))
    return error.message
  }
}

const looking = (depth: number): Property =>
  ltl('back', 'What was is.', {
    formula: `G (a -> X (b U c)) & G F ${'Y '.repeat(depth)}a` as never,
    atoms: { a: (s) => s.n === 0, b: (s) => s.n === 1, c: (s) => s.n === 2 },
  })

describe('strange input', () => {
  it('a set with one member beside a set with two', async () => {
    const cpu = member('cpu', 2)
    const task = member('task', 1)
    const both = record({ on: array(cpu, bool()), mine: array(task, bool()) })
    const words = over(both)
    const made = (): Model =>
      words.model('both', {
        question: 'Do they run?',
        actors: { k: system('runs') },
        initial: () => ({ on: [true, true], mine: [false] }),
        parts: () => [
          words.action('toggle', {
            actor: 'k',
            origin,
            for: { i: cpu },
            then: (d, { i }) => void (d.on[i] = !d.on[i]),
          }),
          words.thread(
            'work',
            { actor: 'k', for: { t: task } },
            words.step('go', { origin, then: (d, { t }) => void (d.mine[t] = true) }),
          ),
        ],
      })
    const outcome = await check(instantiate(made()), [])
    assert.deepEqual(outcome.reduction, { by: 'symmetry', sets: [{ set: 'cpu', size: 2 }], orbits: 6 })
    assert.deepEqual([outcome.states, outcome.transitions], [8, 20])
  })

  it('two arguments that are spelt alike', async () => {
    assert.equal(
      (await said(() => counting({ for: { i: [1, '1'] } }))).split('\n')[0],
      'model counting: two are spelt k.t(1): arguments that differ are written alike',
    )
    assert.equal(
      (await said(() => counting({ for: { i: ['x,y', 'x'], j: ['z', 'y,z'] } }))).split('\n')[0],
      'model counting: two are spelt k.t(x,y,z): arguments that differ are written alike',
    )
  })

  it('a range with more values than memory', async () => {
    assert.equal(
      (await said(() => counting({ for: { i: int(0, 2e9) } }))).split('\n')[0],
      `int(0, 2000000000): has too many values for a 'for'`,
    )
  })

  it('a formula that looks far back, and one that looks further than is remembered', async () => {
    assert.equal(await said(() => counting({}), looking(26)), 'holds holds holds')
    assert.equal(
      (await said(() => counting({}), looking(28))).split('\n')[0],
      'property back: its formula has 31 atoms and operators that look back, and may have 30',
    )
  })

  const head = `import { env, int, over, record, system } from 'thawproof'
const { model, thread, step, action } = over(record({ n: int(0, 3) }))
`
  const rest = `question: 'Is it\\u001b[2J?', actors: { k: system('k') }, initial: () => ({ n: 0 }), resting: () => true`
  const files: Readonly<Record<string, readonly [text: string, code: number, says: RegExp]>> = {
    'step fields that were waited for': [
      `${head}const fields = async () => ({ origin: env('x'), then: (d) => { d.n = 1 } })
const one = await fields()
export default model('late', { ${rest}, parts: () => [thread('a', { actor: 'k' }, step('b', one))] })
export const properties = []`,
      2,
      /^thawproof: the model never finished loading: it waits for an object that has a `then` and is no promise\n/,
    ],
    'an export that is called then': [
      `${head}export const then = (d) => { d.n = 1 }
export default model('late', { ${rest}, parts: () => [action('b', { actor: 'k', origin: env('x'), then })] })
export const properties = []`,
      2,
      /^thawproof: the model never finished loading: it waits for an object that has a `then` and is no promise\n/,
    ],
    'control characters': [
      `${head}export default model('loud', { ${rest}, parts: () => [action('b', { actor: 'k', origin: env('x'), then: (d) => void (d.n = 1) })] })
export const properties = []`,
      0,
      /Is it\u241b\[2J\?/,
    ],
  }
  for (const [what, [text, code, says]] of Object.entries(files))
    it(`${what}, in a file`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'thawproof-'))
      const file = join(folder, 'model.mjs')
      writeFileSync(file, text)
      const cli = new URL('../../dist/src/cli/main.js', import.meta.url).pathname
      const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'check', file, '--no-cache'], {
        encoding: 'utf8',
      })
      rmSync(folder, { recursive: true })
      assert.match(code === 0 ? stdout : stderr, says)
      assert.equal(stdout.includes('\u001b'), false)
      if (code !== 0) assert.equal(status, code)
    })
})
