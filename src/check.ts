/**
 * The search, for programs and one's own tests: `thawproof/check`. What models import does not bring it along.
 * @module
 */

export { check, type Outcome } from './search/check.js'
export type { Assumption, Judgement, Verdict } from './search/verdict.js'
export type { Run, RunStep } from './search/run.js'
