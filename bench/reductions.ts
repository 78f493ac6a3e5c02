/**
 * Every shipped instance with and without reductions: verdicts and shortest lengths must agree. Prints a line per protocol.
 * `npm run reductions [-- protocol …]`
 */

import { check, propertiesFor, type Outcome } from '../src/search/check.js'
import { loadProtocol, protocolNames, systemOf } from '../src/tell/protocol.js'
import type { Property } from '../src/index.js'

/** Kinds that a reduced search decides. */
const kinds: readonly Property['kind'][] = ['always', 'step', 'reachable', 'possible']

const told = ({ verdicts, unfired }: Outcome): string =>
  JSON.stringify([verdicts.map(({ property, verdict, run }) => [property, verdict, run?.steps.length]), unfired])

const asked = process.argv.slice(2)
let wrong = 0
for (const name of asked.length > 0 ? asked : protocolNames()) {
  const protocol = await loadProtocol(name)
  const sums = { instances: 0, states: 0, reduced: 0, seconds: 0, reducedSeconds: 0 }
  const timed = async (run: () => Promise<Outcome>): Promise<[Outcome, number]> => {
    const before = process.cpuUsage()
    const outcome = await run()
    const { user, system } = process.cpuUsage(before)
    return [outcome, (user + system) / 1e6]
  }
  for (const instance of protocol.spec.instances) {
    const system = systemOf(protocol, instance)
    const properties = propertiesFor(system, protocol.properties).filter(({ kind }) => kinds.includes(kind))
    const [plain, seconds] = await timed(() => check(system, properties, { symmetry: false }))
    const [reduced, reducedSeconds] = await timed(() => check(system, properties, { reduce: true }))
    sums.instances++
    sums.states += plain.states
    sums.reduced += reduced.states
    sums.seconds += seconds
    sums.reducedSeconds += reducedSeconds
    if (told(plain) === told(reduced)) continue
    wrong++
    process.stdout.write(`${name}/${instance.id} disagrees:\n  ${told(plain)}\n  ${told(reduced)}\n`)
  }
  const { instances, states, reduced } = sums
  const figures = [
    instances,
    states,
    reduced,
    (states / reduced).toFixed(2),
    sums.seconds.toFixed(1),
    sums.reducedSeconds.toFixed(1),
  ]
  process.stdout.write(`| ${[name, ...figures].join(' | ')} |\n`)
}
process.exitCode = wrong > 0 ? 1 : 0
