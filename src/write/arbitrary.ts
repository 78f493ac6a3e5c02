/** fast-check arbitraries of the values that a domain declares. */

import fc from 'fast-check'
import type { Domain, Shape } from './domain.js'

/** Any value of a domain, reachable or not: `fc.assert(fc.property(valuesOf(state), (s) => …))`. Shrinks towards the least. */
export const valuesOf = <T>(domain: Domain<T>): fc.Arbitrary<T> => ofShape(domain.shape) as fc.Arbitrary<T>

/** {@link valuesOf} for a shape: what is left of a domain at run time. */
export function ofShape(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'bool':
      return fc.boolean()
    case 'int':
      return fc.integer({ min: shape.lo, max: shape.hi })
    case 'oneOf':
      return fc.constantFrom(...shape.names)
    case 'member':
      return fc.nat({ max: shape.size - 1 })
    case 'optional':
      return fc.option(ofShape(shape.of), { nil: null })
    case 'array':
      return fc.array(ofShape(shape.of), { minLength: shape.length, maxLength: shape.length })
    case 'list':
      return fc.array(ofShape(shape.of), { maxLength: shape.capacity })
    case 'record':
      return fc
        .tuple(...Object.values(shape.fields).map(ofShape))
        .map((values) => Object.fromEntries(Object.keys(shape.fields).map((name, i) => [name, values[i]])))
  }
}
