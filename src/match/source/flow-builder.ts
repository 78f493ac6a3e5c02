/** Makes the control-flow graph of a root: calls become steps, and functions at hand are looked into. */

import type { Activation, Findings, Sources, Targets, Value } from './activation.js'
import type { CFunction } from './c-file.js'
import { ExpressionFlow, textOf } from './expression-flow.js'
import { FlowGraph, type Flow, type FlowEdge, type Site } from './flow.js'
import { overwritten, placeIn } from './places.js'
import { anything } from './signs.js'
import type { Call, Loop, Statement, Switch } from './syntax.js'

/** The graph of a root. @throws TooLarge, Unreadable */
export function flowOf(sources: Sources, function_: CFunction): { readonly flow: Flow; readonly findings: Findings } {
  const builder = new Builder(sources)
  return builder.build(function_)
}

class Builder {
  private readonly graph = new FlowGraph()
  private activations = 0
  private readonly temporaries = { next: 1 }
  private readonly expressions: ExpressionFlow
  private readonly findings: Findings = {
    read: new Map(),
    assumed: new Set(),
    notFollowed: [],
  }

  constructor(private readonly sources: Sources) {
    this.expressions = new ExpressionFlow(
      this.graph,
      sources,
      this.findings,
      (one, from, exit, returned, values, caller) => this.activate(one, from, exit, returned, values, caller.stack),
    )
  }

  build(function_: CFunction): { readonly flow: Flow; readonly findings: Findings } {
    const start = this.graph.node()
    const exit = this.graph.node()
    const returned = '0#$returned'
    this.activate(function_, start, exit, returned, [], [])
    return { flow: { edges: this.graph.edges, start, exit, returned }, findings: this.findings }
  }

  /** The body of a function between two nodes; what it returns goes to a place. */
  private activate(
    function_: CFunction,
    from: number,
    exit: number,
    returned: string,
    values: readonly Value[],
    stack: readonly string[],
  ): void {
    const { name, parameters } = function_
    this.findings.read.set(name, function_)
    if (function_.unread.length > 0)
      this.findings.notFollowed.push(`${name}: the parser could not read line ${function_.unread.join(', ')}`)
    const body = function_.body()
    const id = ++this.activations
    const activation: Activation = {
      id,
      function: name,
      locals: new Set([...parameters, ...declaredIn(body)]),
      exit,
      returned,
      line: function_.line,
      temporaries: this.temporaries,
      labels: new Map(),
      stack: [...stack, name],
      guards: [],
    }
    let at = from
    parameters.forEach((parameter, i) => {
      const to = values[i]
      if (to !== undefined) at = this.graph.step(at, { sets: { place: placeIn(id, parameter), to } })
    })
    const end = this.block(body, at, activation, {})
    if (end !== undefined) this.leave(end, activation, anything, { function: name, line: function_.end })
  }

  /** The end of an activation: its value is kept, its places are forgotten. */
  private leave(at: number, activation: Activation, value: Value, site: Site, text?: string): void {
    const own = `${activation.id}#`
    const released = this.release(at, activation, 0)
    const set = this.graph.step(released, {
      sets: { place: activation.returned, to: value },
      site,
      ...(text !== undefined && activation.stack.length === 1 && { text, shown: 'jump' as const }),
    })
    this.graph.join(set, activation.exit, {
      forgets: (place) => place.startsWith(own) && place !== activation.returned,
    })
  }

  /** Gives back guards down to a depth, as `unguard(…)`, where the mapping covers that. */
  private release(from: number, activation: Activation, depth: number): number {
    let at = from
    for (const guard of activation.guards.slice(depth).reverse()) {
      const call: Call = { kind: 'call', callee: `un${guard}`, args: [], text: `un${guard}()`, line: 0 }
      const role = this.sources.roles.of(call, activation.function)
      if (role.kind === 'steps')
        for (const label of role.steps) at = this.graph.step(at, { label, text: call.text, shown: 'call' })
    }
    return at
  }

