/** Reads the parser's tree of one function as {@link Statement}s, also where the kernel's macros are no C. */

import type { Node } from 'web-tree-sitter'
import { headOf } from './macros.js'
import type { Piece } from './pieces.js'
import type { Call, Comparison, Expression, Statement, Switch } from './syntax.js'

/** A function nested deeper than this is not read: nobody writes such code, and the stack has an end. */
const deepest = 400

/** What is thrown for a function that cannot be read at all. */
export class Unreadable extends Error {}

/** The name that a function's definition declares. */
export function declaredName(definition: Node): string | undefined {
  let at = definition.childForFieldName('declarator')
  while (at && at.type !== 'identifier') {
    if (at.type === 'ERROR') return undefined
    at = at.childForFieldName('declarator') ?? at.namedChild(0)
  }
  return at?.text
}

/** The names of its parameters, in order; `void` and `...` are none. */
export function parameterNames(definition: Node): readonly string[] {
  let at = definition.childForFieldName('declarator')
  while (at && at.type !== 'function_declarator') at = at.childForFieldName('declarator')
  const list = at?.childForFieldName('parameters')
  return childrenOf(list).flatMap((parameter) => {
    if (parameter.type !== 'parameter_declaration') return []
    let name = parameter.childForFieldName('declarator')
    while (name && name.type !== 'identifier') name = name.childForFieldName('declarator') ?? name.namedChild(0)
    return name ? [name.text] : []
  })
}

/** The statements of a function's body. @throws Unreadable if it is nested too deeply. */
export function bodyOf(definition: Node, piece: Piece): readonly Statement[] {
  return new Reader(piece).block(definition.childForFieldName('body'))
}

/** Text on one line, without comments. */
export const squashed = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ')
    .replace(/\\?\s+/g, ' ')
    .trim()

const childrenOf = (node: Node | null | undefined): Node[] =>
  (node?.namedChildren ?? []).filter((child) => child.type !== 'comment')

class Reader {
  private depth = 0

  /** @param piece what the tree is of, before macros were written as something that the parser knows. */
  constructor(private readonly piece: Piece) {}

  block(node: Node | null): readonly Statement[] {
    return this.list(childrenOf(node))
  }

