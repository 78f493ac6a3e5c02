/** Expressions as control flow: calls in evaluation order, conditions as branches on what is known of values. */

import { temporary, type Activation, type Findings, type Sources, type Value } from './activation.js'
import { busy, callbackName, transparent, unchanging } from './calls.js'
import type { CFunction } from './c-file.js'
import type { FlowGraph, Site } from './flow.js'
import { changedByCall, overwritten, placeIn } from './places.js'
import {
  anything,
  comparedWithZero,
  mirrored,
  negative,
  nonzero,
  positive,
  signsOf,
  zero,
  type Signs,
} from './signs.js'
import type { Call, Comparison, Expression } from './syntax.js'

/** Goes into a function that is called, between two nodes; what it returns goes to a place. */
export type Enter = (
  function_: CFunction,
  from: number,
  exit: number,
  returned: string,
  values: readonly Value[],
  caller: Activation,
) => void

/** Adds the flow of expressions to a graph. */
export class ExpressionFlow {
  constructor(
    private readonly graph: FlowGraph,
    private readonly sources: Sources,
    private readonly findings: Findings,
    private readonly enter: Enter,
  ) {}

  /** Evaluates an expression for its calls; returns where it ends and what its value is. */
  evaluate(expression: Expression, at: number, activation: Activation): readonly [number, Value] {
    switch (expression.kind) {
      case 'constant':
        return [at, signsOf(expression.text)]
      case 'place':
        return [at, placeIn(activation.id, expression.text)]
      case 'call':
        return this.call(expression, at, activation)
      case 'assign':
        return this.assign(expression, at, activation)
      case 'not':
      case 'and':
      case 'or':
      case 'compare':
        return busy(expression) ? this.decided(expression, at, activation, positive, zero) : [at, zero | positive]
      case 'choice':
        return this.choice(expression, at, activation)
      case 'parts': {
        let here = at
        for (const part of expression.parts) here = this.evaluate(part, here, activation)[0]
        return [here, anything]
      }
    }
  }

  /** A condition as a value: one of two, by the way that was taken. */
  private decided(
    test: Expression,
    at: number,
    activation: Activation,
    yesValue: Value,
    noValue: Value,
  ): readonly [number, Value] {
    const place = temporary(activation)
    const [yes, no] = [this.graph.node(), this.graph.node()]
    this.branch(test, at, yes, no, activation)
    const after = this.graph.step(yes, { sets: { place, to: yesValue } })
    this.graph.join(no, after, { sets: { place, to: noValue } })
    return [after, place]
  }

  private choice(
    expression: Extract<Expression, { kind: 'choice' }>,
    at: number,
    activation: Activation,
  ): readonly [number, Value] {
    const { test, no } = expression
    // `a ?: b` is a, if that is not zero.
    const [here, first] = expression.yes ? [at, 0] : this.evaluate(test, at, activation)
    const place = temporary(activation)
    const [taken, other] = [this.graph.node(), this.graph.node()]
    if (expression.yes) this.branch(test, here, taken, other, activation)
    else
      this.split(
        first,
        here,
        taken,
        other,
        textOf(test),
        { function: activation.function, line: activation.line },
        activation,
      )
    const [yesEnd, yesValue] = expression.yes ? this.evaluate(expression.yes, taken, activation) : [taken, first]
    const [noEnd, noValue] = this.evaluate(no, other, activation)
    const after = this.graph.step(yesEnd, { sets: { place, to: yesValue } })
    this.graph.join(noEnd, after, { sets: { place, to: noValue } })
    return [after, place]
  }