  private block(
    statements: readonly Statement[],
    from: number,
    activation: Activation,
    targets: Targets,
  ): number | undefined {
    const depth = activation.guards.length
    let at: number | undefined = from
    for (const statement of statements) {
      if (at === undefined && !holdsLabel(statement)) continue
      // What is jumped over is only reached through its labels.
      at = this.statement(statement, at ?? this.graph.node(), activation, targets)
    }
    if (at !== undefined) at = this.release(at, activation, depth)
    activation.guards.length = depth
    return at
  }

  private statement(statement: Statement, at: number, activation: Activation, targets: Targets): number | undefined {
    const { graph } = this
    activation.line = statement.line
    const site: Site = { function: activation.function, line: statement.line }
    switch (statement.kind) {
      case 'expression':
        return this.expressions.evaluate(statement.of, at, activation)[0]
      case 'declare': {
        if (!statement.value) return at
        const [after, value] = this.expressions.evaluate(statement.value, at, activation)
        const place = placeIn(activation.id, statement.name)
        return graph.step(after, { forgets: overwritten(activation.id, statement.name), sets: { place, to: value } })
      }
      case 'if': {
        const yes = graph.node()
        const no = graph.node()
        this.expressions.branch(statement.test, at, yes, no, activation)
        return this.joined(
          this.block(statement.yes, yes, activation, targets),
          this.block(statement.no, no, activation, targets),
        )
      }
      case 'configured': {
        const shown = (taken: boolean): Partial<FlowEdge> => ({
          text: `#if ${taken ? '' : 'not '}${statement.condition}`,
          shown: 'branch',
          site,
        })
        return this.joined(
          this.block(statement.yes, graph.step(at, shown(true)), activation, targets),
          this.block(statement.no, graph.step(at, shown(false)), activation, targets),
        )
      }
      case 'loop':
        return this.loop(statement, at, activation)
      case 'switch':
        return this.switch(statement, at, activation, targets)
      case 'return': {
        const [after, value] = statement.value
          ? this.expressions.evaluate(statement.value, at, activation)
          : ([at, anything] as const)
        this.leave(after, activation, value, site, `return ${textOf(statement.value)}`.trim())
        return undefined
      }
      case 'goto':
        graph.join(this.release(at, activation, 0), this.label(activation, statement.label), {
          text: `goto ${statement.label}`,
          shown: 'jump',
          site,
        })
        return undefined
      case 'label': {
        const label = this.label(activation, statement.name)
        graph.join(at, label)
        return label
      }
      case 'break':
      case 'continue': {
        const to = targets[statement.kind]
        if (to !== undefined) graph.join(at, to)
        return to === undefined ? at : undefined
      }
      case 'block':
        return this.block(statement.body, at, activation, targets)
      case 'scope': {
        const inside = this.expressions.evaluate(statement.call, at, activation)[0]
        activation.guards.push(statement.call.callee)
        const end = this.block(statement.body, inside, activation, targets)
        const after = end === undefined ? undefined : this.release(end, activation, activation.guards.length - 1)
        activation.guards.pop()
        return after
      }
      case 'unread':
        this.findings.notFollowed.push(
          `${activation.function}: line ${statement.line} could not be read: ${statement.text}`,
        )
        return at
    }
  }

  private joined(a: number | undefined, b: number | undefined): number | undefined {
    if (a === undefined || b === undefined) return a ?? b
    const to = this.graph.node()
    this.graph.join(a, to)
    this.graph.join(b, to)
    return to
  }

  private label(activation: Activation, name: string): number {
    const known = activation.labels.get(name)
    if (known !== undefined) return known
    const node = this.graph.node()
    activation.labels.set(name, node)
    return node
  }

