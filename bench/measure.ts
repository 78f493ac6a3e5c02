/** One measurement in a process of its own: `measure.js naive|1|2|… PROTOCOL {"N":2}`; prints one line of JSON. */

import { explore } from '../src/search/explore.js'
import type { Graph } from '../src/search/graph.js'
import { exploreNaively } from './naive.js'
import { follow, type Order } from './watched.js'

const [form, protocol, given] = process.argv.slice(2)
const order: Order = { protocol: protocol!, parameters: JSON.parse(given!) as Order['parameters'] }
const { system, watch } = await follow(order)
const rss = process.memoryUsage().rss
const before = process.cpuUsage()
const began = performance.now()
const { states, transitions } = form === 'naive' ? exploreNaively(system) : await exploreWatching(Number(form))
const seconds = (performance.now() - began) / 1000
const { user, system: kernel } = process.cpuUsage(before)
const cpu = (user + kernel) / 1e6
const bytes = process.resourceUsage().maxRSS * 1024 - rss
process.stdout.write(`${JSON.stringify({ states, transitions, seconds, cpu, bytes })}\n`)

async function exploreWatching(workers: number): Promise<Graph> {
  const recipe = { module: new URL('./watched.js', import.meta.url).href, argument: order }
  const graph = await explore(system, watch, { workers, recipe })
  if (graph.cut) throw new Error(`${protocol}: ${graph.cut.says}`)
  if (graph.expander.findings.states.broken.some((id) => id >= 0))
    throw new Error(`${protocol}: a property is violated`)
  return graph
}
