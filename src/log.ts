/**
 * Logs held against graphs and models, for programs: `thawproof/log`.
 * @module
 */

export { accountOf, occurs, type Account, type Wanted } from './match/log/account.js'
export {
  explain,
  type Explanation,
  type Nodes,
  type Observations,
  type Space,
  type Utterance,
} from './match/log/explain.js'
export { holdLog, type LogOutcome, type Missing } from './match/log/outcome.js'
export type { Judged } from './match/log/judge.js'
export { Positions, type Order } from './match/log/positions.js'
export { anonymous, readLog, type Log, type LogLine } from './match/log/read.js'
export type { Closed, Heard, Rule, Rules } from './match/log/rules.js'
export { searched, type LogOptions, type Searched } from './match/log/searched.js'
export type { Hearing } from './match/log/observing.js'
export type { Rested, Told } from './match/log/explained-run.js'
