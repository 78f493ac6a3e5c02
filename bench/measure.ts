/** One measurement in a process of its own: `measure.js naive|fingerprints|1|2|… PROTOCOL {"N":2}`; prints one line of JSON. */

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
const graph = form === 'naive' ? undefined : await exploreWatching()
const { states, transitions } = graph ?? exploreNaively(system)
const seconds = (performance.now() - began) / 1000
const { user, system: kernel } = process.cpuUsage(before)
const cpu = (user + kernel) / 1e6
const bytes = process.resourceUsage().maxRSS * 1024 - rss
const pause = graph ? pauseOf(graph) : 0
process.stdout.write(`${JSON.stringify({ states, transitions, seconds, cpu, bytes, pause })}\n`)

async function exploreWatching(): Promise<Graph> {
  const recipe = { module: new URL('./watched.js', import.meta.url).href, argument: order }
  const how = form === 'fingerprints' ? { fingerprints: {} } : { workers: Number(form), recipe }
  const searched = await explore(system, watch, how)
  if (searched.cut && searched.cut.limit !== 'fingerprints') throw new Error(`${protocol}: ${searched.cut.says}`)
  if (searched.expander.findings.states.broken.some((id) => id >= 0))
    throw new Error(`${protocol}: a property is violated`)
  return searched
}

/** The longest pause, in seconds, while a table grew: the last one of the index, or the worst of the fingerprints' regions. */
function pauseOf({ expander: { code, compaction } }: Graph): number {
  if (compaction) return compaction.longestPause / 1000
  const start = process.cpuUsage()
  code.renew(code.index().length)
  code.refill(0, 1)
  const { user: own, system: pages } = process.cpuUsage(start)
  return (own + pages) / 1e6
}
