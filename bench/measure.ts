/** One measurement in a process of its own: `measure.ts compiled|naive PROTOCOL {"N":2}`; prints one line of JSON. */

import { instantiate, type Model, type Property } from '../src/index.js'
import { explore } from '../src/search/explore.js'
import type { Graph } from '../src/search/graph.js'
import type { Arg } from '../src/write/model.js'
import { exploreNaively } from './naive.js'

const [form, protocol, given] = process.argv.slice(2)
const { default: model, properties } = (await import(`./${protocol}.ts`)) as {
  default: Model
  properties: (parameters: Readonly<Record<string, unknown>>) => readonly Property[]
}
const system = instantiate(model, { parameters: JSON.parse(given!) as Record<string, Arg> })
const watched = properties(system.parameters).flatMap((property) =>
  property.kind === 'always' ? [{ name: property.name, when: property.when, holds: property.holds }] : [],
)
const rss = process.memoryUsage().rss
const began = performance.now()
const { states, transitions } = form === 'naive' ? exploreNaively(system) : await exploreWatching()
const seconds = (performance.now() - began) / 1000
const bytes = process.resourceUsage().maxRSS * 1024 - rss
process.stdout.write(`${JSON.stringify({ states, transitions, seconds, bytes })}\n`)

async function exploreWatching(): Promise<Graph> {
  const graph = await explore(system, { states: watched, steps: [], collects: [] })
  if (graph.expander.findings.states.broken.some((id) => id >= 0))
    throw new Error(`${protocol}: a property is violated`)
  return graph
}
