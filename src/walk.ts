/** Random search for one's own tests, and arbitraries of fast-check for a model's states and runs: `thawproof/walk`. */

export { searchProperty, Violation } from './search/walk/walk.js'
export type { Caught, Walked, WalkOptions } from './search/walk/search.js'
export { runsOf } from './search/walk/trails.js'
export { valuesOf } from './write/arbitrary.js'
