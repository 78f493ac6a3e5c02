/** JSON files checked against their schemas, with errors that name file, place, what was found and what is allowed. */

import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { existsSync, readFileSync } from 'node:fs'
import { spellValue } from '../write/domain.js'
import { Mistake, suggestion, unknownName } from '../write/mistake.js'
import { described } from '../write/want.js'
import { parsed, placeAt, type Path } from './json.js'

const compiled = new Map<string, ValidateFunction>()

/** The schema of the given name, `spec`, `report` or `trace`, as shipped beside this file. */
export function schemaNamed(name: string): ValidateFunction {
  const known = compiled.get(name)
  if (known) return known
  const schema = JSON.parse(readFileSync(new URL(`./${name}.schema.json`, import.meta.url), 'utf8')) as object
  const validate = new Ajv2020({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true }).compile(schema)
  compiled.set(name, validate)
  return validate
}

/** Reads and validates a JSON file. @throws Mistake naming the file, line and column, and the field. */
export const readJson = <T>(file: string, schema: string): T => validated<T>(parsed(file), schema, file)

/** A value that fits a schema. @throws Mistake naming the file that it is from, and the field. */
export function validated<T>(value: unknown, schema: string, file: string): T {
  const validate = schemaNamed(schema)
  if (validate(value)) return value as T
  throw mistakeOf(file, value, telling(validate.errors!))
}

/** Of several errors in one place, one for each way in which it could have been right, the most telling. */
function telling(errors: readonly ErrorObject[]): ErrorObject {
  const told = errors.filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'if')
  const deep = ({ instancePath, keyword, data }: ErrorObject): number =>
    instancePath.length * 4 +
    (keyword === 'additionalProperties' ? 3 : 0) +
    (keyword === 'enum' && typeof data === 'object' ? -1 : 0)
  const first = told[0]!
  return told
    .filter(({ instancePath }) => instancePath.startsWith(first.instancePath))
    .reduce((best, one) => (deep(one) > deep(best) ? one : best), first)
}

function mistakeOf(file: string, value: unknown, error: ErrorObject): Mistake {
  const path = pathOf(value, error.instancePath)
  const where = `${file}, ${path.length === 0 ? 'top level' : spelled(value, path)}`
  const { additionalProperty: stray } = error.params as { additionalProperty?: string }
  const at = existsSync(file)
    ? placeAt(file, stray === undefined ? path : [...path, stray], stray ? 'key' : 'value')
    : undefined
  if (stray !== undefined) {
    const allowed = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {})
    return unknownName(where, 'key', stray, allowed, at)
  }
  const [what, next] = saying(error)
  return new Mistake(where, what, next, { at })
}

/** What is wrong, and what to do about it. */
function saying({ keyword, params, data, parentSchema, message = '' }: ErrorObject): readonly [string, string?] {
  const given = params as Record<string, unknown>
  switch (keyword) {
    case 'type':
      return [`wants ${[given.type].flat().map(kindOf).join(' or ')}, not ${described(data)}`]
    case 'enum': {
      const allowed = given.allowedValues as unknown[]
      const texts = allowed.filter((one): one is string => typeof one === 'string')
      if (typeof data === 'string') return [`'${data}' is not known`, suggestion(data, texts)]
      return [`wants one of ${allowed.map(spellValue).join(', ')}, not ${described(data)}`]
    }
    case 'const':
      return [`wants ${spellValue(given.allowedValue)}, not ${described(data)}`]
    case 'required':
      return [
        `has no "${String(given.missingProperty)}"`,
        `required: ${(parentSchema as { required: string[] }).required.join(', ')}`,
      ]
    case 'pattern':
      return [`${described(data)} is not of the form that is wanted`, `it must fit ${String(given.pattern)}`]
    case 'minLength':
      return ['is an empty text']
    case 'minItems':
      return [`wants a list of at least ${String(given.limit)}`]
    case 'false schema':
      return ['does not go with what stands beside it']
    case 'uniqueItems':
      return [`has ${spellValue((data as unknown[])[given.i as number])} twice`, 'keep one']
    default:
      return [`${spellValue(data)} ${message}`]
  }
}

const kindOf = (type: unknown): string =>
  ({
    string: 'a text',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
  })[String(type)] ?? String(type)

/** A JSON pointer as keys and indices. */
function pathOf(value: unknown, pointer: string): Path {
  let here = value
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((key) => {
      const step = Array.isArray(here) ? Number(key) : key
      here = (here as Record<string | number, unknown> | undefined)?.[step]
      return step
    })
}

/** `instances[3] (B04).expect.lock-balance` rather than a JSON pointer. */
function spelled(value: unknown, path: Path): string {
  let here: unknown = value
  return path
    .map((key, i) => {
      here = (here as Record<string | number, unknown> | undefined)?.[key]
      const id = (here as { id?: unknown } | null | undefined)?.id
      const label = typeof id === 'string' ? ` (${id})` : ''
      return (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`) + label
    })
    .join('')
}
