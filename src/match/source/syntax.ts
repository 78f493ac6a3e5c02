/** What is kept of a C function: its calls in evaluation order, its branches and jumps, and what it assigns. */

/** An expression, down to what a comparison with a model needs; `text` is the source without comments and line breaks. */
export type Expression =
  | Call
  | { readonly kind: 'place'; readonly text: string }
  | { readonly kind: 'constant'; readonly text: string }
  | { readonly kind: 'not'; readonly of: Expression; readonly text: string }
  | Junction
  | Comparison
  | Assignment
  | {
      readonly kind: 'choice'
      readonly test: Expression
      readonly yes: Expression | undefined
      readonly no: Expression
      readonly text: string
    }
  | { readonly kind: 'parts'; readonly parts: readonly Expression[]; readonly text: string }

/** A call; of `guard(mutex)(&x)` the callee is `guard(mutex)`. */
export interface Call {
  readonly kind: 'call'
  readonly callee: string
  readonly args: readonly Expression[]
  readonly text: string
  readonly line: number
}

/** `&&` is `and`, `||` is `or`: what stands on the right may not be evaluated. */
export interface Junction {
  readonly kind: 'and' | 'or'
  readonly left: Expression
  readonly right: Expression
  readonly text: string
}

/** A comparison of two values. */
export interface Comparison {
  readonly kind: 'compare'
  readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>='
  readonly left: Expression
  readonly right: Expression
  readonly text: string
}

/** `x = value`, and what amounts to it: `x += 1`, `x++`, whose value is not kept. */
export interface Assignment {
  readonly kind: 'assign'
  readonly target: Expression
  readonly value: Expression | undefined
  readonly text: string
  readonly line: number
}

/** A statement; lines are those of the file, from 1. */
export type Statement =
  | { readonly kind: 'expression'; readonly of: Expression; readonly line: number }
  | { readonly kind: 'declare'; readonly name: string; readonly value: Expression | undefined; readonly line: number }
  | {
      readonly kind: 'if'
      readonly test: Expression
      readonly yes: readonly Statement[]
      readonly no: readonly Statement[]
      readonly line: number
    }
  | Loop
  | Switch
  | { readonly kind: 'return'; readonly value: Expression | undefined; readonly line: number }
  | { readonly kind: 'goto'; readonly label: string; readonly line: number }
  | { readonly kind: 'label'; readonly name: string; readonly line: number }
  | { readonly kind: 'break' | 'continue'; readonly line: number }
  /** Braces: what a `guard` in them takes is given back at their end. */
  | { readonly kind: 'block'; readonly body: readonly Statement[]; readonly line: number }
  /** `scoped_guard(mutex, &x) { … }`. */
  | { readonly kind: 'scope'; readonly call: Call; readonly body: readonly Statement[]; readonly line: number }
  /** `#ifdef` on something that the configuration leaves open. */
  | {
      readonly kind: 'configured'
      readonly condition: string
      readonly yes: readonly Statement[]
      readonly no: readonly Statement[]
      readonly line: number
    }
  /** What the parser could not make sense of. */
  | { readonly kind: 'unread'; readonly text: string; readonly line: number }

/** A loop; `each` is one that a macro heads: `list_for_each_entry(…)`. */
export interface Loop {
  readonly kind: 'loop'
  readonly form: 'for' | 'while' | 'do' | 'each'
  readonly start: readonly Statement[]
  readonly test: Expression | undefined
  readonly step: Expression | undefined
  readonly body: readonly Statement[]
  readonly head: string
  readonly line: number
}

/** A `switch`; each case falls through to the next unless its body ends otherwise. */
export interface Switch {
  readonly kind: 'switch'
  readonly on: Expression
  readonly cases: readonly {
    readonly value: Expression | undefined
    readonly body: readonly Statement[]
    readonly line: number
  }[]
  readonly line: number
}

/** Every expression within one, itself included, in evaluation order of its calls. */
export function* within(expression: Expression): Generator<Expression> {
  for (const part of partsOf(expression)) yield* within(part)
  yield expression
}

/** The direct parts of an expression. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'call':
      return expression.args
    case 'not':
      return [expression.of]
    case 'and':
    case 'or':
    case 'compare':
      return [expression.left, expression.right]
    case 'assign':
      return expression.value ? [expression.value, expression.target] : [expression.target]
    case 'choice':
      return expression.yes ? [expression.test, expression.yes, expression.no] : [expression.test, expression.no]
    case 'parts':
      return expression.parts
    case 'place':
    case 'constant':
      return []
  }
}