  private list(nodes: readonly Node[]): readonly Statement[] {
    const made: Statement[] = []
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!
      const head = headedBlock(node)
      if (head && nodes[i + 1]) made.push(this.headed(head, nodes[++i]!))
      else made.push(...this.statement(node))
    }
    return made
  }

  /** `macro(…) statement`: the parser sees a call that lacks its `;`, and then a statement. */
  private headed(head: Node, body: Node): Statement {
    return this.under(this.call(head), this.statement(body), this.line(head))
  }

  /** A block under a macro: a scope, or a loop whose turns nobody counts. */
  private under(call: Call, body: readonly Statement[], line: number): Statement {
    if (headOf(call.callee) === 'scope') return { kind: 'scope', call, body, line }
    const none = { start: [], test: undefined, step: undefined }
    return { kind: 'loop', form: 'each', ...none, body, head: call.text, line }
  }

  /** The macro that became this `while`, as it stands in the file. */
  private macroOf(node: Node): Call | undefined {
    const test = node.childForFieldName('condition')
    const written = this.piece.text.slice(node.startIndex, test?.endIndex)
    if (!test || /^while\b/.test(written)) return undefined
    const args = childrenOf(test).flatMap((one) => (one.type === 'comma_expression' ? commas(one) : [one]))
    return {
      kind: 'call',
      callee: /^\w+/.exec(written)![0],
      args: args.map((one) => this.expression(one)),
      text: squashed(written),
      line: this.line(node),
    }
  }

  private line(node: Node): number {
    return this.piece.row + node.startPosition.row + 1
  }

  private statement(node: Node): readonly Statement[] {
    if (++this.depth > deepest) throw new Unreadable(`is nested more than ${deepest} deep`)
    try {
      return this.statementOf(node)
    } finally {
      this.depth--
    }
  }

  private statementOf(node: Node): readonly Statement[] {
    const line = this.line(node)
    const field = (name: string): Node | null => node.childForFieldName(name)
    switch (node.type) {
      case 'compound_statement':
        return [{ kind: 'block', body: this.block(node), line }]
      case 'if_statement':
        return [
          {
            kind: 'if',
            test: this.expression(field('condition')),
            yes: this.branch(field('consequence')),
            no: this.block(field('alternative')),
            line,
          },
        ]
      case 'for_statement':
      case 'while_statement':
      case 'do_statement':
        return [this.loop(node, line)]
      case 'switch_statement':
        return [this.switched(node, line)]
      case 'return_statement': {
        const value = childrenOf(node)[0]
        return [{ kind: 'return', value: value && this.expression(value), line }]
      }
      case 'goto_statement':
        return [{ kind: 'goto', label: field('label')?.text ?? squashed(node.text), line }]
      case 'labeled_statement':
        return [{ kind: 'label', name: field('label')!.text, line }, ...this.list(childrenOf(node).slice(1))]
      case 'break_statement':
        return [{ kind: 'break', line }]
      case 'continue_statement':
        return [{ kind: 'continue', line }]
      case 'preproc_ifdef':
      case 'preproc_if':
      case 'preproc_elif':
      case 'preproc_elifdef':
        return [this.configured(node, line)]
      case 'preproc_else':
      case 'else_clause':
        return this.block(node)
      case 'case_statement':
        // A label outside of a switch that the parser saw: a macro hides it.
        return this.list(childrenOf(node))
      case 'declaration':
        return this.declared(node, line)
      case 'expression_statement':
        return node.namedChildCount === 0 ? [] : [{ kind: 'expression', of: this.expression(node.namedChild(0)), line }]
      case 'ERROR':
        return [...this.callsIn(node), { kind: 'unread', text: squashed(node.text).slice(0, 80), line }]
      default:
        return declares.test(node.type) ? [] : [{ kind: 'expression', of: this.expression(node), line }]
    }
  }

  private branch(node: Node | null): readonly Statement[] {
    return node ? this.statement(node) : []
  }

  private loop(node: Node, line: number): Statement {
    const macro = node.type === 'while_statement' ? this.macroOf(node) : undefined
    if (macro) return this.under(macro, this.branch(node.childForFieldName('body')), line)
    const field = (name: string): Node | null => node.childForFieldName(name)
    const form = node.type === 'for_statement' ? 'for' : node.type === 'do_statement' ? 'do' : 'while'
    const [start, test, step] = ['initializer', 'condition', 'update'].map(field)
    const body = field('body')
    return {
      kind: 'loop',
      form,
      start: start ? this.statement(start) : [],
      test: test ? this.expression(test) : undefined,
      step: step ? this.expression(step) : undefined,
      body: this.branch(body),
      head: form === 'do' ? `do … while ${squashed(test?.text ?? '')}` : headText(node, body),
      line,
    }
  }

  private switched(node: Node, line: number): Switch {
    const cases = childrenOf(node.childForFieldName('body')).flatMap((one) => {
      if (one.type !== 'case_statement') return []
      const value = one.childForFieldName('value')
      const body = childrenOf(one).filter((child) => child.id !== value?.id)
      return [{ value: value ? this.expression(value) : undefined, body: this.list(body), line: this.line(one) }]
    })
    return { kind: 'switch', on: this.expression(node.childForFieldName('condition')), cases, line }
  }

  private configured(node: Node, line: number): Statement {
    const condition = node.childForFieldName('name') ?? node.childForFieldName('condition')
    const otherwise = node.childForFieldName('alternative')
    const own = childrenOf(node).filter((child) => child.id !== condition?.id && child.id !== otherwise?.id)
    const negated = node.child(0)?.type === '#ifndef' ? '!' : ''
    return {
      kind: 'configured',
      condition: negated + squashed(condition?.text ?? ''),
      yes: this.list(own),
      no: otherwise ? this.statement(otherwise) : [],
      line,
    }
  }

  private declared(node: Node, line: number): readonly Statement[] {
    const made = node.childrenForFieldName('declarator').flatMap((one): Statement[] => {
      const value = one.type === 'init_declarator' ? one.childForFieldName('value') : null
      let name: Node | null = one
      while (name && name.type !== 'identifier') name = name.childForFieldName('declarator') ?? name.namedChild(0)
      return name ? [{ kind: 'declare', name: name.text, value: value ? this.expression(value) : undefined, line }] : []
    })
    return made
  }

  /** The calls in what could not be parsed: they are there, in this order, whatever stands around them. */
  private callsIn(node: Node): readonly Statement[] {
    return node
      .descendantsOfType('call_expression')
      .map((call) => ({ kind: 'expression', of: this.expression(call), line: this.line(call) }))
  }

  private expression(node: Node | null): Expression {
    if (++this.depth > deepest) throw new Unreadable(`is nested more than ${deepest} deep`)
    try {
      return node ? this.expressionOf(node) : { kind: 'constant', text: '' }
    } finally {
      this.depth--
    }
  }

  private expressionOf(node: Node): Expression {
    const field = (name: string): Node | null => node.childForFieldName(name)
    const text = squashed(node.text)
    switch (node.type) {
      case 'parenthesized_expression':
      case 'cast_expression':
        return this.expression(field('value') ?? childrenOf(node)[0] ?? null)
      case 'call_expression':
        return this.call(node)
      case 'identifier':
      case 'field_expression':
      case 'subscript_expression':
      case 'pointer_expression':
        return this.place(node, text)
      case 'number_literal':
      case 'char_literal':
      case 'string_literal':
      case 'concatenated_string':
      case 'null':
      case 'true':
      case 'false':
      case 'sizeof_expression':
      case 'offsetof_expression':
        return { kind: 'constant', text }
      case 'unary_expression':
        return this.unary(node, text)
      case 'binary_expression':
        return this.binary(node, text)
      case 'assignment_expression':
        return this.assigned(node, text)
      case 'update_expression':
        return {
          kind: 'assign',
          target: this.expression(field('argument')),
          value: undefined,
          text,
          line: this.line(node),
        }
      case 'conditional_expression':
        return {
          kind: 'choice',
          test: this.expression(field('condition')),
          yes: field('consequence') ? this.expression(field('consequence')) : undefined,
          no: this.expression(field('alternative')),
          text,
        }
      default:
        return { kind: 'parts', parts: childrenOf(node).map((child) => this.expression(child)), text }
    }
  }

  /** A variable or a field; where calls or assignments are needed to find it, these are kept. */
  private place(node: Node, text: string): Expression {
    const busy = node.descendantsOfType(['call_expression', 'assignment_expression', 'update_expression'])
    if (busy.length > 0) return { kind: 'parts', parts: busy.slice(0, 1).map((one) => this.expression(one)), text }
    return { kind: 'place', text: text.replace(/\s*(->|\.|\[|\])\s*/g, '$1') }
  }

  private unary(node: Node, text: string): Expression {
    const of = this.expression(node.childForFieldName('argument'))
    if (node.childForFieldName('operator')?.type === '!') return { kind: 'not', of, text }
    const constant = of.kind === 'constant' || (of.kind === 'place' && /^[A-Z]\w*$/.test(of.text))
    return constant ? { kind: 'constant', text: text.replace(/\s/g, '') } : { kind: 'parts', parts: [of], text }
  }

  private binary(node: Node, text: string): Expression {
    const [left, right] = ['left', 'right'].map((name) => this.expression(node.childForFieldName(name)))
    const operator = node.childForFieldName('operator')?.type ?? ''
    if (operator === '&&') return { kind: 'and', left: left!, right: right!, text }
    if (operator === '||') return { kind: 'or', left: left!, right: right!, text }
    if (!/^([!=<>]=|[<>])$/.test(operator)) return { kind: 'parts', parts: [left!, right!], text }
    return { kind: 'compare', operator: operator as Comparison['operator'], left: left!, right: right!, text }
  }

  private assigned(node: Node, text: string): Expression {
    const plain = node.childForFieldName('operator')?.type === '='
    const value = this.expression(node.childForFieldName('right'))
    const target = this.expression(node.childForFieldName('left'))
    const kept: Expression = plain ? value : { kind: 'parts', parts: [value], text: squashed(node.text) }
    return { kind: 'assign', target, value: kept, text, line: this.line(node) }
  }

  private call(node: Node): Call {
    const called = node.childForFieldName('function')
    const args = childrenOf(node.childForFieldName('arguments'))
    return {
      kind: 'call',
      callee: squashed(called?.text ?? '').replace(/\s*(->|\.|\(|\)|\*)\s*/g, '$1'),
      args: args.map((one) => this.expression(one)),
      text: squashed(node.text),
      line: this.line(node),
    }
  }
}

/** Node types that declare or direct, and run nothing. */
const declares =
  /^(preproc_|type_definition|struct_|union_|enum_|attributed_|function_definition|linkage_|type_|gnu_asm)/

/** The call of an expression statement whose `;` is missing: a macro that heads a block. */
function headedBlock(node: Node): Node | undefined {
  if (node.type !== 'expression_statement' || !node.lastChild?.isMissing) return undefined
  const call = node.namedChild(0)
  return call?.type === 'call_expression' ? call : undefined
}

/** `a, b, c` as a list. */
const commas = (node: Node): Node[] =>
  childrenOf(node).flatMap((one) => (one.type === 'comma_expression' ? commas(one) : [one]))

const headText = (node: Node, body: Node | null): string =>
  squashed(node.text.slice(0, body ? body.startIndex - node.startIndex : undefined))
