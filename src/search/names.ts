/** Before a search, everything that a model and its properties ask for by name is looked up: fields, places, steps. */

import { stateCode, stepCode, transitionCode, yes } from '../derive/decision-tree.js'
import { lookUp, type Piece } from '../derive/names.js'
import type { Probe, Result } from '../derive/probe.js'
import { spell } from '../write/domain.js'
import { familyOf } from '../write/family.js'
import { Mistake, suggestion } from '../write/mistake.js'
import type { Args, At } from '../write/model.js'
import { hearing, selects, type Selector, type StepTaken } from '../write/predicate.js'
import type { Cancel, Observer, Property, Refinement } from '../write/property.js'
import { siteOf, type Site } from '../write/site.js'
import type { System, Transition } from '../write/system.js'
import { watched } from '../write/watched.js'
import { observed } from './compose/observer.js'
import { remembering } from './refinement.js'

/** Model code that was tried whole before, by what it was tried with: instances share it. */
const remembered = new WeakMap<object, Set<string>>()

/**
 * Looks up the names in a system and its properties.
 * @returns whose code depends on too much to be tried whole. @throws Mistake for the first name that no variant of the model has.
 */
export function lookUpNames(system: System, list: readonly Property[]): readonly string[] {
  const frame = frameOf(system)
  const fresh = system.transitions.filter(
    (one) => !partsOf(one).every((code) => remembered.get(code)?.has(keyOf(frame, one))),
  )
  const known = argsIn(system)
  const untried = new Set(lookUp(system, [...fresh.flatMap((one) => piecesOfStep(one, known)), resting(system)]))
  for (const one of fresh)
    if (!untried.has(whereOf(one)))
      for (const code of partsOf(one)) remembered.set(code, (remembered.get(code) ?? new Set()).add(keyOf(frame, one)))
  const heard = new Set<Selector>()
  const steps = stepFrameOf(system)
  for (const property of list) {
    const tried = ['step', 'observer', 'refinement'].includes(property.kind) ? steps : frame
    if (remembered.get(property)?.has(tried)) continue
    heard.clear()
    selectorsOf(property).forEach((one) => heard.add(one))
    hearing(
      (selector) => heard.add(selector),
      () => lookUpIn(system, property).forEach((where) => untried.add(where)),
    )
    for (const selector of heard) insistOn(system, selector, property)
    if (!untried.has(`property ${property.name}`))
      remembered.set(property, (remembered.get(property) ?? new Set()).add(tried))
  }
  return [...untried]
}

/** What code may depend on besides itself. */
const frameOf = ({ model, shape, threads }: System): string =>
  `${model.name} ${spell(shape)} ${threads.map(({ name }) => name).join()}`

/** What code that is asked of steps may depend on besides itself. */
export const stepFrameOf = (system: System): string =>
  `${frameOf(system)} ${system.transitions.map(({ name }) => name).join()}`

const keyOf = (frame: string, { args, thread, from }: Transition): string =>
  `${frame} ${JSON.stringify(args)} ${thread} ${from}`

const partsOf = ({ guards, effects, log }: Transition): readonly object[] =>
  [...guards, ...effects, ...log].filter((one) => typeof one === 'function')

const whereOf = ({ name }: Transition): string => `step ${name}`

const answered = { answer: yes, changes: [] }

/** The arguments of all steps: code may ask a step for what only others have. */
const argsIn = ({ transitions }: System): ReadonlySet<string> =>
  new Set(transitions.flatMap(({ args }) => Object.keys(args)))

/** Arguments that tell a probe of those that no step has. */
const asked = (args: Args, known: ReadonlySet<string>, { mistakes }: Probe): Args =>
  watched(args, known, (key, all) =>
    mistakes.push(new Mistake('', `there is no argument '${key}'`, suggestion(key, all), { word: key })),
  )

/** The step that a predicate is shown, telling a probe of what no step has. */
const shown = (step: StepTaken, known: ReadonlySet<string>, probe: Probe): StepTaken =>
  watched({ ...step, args: asked(step.args, known, probe) }, new Set(), (key, all) =>
    probe.mistakes.push(new Mistake('', `a step has no '${key}'`, suggestion(key, all), { word: key })),
  )

function piecesOfStep(transition: Transition, known: ReadonlySet<string>): readonly Piece[] {
  const { log, args, site } = transition
  const common = { where: whereOf(transition), site, at: transition }
  const logs = log.flatMap((lines) => (typeof lines === 'function' ? [lines] : []))
  return [
    {
      ...common,
      code: (probe) => transitionCode(probe, { ...transition, args: asked(args, known, probe) }),
    },
    ...logs.map((lines) => ({
      ...common,
      code: (probe: Probe) => (): Result => {
        lines(probe.view(), args)
        return answered
      },
    })),
  ]
}

const resting = (system: System): Piece => ({
  where: `model ${system.model.name}, resting`,
  site: siteOf(system.model),
  code: (probe) => stateCode(probe, (state, at) => system.resting(state, at)),
})

/** Of transitions that differ in arguments only, the first. */
export const oneOfEach = (all: readonly Transition[]): readonly Transition[] => [
  ...new Map([...all].reverse().map((one) => [one.step, one])).values(),
]

type Test = (state: never, at: At) => unknown

