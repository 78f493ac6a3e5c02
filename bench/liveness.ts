/**
 * What liveness costs: a safety check of virtio-freeze beside the same check with a `leadsTo` that holds and with one that is
 * violated, each in a process of its own. `node --import tsx bench/liveness.ts [N Q]`; the ratios are what counts.
 */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { check } from '../src/check.js'
import { instantiate, propertiesOver, type Property } from '../src/index.js'
import freeze, { properties, state } from './freeze.js'

const own = fileURLToPath(import.meta.url)
const [N = '2', Q = '10', measured] = process.argv.slice(2)
const parameters = { N: Number(N), Q: Number(Q) }

const { leadsTo } = propertiesOver(state)

/** `holds` needs fairness of three parts; `violated` is a loop in which the ring never runs empty. */
const live: Readonly<Record<string, Property>> = {
  holds: leadsTo('freeze-ends', 'A freeze ends: the machine runs again.', {
    from: (_, at) => at('pm', 'stop'),
    to: (_, at) => at('pm', 'run'),
  }),
  violated: leadsTo('ring-drains', 'A ring with buffers is empty at some time.', {
    from: (s) => s.d[0]!.avail > 0,
    to: (s) => s.d[0]!.avail === 0 && s.d[0]!.used === 0,
  }),
}

if (measured === undefined) {
  const run = (
    what: string,
  ): { seconds: number; verdict: string; states: number; transitions: number; bytes: number } =>
    JSON.parse(
      execFileSync(process.execPath, ['--max-old-space-size=16384', '--import', 'tsx', own, N, Q, what], {
        encoding: 'utf8',
      }),
    ) as ReturnType<typeof run>
  const safety = run('safety')
  console.log(`virtio-freeze N=${N} Q=${Q}: ${safety.states} states, ${safety.transitions} transitions`)
  for (const [what, one] of [
    ['safety', safety],
    ...Object.keys(live).map((name) => [name, run(name)] as const),
  ] as const)
    console.log(
      `${what.padEnd(9)} ${one.seconds.toFixed(1).padStart(6)} s  ${(one.seconds / safety.seconds).toFixed(2)} x  ${Math.round(one.bytes / 2 ** 20)} MiB  ${one.verdict}`,
    )
} else {
  const wanted = live[measured]
  const list = [...properties(parameters), ...(wanted ? [wanted] : [])]
  const began = performance.now()
  const { verdicts, states, transitions } = await check(instantiate(freeze, { parameters }), list)
  const seconds = (performance.now() - began) / 1000
  const { verdict, why } = verdicts.at(-1)!
  const bytes = process.resourceUsage().maxRSS * 1024
  console.log(
    JSON.stringify({ seconds, states, transitions, bytes, verdict: wanted ? `${verdict}: ${why ?? ''}` : verdict }),
  )
}
