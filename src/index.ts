/** What a model and its properties are written with, in the order a reader needs it; nothing of the search: `thawproof`. */

export {
  array,
  bool,
  each,
  int,
  list,
  member,
  oneOf,
  optional,
  record,
  type Domain,
  type ValueOf,
} from './write/domain.js'
export {
  env,
  environment,
  parameter,
  source,
  system,
  type Actor,
  type Args,
  type At,
  type Standing,
  type Fairness,
  type Frozen,
  type Model,
  type Origin,
} from './write/model.js'
export { over } from './write/vocabulary.js'
export {
  allBut,
  selects,
  type Predicate,
  type Selector,
  type StepPredicate,
  type StepTaken,
} from './write/predicate.js'
export { propertiesOver, type Properties, type Property, type PropertyVocabulary } from './write/property.js'
export { formula, type Formula } from './write/formula.js'
export type { CancelPlan } from './write/cancel.js'
export { pictureOf, type Picture } from './write/picture.js'
export { Mistake } from './write/mistake.js'
export { instantiate, type Choice, type System, type Transition } from './write/system.js'
