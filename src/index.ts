/**
 * What a model and its properties are written with, in the order a reader needs it; nothing of the search: `thawproof`.
 * @module
 */

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
  type Act,
  type Action,
  type ActionDeclaration,
  type Actor,
  type Arg,
  type Args,
  type ArgsOf,
  type At,
  type Branch,
  type Edit,
  type Fairness,
  type Frozen,
  type Model,
  type ModelDeclaration,
  type Origin,
  type Parameter,
  type Parameters,
  type ParameterValues,
  type Part,
  type Patch,
  type PatchDeclaration,
  type Range,
  type Standing,
  type Step,
  type StepDeclaration,
  type StepOver,
  type Thread,
  type ThreadDeclaration,
} from './write/model.js'
export { over, type Edits, type Vocabulary } from './write/vocabulary.js'
export type { Piece, Placeable } from './write/piece.js'
export {
  allBut,
  selects,
  type Predicate,
  type Selector,
  type StepPredicate,
  type StepTaken,
} from './write/predicate.js'
export {
  propertiesOver,
  type Conditional,
  type Kind,
  type ObserverDeclaration,
  type Properties,
  type Property,
  type PropertyVocabulary,
  type RefinementClaim,
} from './write/property.js'
export { formula, type Formula } from './write/formula.js'
export type { CancelPlan, Held, Stopped } from './write/cancel.js'
export { pictureOf, type Picture } from './write/picture.js'
export { Mistake } from './write/mistake.js'
export { instantiate, type Choice, type System, type Transition } from './write/system.js'
