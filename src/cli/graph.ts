/** `thawproof graph`: the state graph of one instance, for Graphviz. */

import { InvalidArgumentError, type Command } from 'commander'
import { explore } from '../search/explore.js'
import { answerable } from '../search/purity/answerable.js'
import { dotOf, fieldsGiven } from '../tell/formats/dot.js'
import { systemOf } from '../tell/protocol.js'
import { interruptible, withChoices } from './options.js'
import { onlyTarget, type Choices } from './target.js'

interface GraphOptions extends Choices {
  readonly by?: readonly string[]
  readonly most: number
}

/** Adds the command. */
export function graphCommand(root: Command): void {
  const command = root
    .command('graph <protocol/instance>')
    .description('write the state graph as DOT: thawproof graph … | dot -Tsvg')
    .option('--by <fields>', 'fold it: one node for each value of these, `dev[0].used,at suspend`', fieldsGiven)
    .option('--most <n>', 'draw at most this many nodes', nodes, 300)
    .action(async (name: string, options: GraphOptions) => {
      process.exitCode = await run(name, options)
    })
  withChoices(command)
}

function nodes(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('wants a positive whole number')
  return value
}

async function run(name: string, options: GraphOptions): Promise<number> {
  const { protocol, instance } = await onlyTarget('graph', name, options)
  const { signal, done } = interruptible()
  const { by = [], most } = options
  const watch = { states: [], steps: [], collects: [] }
  // Unfolded, what is not drawn need not be searched.
  const limit = by.length === 0 ? { maxStates: most } : {}
  const system = systemOf(protocol, instance)
  const graph = await answerable(system, [], undefined, () =>
    explore(system, watch, { ...limit, keepEdges: true, signal }),
  )
  done()
  process.stdout.write(`${dotOf(graph, { by, most })}\n`)
  return graph.cut ? 3 : 0
}
