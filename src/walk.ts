/** For one's own tests: random search, arbitraries of fast-check for a model's states and runs, and runs taken again by name: `thawproof/walk`. */

export { searchProperty, Violation } from './search/walk/walk.js'
export type { Caught, Walked, WalkOptions } from './search/walk/search.js'
export { runsOf } from './search/walk/trails.js'
export { valuesOf } from './write/arbitrary.js'
export { replay, type Run, type RunStep } from './search/run.js'