  /** `for` and macros that head loops go round at least once: stated with every report. A `while` may not. */
  private loop(loop: Loop, from: number, activation: Activation): number {
    const { graph } = this
    let at = from
    for (const statement of loop.start) at = this.statement(statement, at, activation, {}) ?? at
    const test = graph.node()
    const body = graph.node()
    const next = graph.node()
    const out = graph.node()
    const entered = graph.step(at, { forgets: overwrittenBy(loop, activation.id) })
    if (loop.form === 'while') graph.join(entered, test)
    else if (loop.form === 'for' && loop.test)
      this.expressions.branch(loop.test, entered, body, graph.node(), activation)
    else graph.join(entered, body)
    if (loop.form === 'each') {
      graph.join(test, body, { forgets: overwrittenBy(loop, activation.id) })
      graph.join(test, out)
    } else if (loop.test) this.expressions.branch(loop.test, test, body, out, activation)
    else graph.join(test, body)
    const end = this.block(loop.body, body, activation, { break: out, continue: next })
    if (end !== undefined) graph.join(end, next)
    const asked = loop.test ? textOf(loop.test) : loop.head
    if (Object.hasOwn(this.sources.root.once ?? {}, asked)) {
      this.findings.assumed.add(asked)
      graph.join(next, out)
      return out
    }
    const stepped = loop.step ? this.expressions.evaluate(loop.step, next, activation)[0] : next
    graph.join(stepped, test)
    return out
  }

  private switch({ on, cases, line }: Switch, from: number, activation: Activation, targets: Targets): number {
    const { graph } = this
    const [at, value] = this.expressions.evaluate(on, from, activation)
    const out = graph.node()
    const bodies = cases.map(() => graph.node())
    let test = at
    let byDefault = out
    cases.forEach((one, i) => {
      if (!one.value) {
        byDefault = bodies[i]!
        return
      }
      const other = graph.node()
      this.expressions.compare(
        {
          kind: 'compare',
          operator: '==',
          left: on,
          right: one.value,
          text: `${on.kind === 'call' ? '' : textOf(on)} == ${textOf(one.value)}`,
        },
        value,
        test,
        bodies[i]!,
        other,
        activation,
        { function: activation.function, line: one.line || line },
      )
      test = other
    })
    graph.join(test, byDefault)
    let fallen: number | undefined
    cases.forEach((one, i) => {
      if (fallen !== undefined) graph.join(fallen, bodies[i]!)
      fallen = this.block(one.body, bodies[i]!, activation, { ...targets, break: out })
    })
    if (fallen !== undefined) graph.join(fallen, out)
    return out
  }
}

/** What the turns of a loop change: everything that is assigned in it, and what its head counts. */
function overwrittenBy(loop: Loop, activation: number): (place: string) => boolean {
  if (loop.form !== 'each') return () => false
  const counters = (loop.head.match(/\(\s*(\w+)\s*[,)]/) ?? []).slice(1).map((name) => overwritten(activation, name))
  return (place) => counters.some((one) => one(place))
}

/** Whether a statement can be reached although nothing leads to it: it holds a label. */
function holdsLabel(statement: Statement): boolean {
  switch (statement.kind) {
    case 'label':
      return true
    case 'block':
    case 'scope':
    case 'loop':
      return statement.body.some(holdsLabel)
    case 'if':
    case 'configured':
      return [...statement.yes, ...statement.no].some(holdsLabel)
    case 'switch':
      return statement.cases.some(({ body }) => body.some(holdsLabel))
    default:
      return false
  }
}

/** The variables that are declared anywhere in a body. */
function declaredIn(statements: readonly Statement[]): readonly string[] {
  return statements.flatMap((statement): readonly string[] => {
    switch (statement.kind) {
      case 'declare':
        return [statement.name]
      case 'block':
      case 'scope':
        return declaredIn(statement.body)
      case 'loop':
        return [...declaredIn(statement.start), ...declaredIn(statement.body)]
      case 'if':
      case 'configured':
        return [...declaredIn(statement.yes), ...declaredIn(statement.no)]
      case 'switch':
        return statement.cases.flatMap(({ body }) => declaredIn(body))
      default:
        return []
    }
  })
}
