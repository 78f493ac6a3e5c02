/** Patches in one order and in the other: they must be one model, or the same conflict, told in the same words. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ofShape } from '../src/write/arbitrary.js'
import { Mistake } from '../src/write/mistake.js'
import { env, type Edit, type Model, type Part, type Patch } from '../src/write/model.js'
import { instantiate, type System } from '../src/write/system.js'
import { over } from '../src/write/vocabulary.js'
import { same } from './compared.js'
import { written, type Description } from './plain-models.js'

/** The system with these patches, or what is said against it. */
export function attempted(model: Model, patches: readonly string[]): System | string {
  try {
    return instantiate(model, { patches })
  } catch (error) {
    assert(error instanceof Mistake, String(error))
    return error.message
  }
}

/** A model whose code is made once for each choice of parameters, so that the same function is the same. */
export function steady(model: Model): Model {
  const made = new Map<string, readonly Part[]>()
  const parts: Model['declared']['parts'] = (parameters) => {
    const key = JSON.stringify(parameters)
    if (!made.has(key)) made.set(key, model.declared.parts(parameters))
    return made.get(key)!
  }
  return { ...model, declared: { ...model.declared, parts } }
}

const numbers = new WeakMap<object, number>()
let next = 0
/** A last resort looks at all the rest of its system (`surroundings.ts`), and is made anew with it: it is what that rest is. */
const numberOf = (code: object): number | string =>
  'name' in code && code.name === 'alone' ? 'alone' : (numbers.get(code) ?? numbers.set(code, next++).get(code)!)

/** The transitions of a system in their order: each with the labels that it leads from and to, and with its code. */
const transitionsOf = ({ threads, transitions }: System): readonly string[] =>
  transitions.map(({ name, thread, from, to, guards, effects, says }) => {
    const labels = threads[thread]?.labels
    return JSON.stringify([name, labels?.[from], labels?.[to], says, guards.map(numberOf), effects.map(numberOf)])
  })

/** What a system is whatever the order of its parts. */
const contentOf = (system: System): string =>
  JSON.stringify([
    [...transitionsOf(system)].sort(),
    system.threads.map(({ name, labels }) => `${name}: ${labels.join()}`).sort(),
    system.initials,
  ])

/** The content of a model after edits in the order given, as those of one patch; undefined if that cannot be. */
function inOrder(model: Model, ...patches: readonly Patch[]): string | undefined {
  const whole = { ...patches[0]!, name: 'whole', edits: patches.flatMap(({ edits }) => edits) }
  try {
    const declared = { ...model.declared, patches: [whole] }
    return contentOf(instantiate({ ...model, declared }, { patches: ['whole'] }))
  } catch (error) {
    if (error instanceof Mistake) return undefined
    throw error
  }
}

/** @throws unless two patches are told in both orders, or are one model in both. Answers whether they are one. */
export function holdTogether(model: Model, p: Patch, q: Patch): boolean {
  const [one, other] = [attempted(model, [p.name, q.name]), attempted(model, [q.name, p.name])]
  if (typeof one === 'string' || typeof other === 'string') {
    same(one, other, `${model.name}: ${p.name} and ${q.name}`)
    return false
  }
  same(transitionsOf(one), transitionsOf(other), `${model.name}: ${p.name} and ${q.name}`)
  const here = contentOf(one)
  same(contentOf(other), here, `${model.name}: what ${p.name} and ${q.name} come to`)
  // An order that does not work, or another model, is only passed over where one needs the other, or goes on top of an era.
  const ways = [inOrder(model, p, q), inOrder(model, q, p)]
  const different = ways.filter((way) => way !== here)
  if (different.length > 0) assert(stacked(p, q), `${model.name}: ${p.name} and ${q.name} are two models, untold`)
  assert.notEqual(different.length, 2, `${model.name}: ${p.name} and ${q.name} are none of their orders`)
  return true
}

const inserted = ({ edits }: Patch): readonly string[] =>
  edits.flatMap((one) =>
    one.kind === 'before' || one.kind === 'after'
      ? one.steps.map(({ name }) => `${one.target.split('.')[0]}.${name}`)
      : one.kind === 'add' && one.part.kind === 'thread'
        ? one.part.steps.map(({ name }) => `${one.part.name}.${name}`)
        : [],
  )
const targets = ({ edits }: Patch): readonly string[] =>
  edits.flatMap((one) =>
    'target' in one ? [one.target.split('/')[0]!, ...('to' in one ? Object.values(one.to) : [])] : [],
  )

const stacked = (p: Patch, q: Patch): boolean =>
  (p.kind === 'era') !== (q.kind === 'era') ||
  targets(p).some((target) => inserted(q).includes(target)) ||
  targets(q).some((target) => inserted(p).includes(target))

/** Random edits of a random model: of its steps and actions, of the ways that lead on, and of its initial state. */
function editsOf(description: Description, index: number): fc.Arbitrary<readonly Edit[]> {
  const { edit, step } = over({ shape: description.shape })
  const origin = env('a random patch')
  const labels = description.threads.flatMap(({ steps }, t) => steps.map((_, s) => `t${t}.s${s}`))
  const actions = description.actions.map((_, x) => `one.x${x}`)
  const fields = description.shape.kind === 'record' ? Object.entries(description.shape.fields) : []
  const kinds: fc.Arbitrary<Edit>[] = [
    fc.constantFrom(...actions).map((target) => edit.remove(target)),
    fc.constantFrom(...actions).map((target) => edit.replace(target, { when: () => false })),
    fc
      .constantFrom(...fields)
      .chain(([field, shape]) =>
        ofShape(shape).map((value) =>
          edit.initially((d) => void Object.assign(d as object, { [field]: structuredClone(value) })),
        ),
      ),
  ]
  if (labels.length > 0) {
    const target = fc.constantFrom(...labels)
    const goto = fc.constantFrom('s0', 's1', 'end')
    const fresh = fc
      .option(goto, { nil: undefined })
      .map((to) => step(`y${index}`, { origin, ...(to && { goto: to }) }))
    kinds.push(
      fc.tuple(target, fresh).map(([at, one]) => edit.before(at, one)),
      fc.tuple(target, fresh).map(([at, one]) => edit.after(at, one)),
      fc.tuple(target, goto).map(([at, to]) => edit.replace(at, { goto: to })),
      target.map((at) => edit.remove(at)),
      fc.tuple(target, target).map(([at, to]) => edit.move(at, { before: to })),
      fc.tuple(target, target).map(([at, to]) => edit.move(at, { after: to })),
    )
  }
  return fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 2 })
}

/** Holds p+q against q+p for two random patches of a random model. Answers whether they go together. */
export function examinePatches(description: Description, pick: number): boolean {
  const { patch } = over({ shape: description.shape })
  const kind = fc.constantFrom('fix', 'fault', 'era')
  const [patches] = fc.sample(
    fc.tuple(
      ...[0, 1].map((i) =>
        fc
          .tuple(kind, editsOf(description, i))
          .map(([kind, edits]) => patch('pq'[i]!, { kind, says: 'Changes something.', edits })),
      ),
    ),
    { seed: pick, numRuns: 1 },
  )
  const plain = written(description)
  const model = steady({ ...plain, declared: { ...plain.declared, patches: patches! } })
  return holdTogether(model, patches![0]!, patches![1]!)
}
