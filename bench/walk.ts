/**
 * How reliably random walks find what is there: every violated claim of every shipped buggy instance, each from several seeds,
 * against the exhaustive search's verdict and trace length. `walk.ts [SECONDS] [SEEDS] [PROTOCOL…]`; prints a table and JSON.
 */

import { walk } from '../src/ask/random/walk.js'
import { loadProtocol, protocolNames, systemOf, type Protocol } from '../src/tell/protocol.js'
import type { Instance } from '../src/tell/spec.js'
import { propertiesFor } from '../src/search/check.js'
import { visible } from '../src/ask/random/run-judge.js'

const [seconds = '10', seeds = '3', ...only] = process.argv.slice(2)

interface Case {
  readonly name: string
  /** `null`: any violation of the instance. */
  readonly property: string | null
  readonly kind: string
  readonly seed: number
  readonly found: boolean
  readonly seconds: number
  readonly runs: number
  /** Steps as drawn, shrunk, shortened; and of the shortest run. */
  readonly steps: readonly [number, number, number] | null
  readonly shortest: number | null
  readonly proven: boolean
}

const cases: Case[] = []
for (const name of only.length > 0 ? only : protocolNames()) {
  const protocol = await loadProtocol(name)
  for (const instance of protocol.spec.instances)
    if (instance.form === 'buggy') {
      const claims = claimsOf(protocol, instance)
      if (claims.length === 0) process.stdout.write(`${name}/${instance.id}: no finite run shows what it violates\n`)
      for (const property of claims.length > 0 ? [null, ...claims] : [])
        for (let seed = 1; seed <= Number(seeds); seed++) cases.push(await measured(protocol, instance, property, seed))
    }
}
process.stdout.write(`${summary().join('\n')}\n`)

/** The violated claims that a run can show. */
function claimsOf(protocol: Protocol, instance: Instance): string[] {
  const kinds = new Map(
    propertiesFor(systemOf(protocol, instance), protocol.properties).map(({ name, kind }) => [name, kind]),
  )
  return Object.entries(instance.expect).flatMap(([name, expected]) => {
    const kind = kinds.get(name)
    const broken = (typeof expected === 'object' ? expected.verdict : expected) === 'violated'
    return broken && (kind === undefined || visible(kind)) ? [name] : []
  })
}

async function measured(protocol: Protocol, instance: Instance, property: string | null, seed: number): Promise<Case> {
  const { parameters, patches, fairness } = instance
  const choice = { parameters, patches, ...(fairness && { fairness }) }
  const began = performance.now()
  const { caught, runs } = await walk(protocol.model, protocol.properties, choice, {
    seed: seed * 1_000_003,
    seconds: Number(seconds),
    ...(property !== null && { property }),
  })
  const took = (performance.now() - began) / 1000
  const one: Case = {
    name: `${protocol.name}/${instance.id}`,
    property,
    kind: caught?.verdict.kind ?? '',
    seed,
    found: caught !== undefined,
    seconds: took,
    runs,
    steps: caught ? [caught.drawn, caught.shrunk, caught.verdict.run.steps.length] : null,
    shortest: caught ? (instance.measured?.traces[caught.verdict.property] ?? null) : null,
    proven: caught?.shortest ?? false,
  }
  if (!one.found || one.seconds > 3 || ratio(one) > 1)
    process.stdout.write(`${one.name} ${property ?? '*'} ${one.kind} seed ${seed}: ${JSON.stringify(one)}\n`)
  return one
}

/** How many times longer than the shortest; a run of whole-run kinds tells its loop too and is not compared. */
function ratio({ steps, shortest, kind }: Case): number {
  if (!steps || shortest === null || !['always', 'step', 'no-deadlock', 'possible', 'observer'].includes(kind)) return 1
  return shortest === 0 ? (steps[2] === 0 ? 1 : Infinity) : steps[2] / shortest
}

function summary(): string[] {
  const line = (title: string, some: readonly Case[]): string => {
    const found = some.filter((one) => one.found)
    const worst = Math.max(1, ...found.map(ratio))
    const within = found.filter((one) => ratio(one) <= 1.5).length
    const slow = Math.max(0, ...found.map((one) => one.seconds))
    return (
      `${title}: ${found.length} of ${some.length} found (${((100 * found.length) / some.length).toFixed(1)} %), ` +
      `${within} of them at most 1.5 times the shortest, worst ${worst.toFixed(2)}; slowest find ${slow.toFixed(1)} s`
    )
  }
  return [
    line(
      'instances, any violation',
      cases.filter(({ property }) => property === null),
    ),
    line(
      'single claims',
      cases.filter(({ property }) => property !== null),
    ),
  ]
}
