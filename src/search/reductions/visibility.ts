/** What a reduced search must not miss: for each question, the transitions that it turns on. */

import type { Transition } from '../../write/system.js'
import type { Findings, StateTest, Watch } from '../expander.js'
import {
  broken,
  everyPath,
  derive,
  mayFail,
  withPcAt,
  stateCode,
  stepCode,
  yes,
  type Budget,
  type Tree,
} from '../../derive/decision-tree.js'
import { patience, resultIn, Untold, type Independence } from './independence.js'
import { fails } from '../../derive/probe.js'
import { TransitionSet } from './transition-set.js'

/** A kind of state that is looked for; a step is looked for as a state in which it can be taken. */
export interface Visibility {
  /** Transitions that can lead away from it. A search that takes none of them keeps what can be reached. */
  readonly visible: TransitionSet
  /** Transitions of which at least one is on every way from this state to the target; undefined if that is not known. */
  readonly onTheWay: (codeOf: (slot: number) => number) => TransitionSet | undefined
  /** Whether it still matters. */
  readonly open: (findings: Findings) => boolean
}

/**
 * The targets of a watch, and the faults that transitions may come to.
 * @throws Untold if a property depends on too much: any step might matter to it.
 */
export function visibilityOf(watch: Watch, independence: Independence): readonly Visibility[] {
  const maker = new Maker(independence)
  const { transitions } = independence.system
  return [
    ...transitions.flatMap((transition) => maker.fault(transition)),
    ...watch.collects.map(({ name, holds }) => maker.state(name, holds, () => true)),
    ...watch.states.flatMap(({ name, when, holds }, j) => [
      maker.state(
        name,
        (state, at) => (!when || when(state, at)) && !holds(state, at),
        ({ states }) => states.broken[j]! < 0,
      ),
      ...(when ? [maker.state(name, when, ({ states }) => states.seen[j] === 0)] : []),
    ]),
    ...watch.steps.flatMap((one, j) =>
      transitions
        .filter(one.selects)
        .flatMap((transition) => [
          ...maker.step(transition, one, [broken], ({ steps }) => steps.broken[j]! < 0),
          ...(one.when ? maker.step(transition, one, [yes, broken], ({ steps }) => steps.seen[j] === 0) : []),
        ]),
    ),
  ]
}

class Maker {
  constructor(private readonly independence: Independence) {}

  /** A state that passes a test. */
  state(name: string, test: StateTest, open: Visibility['open']): Visibility {
    const { probe } = this.independence
    const budget: Budget = { left: patience.question }
    const tree = derive(probe, stateCode(probe, test), budget)
    if (!tree) throw Untold.after(patience.question, `property ${name}`, budget)
    if (mayFail(tree)) throw new Untold(`property ${name} throws in some states, perhaps in none that is reached`)
    return this.target(tree, [yes], open)
  }

  /** A state in which a step can be taken of which a property answers one of these. */
  step(
    transition: Transition,
    one: Watch['steps'][number],
    answers: readonly number[],
    open: Visibility['open'],
  ): readonly Visibility[] {
    const { probe, system } = this.independence
    const budget: Budget = { left: patience.question }
    const tree = withPcAt(probe, system, transition, () => derive(probe, stepCode(probe, transition, one), budget))
    if (!tree) throw Untold.after(patience.question, `property ${one.name}`, budget)
    return this.possibly(tree, answers, open, transition)
  }

  /** A state in which a transition is at fault. */
  fault(transition: Transition): readonly Visibility[] {
    const { whole } = this.independence.footprints[transition.index]!
    return this.possibly(whole, [fails], () => true, transition)
  }

  private possibly(
    tree: Tree,
    answers: readonly number[],
    open: Visibility['open'],
    at: Transition,
  ): readonly Visibility[] {
    const never = everyPath(tree, (_, { answer }) => !answers.includes(answer))
    return never ? [] : [this.target(tree, answers, open, at)]
  }

  /** A state in which a tree gives one of these answers, while a transition's thread stands where that starts. */
  private target(tree: Tree, answers: readonly number[], open: Visibility['open'], at?: Transition): Visibility {
    const { independence } = this
    const visible = at ? independence.leaving(at) : new TransitionSet(independence.system.transitions.length)
    everyPath(tree, (codes, { answer }) => {
      if (answers.includes(answer)) for (const [slot, code] of codes) visible.addAll(independence.unsetting(slot, code))
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
}
