/**
 * For one's own tests: random search, arbitraries of fast-check for a model's states and runs, and runs taken again by name: `thawproof/walk`.
 * @module
 */

export { searchProperty, Violation } from './ask/random/walk.js'
export type { WalkFinding, WalkOutcome, WalkOptions } from './ask/random/batch.js'
export { runsOf } from './ask/random/run-arbitrary.js'
export { valuesOf } from './write/arbitrary.js'
export { replay, type Run, type RunStep } from './search/run.js'
