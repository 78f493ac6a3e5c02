/** C held against a thread: agreement where the ways are the same, and every planted change of order or branch noticed. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { bool, env, over, record, source, system } from '../src/index.js'
import { conform, type Conformance, type Deviation } from '../src/match/source/conformance.js'
import { loadGrammar } from '../src/match/source/grammar.js'
import type { FlowEdge } from '../src/match/source/flow.js'
import type { Root, SourceMapping } from '../src/match/source/mapping.js'
import { pathsOf } from '../src/match/source/paths.js'
import { zero } from '../src/match/source/signs.js'
import { Library, type Tree } from '../src/match/source/tree.js'
import { fitsOf } from '../src/match/source/variants.js'
import { Mistake } from '../src/write/mistake.js'
import { instantiate } from '../src/write/system.js'

const house = readFileSync(new URL('source/house.c', import.meta.url), 'utf8')
const path = 'drivers/house.c'

const { model, thread, step } = over(record({ cancelled: bool() }))
const at = source(path, 'house_sleep')
const tasks_freeze = step('tasks_freeze', { origin: at, either: { ok: {}, fails: { goto: 'over' } } })
const door_lock = step('door_lock', { origin: at, either: { ok: {}, fails: { goto: 'tasks_thaw' } } })

const toy = model('house', {
  question: 'Does the house wake up as it went to sleep?',
  actors: { pm: system('the sleep of the house') },
  initial: () => ({ cancelled: true }),
  parts: () => [
    thread(
      'pm',
      { actor: 'pm' },
      tasks_freeze,
      door_lock,
      step('lamp_off', { origin: source(path, 'house_close') }),
      step('stop', {
        origin: env('the machine sleeps, or somebody cancels'),
        either: {
          sleeps: { then: (d) => void (d.cancelled = false) },
          cancelled: {},
          fails: { goto: 'door' },
        },
      }),
      step('door', {
        origin: at,
        either: {
          door_forget: { when: (s) => !s.cancelled },
          kept: { when: (s) => s.cancelled },
        },
      }),
      step('lamp_on', { origin: source(path, 'house_open') }),
      step('door_unlock', { origin: at }),
      step('tasks_thaw', { origin: at }),
      step('over', { origin: at, goto: 'tasks_freeze', then: (d) => void (d.cancelled = true) }),
    ),
  ],
})

const root: Root = {
  function: `${path}:house_sleep`,
  thread: 'pm',
  begins: 'tasks_freeze',
  ends: ['over'],
  runs: { stop_machine: { function: 'house_stop' } },
  covers: { machine_sleep: ['stop'] },
  silent: { 'stop/fails': 'nothing is called then', 'door/kept': 'nothing is called then' },
  ignores: { 'syscore_*': 'the system core has no part in this' },
}

describe('conformance', () => {
  let library: Library
  before(async () => {
    library = new Library(await loadGrammar())
  })

  const treeOf = (text: string): Tree => ({ name: 'toy', text: (asked) => (asked === path ? text : undefined) })
  const held = (text: string, changed: Partial<Root> = {}): Promise<Conformance> => {
    const mapping: SourceMapping = { schema: 'thawproof/source@1', protocol: 'house', roots: [] }
    return conform({ system: instantiate(toy), mapping, root: { ...root, ...changed } }, treeOf(text), library)
  }
  const edited = (from: string, to: string): string => {
    assert.equal(house.split(from).length, 2, `'${from}' is there once`)
    return house.replace(from, to)
  }
  const spelled = ({ in: side, after, then }: Deviation): string => `${side}: ${after}, ${then}`
  const deviations = async (text: string, changed: Partial<Root> = {}): Promise<string[]> =>
    (await held(text, changed)).deviations.map(spelled)

  it('agrees with the code that the thread stands for, callbacks and loops included', async () => {
    const found = await held(house)
    assert.deepEqual(found.deviations, [])
    assert.deepEqual(found.unexplained, [])
    assert.deepEqual(found.notFollowed, [])
    assert.deepEqual(found.unmet, [])
    assert.equal(found.outcome, 'agrees')
    assert.deepEqual(
      found.functions.map(({ name }) => name),
      ['house_sleep', 'house_close', 'house_stop', 'house_open'],
    )
  })

  it('notices a wrong error label, on both sides', async () => {
    assert.deepEqual(await deviations(edited('goto thaw;', 'goto out;')), [
      'source: door_lock/fails, returns',
      'model: door_lock/fails, tasks_thaw',
    ])
  })

  it('notices a lost call, a call too many, and calls in another order', async () => {
    assert.deepEqual(await deviations(edited('\tdoor_unlock(house);\n', '')), [
      'source: lamp_on, tasks_thaw',
      'model: lamp_on, door_unlock',
    ])
    assert.deepEqual(await deviations(edited('\ttasks_thaw();', '\ttasks_thaw();\n\tdoor_unlock(house);')), [
      'source: tasks_thaw, door_unlock',
      'model: tasks_thaw, returns',
    ])
    const swapped = edited('\thouse_open(house);\n\tdoor_unlock(house);', '\tdoor_unlock(house);\n\thouse_open(house);')
    assert.deepEqual(
      (await deviations(swapped)).sort(),
      [
        'model: door/door_forget, lamp_on',
        'model: stop, lamp_on',
        'model: lamp_off, lamp_on',
        'source: door/door_forget, door_unlock',
        'source: lamp_off, door_unlock',
        'source: stop, door_unlock',
      ].sort(),
    )
  })

  it('notices an exit too many, a result that nobody asks for, and a condition turned round', async () => {
    const exit = await held(
      edited('\thouse_close(house);\n', '\thouse_close(house);\n\tif (house->haunted)\n\t\tgoto thaw;\n'),
    )
    assert.deepEqual(exit.deviations.map(spelled), ['source: lamp_off, tasks_thaw'])
    assert.deepEqual(
      exit.deviations[0]!.path.filter(({ kind }) => kind !== 'call').map(({ text, site }) => `${text} :${site?.line}`),
      ['if not (err) :42', 'if not (err < 0) :48', 'if (house->haunted) :52', 'goto thaw :53'],
    )
    assert.deepEqual(await deviations(edited('\tif (err < 0)\n\t\tgoto thaw;\n', '')), [
      'source: door_lock/fails, lamp_off',
      'model: door_lock/fails, tasks_thaw',
    ])
    assert.deepEqual(await deviations(edited('if (err < 0)', 'if (err >= 0)')), [
      'source: door_lock/ok, tasks_thaw',
      'source: door_lock/fails, lamp_off',
      'model: door_lock/ok, lamp_off',
      'model: door_lock/fails, tasks_thaw',
    ])
  })

  it('follows only branches that can be taken', async () => {
    // `never_called` stands behind a condition that is known to be false there.
    assert.deepEqual((await held(house)).unexplained, [])
    const reached = await held(edited('\tinfo.cancelled = 1;\n\terr = tasks', '\terr = tasks'))
    assert.deepEqual(
      reached.unexplained.map(({ call }) => call),
      ['never_called'],
    )
  })

  it('tells calls that nobody explains, and does not agree then', async () => {
    const found = await held(edited('\tdoor_unlock(house);', '\tdoor_unlock(house);\n\tcat_feed(house);'))
    assert.equal(found.outcome, 'differs')
    assert.deepEqual(found.unexplained, [{ call: 'cat_feed', sites: [{ function: 'house_sleep', line: 61 }] }])
    assert.equal((await held(house, { covers: {} })).outcome, 'differs')
  })

  it('keeps a declared difference apart, and tells what of a mapping was not met', async () => {
    const exit = edited('\thouse_close(house);\n', '\thouse_close(house);\n\tif (house->haunted)\n\t\tgoto thaw;\n')
    const differs = [
      { in: 'source' as const, after: 'lamp_off', then: 'tasks_thaw', why: 'haunted houses do not sleep' },
    ]
    const found = await held(exit, { differs })
    assert.equal(found.outcome, 'agrees')
    assert.deepEqual(
      found.deviations.map(({ declared }) => declared),
      ['haunted houses do not sleep'],
    )
    const stale = await held(house, { differs, ignores: { ...root.ignores, cat_feed: 'there is no cat' } })
    assert.deepEqual(stale.unmet, ['cat_feed', 'in the source, after lamp_off: tasks_thaw'])
  })

  it('tells ends apart by what is returned, if the mapping does', async () => {
    const ends = [{ at: 'over', returns: 'zero' as const }]
    assert.deepEqual(await deviations(edited('false;\n\treturn err;', 'false;\n\treturn 0;'), { ends }), [])
    assert.deepEqual(await deviations(edited('false;\n\treturn err;', 'false;\n\treturn -EBUSY;'), { ends }), [
      'source: tasks_freeze/fails, returns nonzero',
      'source: tasks_thaw, returns nonzero',
      'model: tasks_freeze/fails, returns zero',
      'model: tasks_thaw, returns zero',
    ])
  })

  it('cuts branches that are assumed not to be taken, and says so', async () => {
    const exit = edited('\thouse_close(house);\n', '\thouse_close(house);\n\tif (house->haunted)\n\t\tgoto thaw;\n')
    const why = 'no house is'
    const found = await held(exit, { assumes: { 'house->haunted': { is: false, why } } })
    assert.equal(found.outcome, 'agrees')
    assert(found.passedOver.some((one) => one.what === 'if (house->haunted) is never taken' && one.why === why))
  })

  it('calls a function that an assumed condition asks, and goes on where the assumption says', async () => {
    const asked = edited(
      '\thouse_close(house);\n',
      '\thouse_close(house);\n\tif (!(lamp_off(house) && !house_haunted(house)))\n\t\tgoto thaw;\n',
    )
    const is = false
    const assumed = '!(lamp_off(house) && !house_haunted(house))'
    const found = await held(asked, {
      assumes: { [assumed]: { is, why: 'no house is' } },
      ignores: { ...root.ignores, house_haunted: 'asked' },
    })
    assert.deepEqual(found.deviations, [])
    assert.equal(found.outcome, 'agrees')
  })

  it('takes the error of a pointer for an error', async () => {
    const pointer = edited(
      '\tif (err < 0)\n\t\tgoto thaw;\n',
      '\tif (err < 0)\n\t\tgoto thaw;\n\tif (IS_ERR(house->door)) {\n\t\terr = PTR_ERR(house->door);\n\t\tgoto thaw;\n\t}\n',
    )
    const differs = [{ in: 'source' as const, after: 'door_lock/ok', then: 'tasks_thaw', why: 'the house has no door' }]
    const found = await held(pointer, { differs })
    assert.deepEqual(found.deviations.filter(({ declared }) => declared === undefined).map(spelled), [])
    const kept = pointer.replace('\t\tgoto thaw;\n\t}\n', '\t\tif (!err)\n\t\t\tcat_feed();\n\t\tgoto thaw;\n\t}\n')
    assert.deepEqual((await held(kept, { differs })).unexplained, [], 'never without an error')
  })

  it('never agrees where something could not be compared', async () => {
    const outcome = async (text: string, changed: Partial<Root> = {}): Promise<[string, readonly string[]]> => {
      const found = await held(text, changed)
      return [found.outcome, found.notFollowed]
    }
    assert.deepEqual(await outcome('int other(void)\n{\n}\n'), [
      'not compared',
      [`${path} has no function house_sleep`],
    ])
    assert.deepEqual(await outcome(house, { function: 'no/such.c:house_sleep' }), [
      'not compared',
      ['toy has no file no/such.c'],
    ])
    assert.deepEqual(await outcome(edited('house_stop(void *data)', 'other_stop(void *data)')), [
      'differs',
      ['stop_machine runs house_stop, which is not in the files of this root'],
    ])
    const flags = Array.from({ length: 24 }, (_, i) => `\tif (f${i})\n\t\tcpu_relax();\n`).join('')
    const declared = Array.from({ length: 24 }, (_, i) => `f${i}`).join(', ')
    const exploding = edited('\tint err;\n\n\tinfo.', `\tint err, ${declared};\n\n${flags}${flags}\tinfo.`)
    assert.deepEqual(await outcome(exploding), ['not compared', ['more than 150000 situations in the code']])
  })

  it('refuses a mapping of steps and threads that the model does not have', async () => {
    await assert.rejects(held(house, { thread: 'mp' }), Mistake)
    await assert.rejects(held(house, { begins: 'task_freeze' }), /did you mean 'tasks_freeze'/)
    await assert.rejects(held(house, { silent: { stops: '' } }), /did you mean 'stop'/)
  })

  it('cannot tell whether a tree is a variant that lacks the step at which a function begins', async () => {
    const edits = [{ kind: 'remove', target: 'pm.tasks_freeze' }] as const
    const patches = [{ name: 'never-freezes', kind: 'fault', says: 'Nobody freezes tasks.', edits }] as const
    const patched = { ...toy, declared: { ...toy.declared, patches } }
    const mapping: SourceMapping = { schema: 'thawproof/source@1', protocol: 'house', roots: [] }
    const other: Root = { ...root, begins: 'door_lock', function: `${path}:house_stop` }
    const fits = await fitsOf(patched, mapping, [root, other], [], treeOf(house), library)
    const without = fits.find(({ patches: [name] }) => name === 'never-freezes')
    assert.equal(without?.differences, Infinity)
    assert.match(without.impossible!, /there is no step of pm 'tasks_freeze'/)
  })
})

describe('the paths of a flow', () => {
  it('are given up by the work that they take, counted, so that every machine gives up alike', () => {
    // A hundred places become known, then so many branches ask for one of them.
    const asked = (branches: number): (() => unknown) => {
      const known = Array.from({ length: 100 }, (_, i): FlowEdge[] => [
        { to: i + 1, sets: { place: `p${i}`, to: zero } },
      ])
      const test = Array.from({ length: branches }, (_, i) => ({
        to: 101,
        test: { place: `p${i % 100}`, signs: zero },
      }))
      return () => pathsOf({ edges: [...known, test, []], start: 0, exit: 101, returned: 'r' }, false)
    }
    assert.doesNotThrow(asked(200))
    assert.throws(asked(50_000), /more than 5000000 branches and values to look at in the code/)
  })
})