  private assign(
    expression: Extract<Expression, { kind: 'assign' }>,
    at: number,
    activation: Activation,
  ): readonly [number, Value] {
    const { target, value, text, line } = expression
    const [here, to] = value ? this.evaluate(value, at, activation) : ([at, anything] as const)
    const name = target.kind === 'place' ? target.text : undefined
    const after = name === undefined ? this.evaluate(target, here, activation)[0] : here
    const site: Site = { function: activation.function, line }
    const place = name === undefined ? temporary(activation) : placeIn(activation.id, name)
    const forgets =
      name === undefined ? (one: string): boolean => /->|[*[]/.test(one) : overwritten(activation.id, name)
    let done = this.graph.step(after, { forgets, sets: { place, to }, site })
    const role = this.sources.roles.ofAssignment(text, activation.function)
    if (role?.kind === 'steps')
      for (const label of role.steps) done = this.graph.step(done, { label, text, shown: 'call', site })
    return [done, place]
  }

  private call(call: Call, from: number, activation: Activation): readonly [number, Value] {
    const { graph, sources } = this
    let at = from
    const values: Value[] = []
    for (const arg of call.args) {
      const [after, value] = this.evaluate(arg, at, activation)
      at = after
      values.push(value)
    }
    const role = sources.roles.of(call, activation.function)
    const site: Site = { function: activation.function, line: call.line }
    if (/^guard\(/.test(call.callee)) activation.guards.push(call.callee)
    const place = temporary(activation)
    if (role.kind === 'steps') at = this.steps(role.steps, call, at, place, site)
    const runs = sources.roles.runs(call)
    if (runs) return [this.callback(call, at, activation, place, site), place]
    const known = role.kind === 'open' || role.kind === 'quiet' ? sources.functionNamed(call.callee) : undefined
    if (known && role.kind === 'open' && !activation.stack.includes(call.callee) && activation.stack.length < deepest) {
      const exit = graph.node()
      this.enter(known, at, exit, place, values, activation)
      return [this.changed(call, exit, activation, site, true), place]
    }
    if (role.kind === 'open') at = graph.step(at, { unexplained: call.callee, text: call.text, site })
    if (role.kind === 'quiet') {
      // Nobody asks a pointer for its error unless it is one.
      if (call.callee === 'PTR_ERR') return [at, negative]
      return [at, transparent.test(call.callee) && values[0] !== undefined ? values[0] : anything]
    }
    return [this.changed(call, at, activation, site, false), role.kind === 'steps' ? place : anything]
  }

  /** The steps that a call stands for; where alternatives are told apart by what it returns, one way for each. */
  private steps(steps: readonly string[], call: Call, from: number, place: string, site: Site): number {
    let at = this.graph.step(from, { sets: { place, to: anything } })
    for (const step of steps) {
      const shown = { text: call.text, shown: 'call' as const, site }
      const outcomes = this.sources.outcomesOf(step)
      if (!outcomes) at = this.graph.step(at, { label: step, ...shown })
      else {
        const after = this.graph.node()
        for (const [label, signs] of outcomes) this.graph.join(at, after, { label, ...shown, test: { place, signs } })
        at = after
      }
    }
    return at
  }

  /** A call that runs a function that it is given. */
  private callback(call: Call, from: number, activation: Activation, place: string, site: Site): number {
    const runs = this.sources.roles.runs(call)!
    const name = callbackName(runs)
    const function_ = this.sources.functionNamed(name)
    const exit = this.graph.node()
    if (runs.mayFail)
      this.graph.join(from, exit, {
        sets: { place, to: negative },
        text: `${call.callee} fails without running ${name}`,
        shown: 'branch',
        site,
      })
    if (!function_) {
      this.findings.notFollowed.push(`${call.callee} runs ${name}, which is not in the files of this root`)
      this.graph.join(from, exit)
    } else if (activation.stack.includes(name)) {
      this.findings.notFollowed.push(`${name} runs itself`)
      this.graph.join(from, exit)
    } else this.enter(function_, from, exit, place, [], activation)
    return this.changed(call, exit, activation, site, false)
  }

  /** What a call may have changed is forgotten. */
  private changed(call: Call, at: number, activation: Activation, site: Site, lookedInto: boolean): number {
    const addresses = [...call.text.slice(call.callee.length).matchAll(/&(\w+)/g)].map(([, name]) => name!)
    if (lookedInto && addresses.length === 0) return at
    const constants = Object.keys(this.sources.root.constant ?? {})
    const locals = lookedInto ? everything : activation.locals
    const forgets = changedByCall(activation.id, locals, constants, addresses)
    return this.graph.step(at, {
      forgets: lookedInto ? (one) => addressed(one, activation.id, addresses) : forgets,
      site,
    })
  }

  /** Goes on at one of two nodes, by whether a condition is met. */
  branch(test: Expression, at: number, yes: number, no: number, activation: Activation): void {
    if (!this.assumedOf(test, at, yes, no, activation)) this.decide(test, at, yes, no, activation)
  }

  /** The two ways of a condition of which the mapping says nothing. */
  private decide(test: Expression, at: number, yes: number, no: number, activation: Activation): void {
    const site: Site = { function: activation.function, line: activation.line }
    switch (test.kind) {
      case 'not':
        return this.branch(test.of, at, no, yes, activation)
      case 'and':
      case 'or': {
        const right = this.graph.node()
        if (test.kind === 'and') this.branch(test.left, at, right, no, activation)
        else this.branch(test.left, at, yes, right, activation)
        return this.branch(test.right, right, yes, no, activation)
      }
      case 'compare':
        return this.comparison(test, at, yes, no, activation, site)
      case 'call': {
        const [inner] = test.args
        if (transparent.test(test.callee) && inner) return this.branch(inner, at, yes, no, activation)
        if (unchanging.test(test.callee))
          return this.split(placeIn(0, test.text), at, yes, no, test.text, site, activation)
        const [here, value] = this.call(test, at, activation)
        return this.split(value, here, yes, no, test.text, site, activation)
      }
      case 'parts': {
        const [here] = this.evaluate(test, at, activation)
        const value = busy(test) ? anything : placeIn(activation.id, test.text)
        return this.split(value, here, yes, no, test.text, site, activation)
      }
      default: {
        const [here, value] = this.evaluate(test, at, activation)
        return this.split(value, here, yes, no, textOf(test), site, activation)
      }
    }
  }

  /** Whether the mapping says which way is taken; that way is gone then. */
  private assumedOf(test: Expression, at: number, yes: number, no: number, activation: Activation): boolean {
    const text = textOf(test)
    const assumed = this.sources.root.assumes?.[text]
    if (!assumed) return false
    this.findings.assumed.add(text)
    if (!busy(test)) this.graph.join(at, assumed.is ? yes : no)
    else if (assumed.is) this.decide(test, at, yes, this.graph.node(), activation)
    else this.decide(test, at, this.graph.node(), no, activation)
    return true
  }

  private comparison(test: Comparison, at: number, yes: number, no: number, activation: Activation, site: Site): void {
    const [here, left] = this.evaluate(test.left, at, activation)
    return this.compare(test, left, here, yes, no, activation, site)
  }

  compare(
    test: Comparison,
    left: Value,
    at: number,
    yes: number,
    no: number,
    activation: Activation,
    site: Site,
  ): void {
    const [here, right] = this.evaluate(test.right, at, activation)
    const ways = { yes, no, text: test.text, site }
    if (right === zero) return this.signed(left, comparedWithZero[test.operator]!, here, ways, activation)
    if (left === zero) return this.signed(right, comparedWithZero[mirrored[test.operator]!]!, here, ways, activation)
    const equal = test.operator === '==' || test.operator === '!='
    const constant = typeof right === 'number' && right !== anything
    if (!equal || !constant || typeof left === 'number' || busy(test.left))
      return this.predicate(test, here, yes, no, activation, site)
    // Where `x == -EBUSY` x is negative; elsewhere that says nothing of its sign.
    const known = this.graph.node()
    this.predicate({ ...test, operator: '==' }, here, known, test.operator === '==' ? no : yes, activation, site)
    this.graph.join(known, test.operator === '==' ? yes : no, { test: { place: left, signs: right } })
  }

  /** A condition that is remembered by its text, as long as nothing in it changes. */
  private predicate(test: Comparison, at: number, yes: number, no: number, activation: Activation, site: Site): void {
    const negated = test.operator === '!='
    const text = negated ? test.text.replace('!=', '==') : test.text
    const value = busy(test.left) || busy(test.right) ? anything : placeIn(activation.id, text)
    this.split(value, at, negated ? no : yes, negated ? yes : no, text, site, activation)
  }

  private split(
    value: Value,
    at: number,
    yes: number,
    no: number,
    text: string,
    site: Site,
    activation: Activation,
  ): void {
    this.signed(value, nonzero, at, { yes, no, text, site }, activation)
  }

  private signed(
    value: Value,
    signs: Signs,
    at: number,
    { yes, no, text, site }: { yes: number; no: number; text: string; site: Site },
    activation: Activation,
  ): void {
    const place = typeof value === 'string' ? value : temporary(activation)
    const from = typeof value === 'string' ? at : this.graph.step(at, { sets: { place, to: value } })
    const shown = { shown: 'branch' as const, site }
    this.graph.join(from, yes, { test: { place, signs }, ...shown, text: `if (${text})` })
    this.graph.join(from, no, { test: { place, signs: anything & ~signs }, ...shown, text: `if not (${text})` })
  }
}

const deepest = 16

const everything: ReadonlySet<string> = new Set()

const addressed = (place: string, activation: number, addresses: readonly string[]): boolean =>
  place.startsWith(`${activation}#`) &&
  addresses.some((name) => new RegExp(`\\b${name}\\b`).test(place.slice(place.indexOf('#') + 1)))

/** The text of an expression, or nothing. */
export const textOf = (expression: Expression | undefined): string => expression?.text ?? ''
