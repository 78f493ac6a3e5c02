/** What stands on the lines of a function that a patch changes: calls, conditions, jumps, assignments. */

import type { CFunction } from '../source/c-file.js'
import { within, type Call, type Expression, type Statement } from '../source/syntax.js'

/** One thing on a changed line. */
export type Change =
  | { readonly kind: 'call'; readonly call: Call; readonly text: string; readonly line: number }
  | {
      /** `tests`: the callees whose result it asks for, directly or through a variable that was just given it. */
      readonly kind: 'condition'
      readonly tests: readonly string[]
      readonly text: string
      readonly line: number
    }
  | { readonly kind: 'jump' | 'assignment' | 'unread'; readonly text: string; readonly line: number }

/** What stands on the given lines of a function, in its order. Linear in the function. @throws Unreadable */
export function changesOn(function_: CFunction, lines: readonly number[]): readonly Change[] {
  if (lines.length === 0) return []
  const wanted = new Set(lines)
  return new Walk().list(function_.body()).filter(({ line }) => wanted.has(line))
}

class Walk {
  /** Which call last gave a variable its value. */
  private readonly given = new Map<string, string>()

  list(statements: readonly Statement[]): readonly Change[] {
    return statements.flatMap((statement) => this.statement(statement))
  }

  private statement(statement: Statement): readonly Change[] {
    const { line } = statement
    switch (statement.kind) {
      case 'expression':
        return this.inside(statement.of, line)
      case 'declare':
        return this.declared(statement.name, statement.value, line)
      case 'if':
        return [
          ...this.inside(statement.test, line),
          this.condition(statement.test, line),
          ...this.list(statement.yes),
          ...this.list(statement.no),
        ]
      case 'configured':
        return [
          { kind: 'condition', tests: [], text: `#if ${statement.condition}`, line },
          ...this.list(statement.yes),
          ...this.list(statement.no),
        ]
      case 'loop':
        return [
          ...this.list(statement.start),
          ...this.inside(statement.test, line),
          { kind: 'condition', tests: [], text: statement.head, line },
          ...this.list(statement.body),
          ...this.inside(statement.step, line),
        ]
      case 'switch':
        return [
          ...this.inside(statement.on, line),
          ...statement.cases.flatMap((one) => [
            { kind: 'condition', tests: [], text: `case ${one.value?.text ?? 'default'}`, line: one.line } as const,
            ...this.list(one.body),
          ]),
        ]
      case 'return':
        return [
          ...this.inside(statement.value, line),
          { kind: 'jump', text: `return ${statement.value?.text ?? ''}`.trim(), line },
        ]
      case 'goto':
        return [{ kind: 'jump', text: `goto ${statement.label}`, line }]
      case 'label':
        return [{ kind: 'jump', text: `${statement.name}:`, line }]
      case 'break':
      case 'continue':
        return [{ kind: 'jump', text: statement.kind, line }]
      case 'block':
        return this.list(statement.body)
      case 'scope':
        return [...this.inside(statement.call, line), ...this.list(statement.body)]
      case 'unread':
        return [{ kind: 'unread', text: statement.text, line }]
    }
  }

  private declared(name: string, value: Expression | undefined, line: number): readonly Change[] {
    this.give(name, value)
    return value ? [...this.inside(value, line), ...assigned(name, value, line)] : []
  }

  private inside(expression: Expression | undefined, line: number): readonly Change[] {
    if (!expression) return []
    return [...within(expression)].flatMap((one): readonly Change[] => {
      if (one.kind === 'call') return [{ kind: 'call', call: one, text: one.text, line: one.line || line }]
      if (one.kind !== 'assign') return []
      this.give(one.target.text, one.value)
      return assigned(one.target.text, one.value, one.line)
    })
  }

  private give(name: string, value: Expression | undefined): void {
    const call = value && [...within(value)].findLast((one) => one.kind === 'call')
    if (call?.kind === 'call') this.given.set(name, call.callee)
    else this.given.delete(name)
  }

  private condition(test: Expression, line: number): Change {
    const tests = [...within(test)].flatMap((one) => {
      if (one.kind === 'call') return [one.callee]
      const callee = one.kind === 'place' ? this.given.get(one.text) : undefined
      return callee === undefined ? [] : [callee]
    })
    return { kind: 'condition', tests, text: `if (${test.text})`, line }
  }
}

/** An assignment that only keeps what a call returns is no change beside the call. */
const assigned = (name: string, value: Expression | undefined, line: number): readonly Change[] =>
  value?.kind === 'call' ? [] : [{ kind: 'assignment', text: `${name} = ${value?.text ?? '…'}`, line }]
