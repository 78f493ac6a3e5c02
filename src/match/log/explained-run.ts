/** An explanation as a run of the reference execution, each step with the lines that it printed. */

import { runTo } from '../../search/reached.js'
import { extend, type Run } from '../../search/run.js'
import type { Transition } from '../../write/system.js'
import type { Explanation } from './explain.js'
import type { LogLine } from './read.js'
import type { Heard } from './rules.js'
import type { Searched } from './searched.js'

/** A step of the run that explains, and the heard lines that it printed. */
export interface Told {
  /** The step. */
  readonly transition: Transition
  /** What it printed; none if it printed nothing that was heard. */
  readonly lines: readonly LogLine[]
}

/** Lines that no step printed, and the number of steps before them. */
export interface Rested {
  /** How many steps were taken before. */
  readonly after: number
  /** The lines. */
  readonly lines: readonly LogLine[]
}

/** The run along the path of an explanation; the first `before` steps lead to where the log begins. */
export function runOf(
  { system, graph, edges }: Searched,
  { path, nodes, positions }: Explanation,
  heard: readonly Heard[],
): { run?: Run; before: number; told: readonly Told[]; rested: readonly Rested[] } {
  const [start, ...rest] = path
  if (start === undefined) return { before: 0, told: [], rested: [] }
  let run = runTo(graph.expander, nodes.state(start))
  const before = run.steps.length
  const told: Told[] = run.steps.map(({ transition }) => ({ transition, lines: [] }))
  const rested: Rested[] = []
  let last = start
  for (const node of rest) {
    const lines = positions.between(nodes.position(last), nodes.position(node)).map((line) => heard[line]!.line)
    const edge = nodes.edge(node)
    last = node
    if (edge < 0) {
      rested.push({ after: run.steps.length, lines })
      continue
    }
    const transition = system.transitions[edges.by[edge]!]!
    run = extend(run, transition)
    told.push({ transition, lines })
  }
  return { run, before, told, rested }
}

/** The nodes that come furthest. */
export function lastNodes({ nodes, positions, matched }: Explanation): readonly number[] {
  const last: number[] = []
  for (let node = 0; node < nodes.count; node++)
    if (positions.printed(nodes.position(node)) === matched) last.push(node)
  return last
}
