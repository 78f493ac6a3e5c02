/** What a reduced search must not miss: for each question, the transitions that it turns on. */

import type { Transition } from '../../write/system.js'
import type { Findings, StateTest, Watch } from '../expander.js'
import {
  broken,
  everyPath,
  grow,
  mayFail,
  placed,
  stateCode,
  stepCode,
  yes,
  type Budget,
  type Tree,
} from './decisions.js'
import { resultIn, type Independence } from './independence.js'
import { fails } from './trial.js'
import { TransitionSet } from './transition-set.js'

/** Runs that may be spent on one question. */
const patience = 20_000

/** A kind of state that is looked for; a step is looked for as a state in which it can be taken. */
export interface Target {
  /** Transitions that can lead away from it. A search that takes none of them keeps what can be reached. */
  readonly visible: TransitionSet
  /** Transitions of which at least one is on every way from this state to the target; undefined if that is not known. */
  readonly onTheWay: (codeOf: (cell: number) => number) => TransitionSet | undefined
  /** Whether it still matters. */
  readonly open: (findings: Findings) => boolean
}

/** The targets of a watch, and the faults that transitions may come to. */
export function targetsOf(watch: Watch, independence: Independence): readonly Target[] {
  const maker = new Maker(independence)
  const { transitions } = independence.system
  return [
    ...watch.states.flatMap(({ when, holds }, j) => [
      maker.state(
        (state, at) => (!when || when(state, at)) && !holds(state, at),
        ({ states }) => states.broken[j]! < 0,
      ),
      ...(when ? [maker.state(when, ({ states }) => states.seen[j] === 0)] : []),
    ]),
    ...watch.collects.map(({ holds }) => maker.state(holds, () => true)),
    ...watch.steps.flatMap((one, j) =>
      transitions
        .filter(one.selects)
        .flatMap((transition) => [
          ...maker.step(transition, one, [broken], ({ steps }) => steps.broken[j]! < 0),
          ...(one.when ? maker.step(transition, one, [yes, broken], ({ steps }) => steps.seen[j] === 0) : []),
        ]),
    ),
    ...transitions.flatMap((transition) => maker.fault(transition)),
  ]
}

class Maker {
  constructor(private readonly independence: Independence) {}

  /** A state that passes a test. */
  state(test: StateTest, open: Target['open']): Target {
    const { trial } = this.independence
    const tree = grow(trial, stateCode(trial, test), { left: patience })
    // Where a predicate fails is not for the reduction to decide.
    return tree && !mayFail(tree) ? this.target(tree, [yes], open) : this.anything(open)
  }

  /** A state in which a step can be taken of which a property answers one of these. */
  step(
    transition: Transition,
    one: Watch['steps'][number],
    answers: readonly number[],
    open: Target['open'],
  ): readonly Target[] {
    const { trial, system } = this.independence
    const budget: Budget = { left: patience }
    const tree = placed(trial, system, transition, () => grow(trial, stepCode(trial, transition, one), budget))
    if (!tree) return [this.anything(open)]
    return this.possibly(tree, answers, open, transition)
  }

  /** A state in which a transition is at fault. */
  fault(transition: Transition): readonly Target[] {
    const { whole } = this.independence.footprints[transition.index]!
    const open = (): boolean => true
    return whole ? this.possibly(whole, [fails], open, transition) : [this.anything(open)]
  }

  private possibly(tree: Tree, answers: readonly number[], open: Target['open'], at: Transition): readonly Target[] {
    const never = everyPath(tree, (_, { answer }) => !answers.includes(answer))
    return never ? [] : [this.target(tree, answers, open, at)]
  }

  /** A state in which a tree gives one of these answers, while a transition's thread stands where that starts. */
  private target(tree: Tree, answers: readonly number[], open: Target['open'], at?: Transition): Target {
    const { independence } = this
    const visible = at ? independence.leaving(at) : new TransitionSet(independence.system.transitions.length)
    everyPath(tree, (codes, { answer }) => {
      if (answers.includes(answer)) for (const [cell, code] of codes) visible.addAll(independence.unsetting(cell, code))
      return true
    })
    return {
      visible,
      onTheWay: (codeOf) => {
        if (at && !independence.isPlaced(at, codeOf)) return independence.necessary(at, codeOf)
        if (answers.includes(resultIn(tree, codeOf).answer)) return undefined
        return independence.changing(tree, codeOf, answers)
      },
      open,
    }
  }

  /** What is not known to be untouched by anything. */
  private anything(open: Target['open']): Target {
    const all = new TransitionSet(this.independence.system.transitions.length)
    all.addEvery()
    return { visible: all, onTheWay: () => all, open }
  }
}
