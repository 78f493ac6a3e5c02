/** JSON files checked against their schemas, with errors that name file, place, what was found and what is allowed. */

import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { readFileSync } from 'node:fs'
import { spellValue } from '../write/domain.js'
import { Mistake, unknownName } from '../write/mistake.js'

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

/** Reads and validates a JSON file. @throws Mistake naming the file and the field. */
export const readJson = <T>(file: string, schema: string): T => validated<T>(parsed(file), schema, file)

/** A value that fits a schema. @throws Mistake naming the file that it is from, and the field. */
export function validated<T>(value: unknown, schema: string, file: string): T {
  const validate = schemaNamed(schema)
  if (validate(value)) return value as T
  throw mistakeOf(file, value, validate.errors![0]!)
}

/** The value in a JSON file. @throws Mistake for a file that is missing or not JSON. */
export function parsed(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Mistake(file, `cannot be read (${(cause as NodeJS.ErrnoException).code})`, undefined, { cause })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Mistake(file, `is not JSON: ${(cause as Error).message}`, 'look at the place that it names', { cause })
  }
}

function mistakeOf(file: string, value: unknown, error: ErrorObject): Mistake {
  const place = `${file}, ${error.instancePath === '' ? 'top level' : spelled(value, error.instancePath)}`
  const params = error.params as { additionalProperty?: string; allowedValues?: unknown[]; allowedValue?: unknown }
  if (params.additionalProperty !== undefined) {
    const allowed = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {})
    return unknownName(place, 'key', params.additionalProperty, allowed)
  }
  const allowed = params.allowedValues ?? (params.allowedValue === undefined ? undefined : [params.allowedValue])
  const next = allowed ? `allowed: ${allowed.map((one) => JSON.stringify(one)).join(', ')}` : undefined
  const found = error.keyword === 'required' ? 'it' : spellValue(error.data)
  return new Mistake(place, `${found} ${error.message}`, next)
}

const keys = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

/** `instances[3] (B04).expect.lock-balance` rather than a JSON pointer. */
function spelled(value: unknown, pointer: string): string {
  let here: unknown = value
  return keys(pointer)
    .map((key, i) => {
      here = (here as Record<string, unknown> | undefined)?.[key]
      const id = (here as { id?: unknown } | null | undefined)?.id
      const label = typeof id === 'string' ? ` (${id})` : ''
      return (/^\d+$/.test(key) ? `[${key}]` : i === 0 ? key : `.${key}`) + label
    })
    .join('')
}
