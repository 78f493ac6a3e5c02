/**
 * The library of property templates: what suspend, cancel and resume protocols have in common, as functions over selectors and
 * predicates. Every template makes one property; it needs a subject for its sentence, and takes a better name and sentence.
 * @module
 */

import { propertiesOver, type Domain, type ValueOf } from '../src/index.js'
import { accessing } from './templates/accessing.js'
import { agreeing } from './templates/agreeing.js'
import { keys, looking } from './templates/keys.js'
import { quiescing } from './templates/quiescing.js'
import { returning } from './templates/returning.js'
import { serving } from './templates/serving.js'
import { undoing } from './templates/undoing.js'
import { waking } from './templates/waking.js'

/** Binds the templates to a state: `const { unwindExact, requestServed } = templatesOver(state)`. */
export function templatesOver<D extends Domain<unknown> | ((parameters: never) => Domain<unknown>)>(state: D) {
  const words = propertiesOver<D>(state)
  const templates = {
    ...quiescing<ValueOf<D>>(words),
    ...undoing<ValueOf<D>>(words),
    ...returning<ValueOf<D>>(words),
    ...waking<ValueOf<D>>(words),
    ...serving<ValueOf<D>>(words),
    ...accessing<ValueOf<D>>(words),
    ...agreeing<ValueOf<D>>(words),
  }
  return looking(templates, keys)
}
