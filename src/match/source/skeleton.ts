/** What a function does, in a few words: calls, branches, jumps. Facts about names, short enough to be kept in a mapping. */

import { within, type Expression, type Statement } from './syntax.js'

/** The skeleton of statements as words: `f() ?{ goto out } *{ g() } out: return`. */
export const skeletonOf = (statements: readonly Statement[]): string =>
  statements
    .flatMap(words)
    .join(' ')
    .replace(/\?\{ \} ?/g, '')
    .trim()

const calls = (expression: Expression | undefined): readonly string[] =>
  expression ? [...within(expression)].flatMap((one) => (one.kind === 'call' ? [`${one.callee}()`] : [])) : []

const braced = (mark: string, statements: readonly Statement[]): readonly string[] => [
  `${mark}{`,
  ...statements.flatMap(words),
  '}',
]

function words(statement: Statement): readonly string[] {
  switch (statement.kind) {
    case 'expression':
      return calls(statement.of)
    case 'declare':
      return calls(statement.value)
    case 'if':
      return [
        ...calls(statement.test),
        ...braced('?', statement.yes),
        ...(statement.no.length > 0 ? braced(':', statement.no) : []),
      ]
    case 'loop':
      return [
        ...statement.start.flatMap(words),
        '*{',
        ...calls(statement.test),
        ...statement.body.flatMap(words),
        ...calls(statement.step),
        '}',
      ]
    case 'switch':
      return [...calls(statement.on), ...statement.cases.flatMap(({ body }) => braced('|', body))]
    case 'return':
      return [...calls(statement.value), 'return']
    case 'goto':
      return [`goto ${statement.label}`]
    case 'label':
      return [`${statement.name}:`]
    case 'break':
    case 'continue':
      return [statement.kind]
    case 'block':
      return statement.body.flatMap(words)
    case 'scope':
      return [...calls(statement.call), ...braced('', statement.body)]
    case 'configured':
      return [
        ...braced(`#${statement.condition}`, statement.yes),
        ...(statement.no.length > 0 ? braced(':', statement.no) : []),
      ]
    case 'unread':
      return []
  }
}