/** Tries what a property asks. */
function lookUpIn(system: System, property: Property): readonly string[] {
  const common = { where: `property ${property.name}`, site: siteOf(property) }
  const asks = (...tests: readonly (Test | undefined)[]): readonly Piece[] =>
    tests.flatMap((test) =>
      test
        ? [{ ...common, code: (probe: Probe) => stateCode(probe, (state, at) => test(state as never, at) === true) }]
        : [],
    )
  switch (property.kind) {
    case 'always':
    case 'possible':
      return lookUp(system, asks(property.when, property.holds))
    case 'reachable':
    case 'eventually':
    case 'alwaysEventually':
    case 'eventuallyAlways':
      return lookUp(system, asks(property.holds))
    case 'leadsTo':
      return lookUp(system, asks(property.from, property.to))
    case 'ltl':
      return lookUp(system, asks(...Object.values(property.atoms)))
    case 'step': {
      const { when, holds, on } = property
      const args = argsIn(system)
      const meant = oneOfEach(system.transitions.filter((one) => selects(on, one)))
      return lookUp(
        system,
        [when, holds].flatMap((test) =>
          test
            ? meant.map((at) => ({
                ...common,
                at,
                code: (probe: Probe) =>
                  stepCode(probe, at, {
                    when: undefined,
                    holds: (before, after, step) => test(before, after, shown(step, args, probe)),
                  }),
              }))
            : [],
        ),
        meant.length,
      )
    }
    case 'observer':
      return lookUpNoted(observed(system, property), property, common)
    case 'refinement':
      return lookUpNoted(remembering(system, property), property, common)
    case 'cancel':
      return lookUp(system, [...asks(...testsOf(property)), ...writesOf(property, common)])
  }
}

/** What an observer notes and says, and what a refinement remembers and maps. */
function lookUpNoted(
  { system, field, wrong }: { readonly system: System; readonly field: string | undefined; readonly wrong?: Test },
  property: Observer | Refinement,
  common: Pick<Piece, 'where' | 'site'>,
): readonly string[] {
  const args = argsIn(system)
  const noting = oneOfEach(system.transitions.filter(({ note }) => note))
  const own = (state: unknown): unknown => (field === undefined ? undefined : (state as Record<string, unknown>)[field])
  const asked = (state: unknown, at: At): unknown =>
    property.kind === 'observer'
      ? wrong!(state as never, at)
      : [property.claim.map(state, at, own(state)), property.claim.at?.(state, at)]
  return lookUp(
    system,
    [
      { ...common, code: (probe) => stateCode(probe, (state, at) => asked(state, at) === true) },
      ...noting.map((at) => ({
        ...common,

        at,
        code: (probe: Probe) =>
          transitionCode(probe, {
            ...at,
            note: (before, draft, step) => at.note!(before, draft, shown(step, args, probe)),
          }),
      })),
    ],
    noting.length,
  )
}

const testsOf = ({ plan }: Cancel): readonly (Test | undefined)[] => [
  plan.idle,
  plan.running,
  plan.again,
  plan.wake?.pending,
  plan.wake?.handled,
  ...Object.values(plan.interrupts ?? {}).map(({ when }) => when),
]

const writesOf = ({ plan }: Cancel, common: Pick<Piece, 'where' | 'site'>): readonly Piece[] =>
  [plan.failing, ...Object.values(plan.interrupts ?? {}).map(({ then }) => then)].flatMap((then) =>
    then
      ? [
          {
            ...common,
            code: (probe: Probe) => (): Result => {
              const draft = probe.draft()
              then(draft)
              return { answer: yes, changes: probe.changed(draft) }
            },
          },
        ]
      : [],
  )

/** The selectors that a property has, besides those that its code asks with. */
function selectorsOf(property: Property): readonly Selector[] {
  switch (property.kind) {
    case 'step':
      return property.on === undefined ? [] : [property.on]
    case 'observer':
      return property.declared.on === undefined ? [] : [property.declared.on]
    case 'refinement':
      return property.claim.remember?.on === undefined ? [] : [property.claim.remember.on]
    case 'cancel': {
      const { own, held = [], stopped = [] } = property.plan
      const pairs = [
        ...held.flatMap((one) => [one.acquire, one.release]),
        ...stopped.flatMap((one) => [one.suspend, one.resume]),
      ]
      return [...(own === undefined ? [] : [own]), ...pairs]
    }
    default:
      return []
  }
}

/** @throws Mistake for a name in a selector that is no step of any variant. */
function insistOn(system: System, selector: Selector, property: Property): void {
  for (const pattern of typeof selector === 'string' ? [selector] : selector) {
    const plain = pattern.replace(/^!/, '')
    const isMeant = (spelling: string): boolean => selects(plain, { step: spelling, name: spelling })
    if (system.transitions.some((one) => selects(plain, one))) continue
    const { steps } = familyOf(system.model)
    if ([...steps].some(isMeant)) continue
    const names = [...new Set([...system.transitions.map(({ step }) => step), ...steps])]
    throw noStep(property, plain, names, siteOf(property))
  }
}

const noStep = ({ name }: Property, pattern: string, names: readonly string[], at: Site | undefined): Mistake =>
  new Mistake(`property ${name}`, `there is no step '${pattern}'`, suggestion(pattern, names), { at, word: pattern })
