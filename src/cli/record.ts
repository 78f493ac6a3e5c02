/** `thawproof record`: writes what was measured into the specs, and runs beside them; it never judges, as the checker never writes. */

import type { Command } from 'commander'
import { checkClaim, measure, type Claim } from '../tell/claim.js'
import { examplesOf } from '../tell/example.js'
import { recordedOf, writeRuns, type InstanceRuns } from '../tell/runs.js'
import { tracesOf } from '../tell/claim-result.js'
import { readSpec, writeSpec, type Instance, type Measured } from '../tell/spec.js'
import { Mistake } from '../write/mistake.js'
import { interruptible, Status } from './options.js'
import { targetsOf, type Target } from './target.js'

/** Adds the command. */
export function recordCommand(root: Command): void {
  root
    .command('record [targets...]')
    .description('measure states, transitions, depth and traces, and write them into the specs and beside them')
    .action(async (names: string[]) => {
      const status = new Status()
      const { signal, done } = interruptible()
      for (const target of await targetsOf(names, { parameter: [], patch: [] }))
        if (!(await record(target, status, signal))) {
          process.stderr.write(`interrupted: of ${target.protocol.name} nothing was written\n`)
          process.exitCode = 130
          break
        }
      done()
    })
}

/** The note stays last, as people write it. */
function withMeasured(instance: Instance, measured: Measured | undefined): Instance {
  const { note, ...rest } = instance
  return measured ? { ...rest, measured, ...(note !== undefined && { note }) } : instance
}

/** Whether all of it was measured and written: of an interrupted protocol nothing is. */
async function record({ protocol, instances }: Target, status: Status, signal: AbortSignal): Promise<boolean> {
  const { specFile } = protocol
  if (!specFile)
    throw new Mistake(protocol.name, 'has no spec to write to', 'put a .json of the same name beside the model')
  const measured = new Map<string, Measured>()
  const runs = new Map<string, InstanceRuns>()
  for (const instance of instances) {
    const onProgress = status.of(`${protocol.name}/${instance.id}`)
    const claim = await checkClaim(protocol, instance, { onProgress, signal })
    const { outcome } = claim
    status.clear()
    if (signal.aborted) return false
    const isOutside = outcome.verdicts.some((one) => one.property === 'in-domain' && one.verdict === 'violated')
    if (!outcome.complete && !isOutside)
      throw new Mistake(
        `${protocol.name}/${instance.id}`,
        'the search was not complete',
        'only complete searches are recorded',
      )
    runs.set(instance.id, await runsBehind(claim))
    measured.set(instance.id, measure(outcome))
  }
  // It took a while: what people, or another recorder, have written since is kept.
  const { instances: present, ...spec } = readSpec(specFile)
  const ids = present.map(({ id }) => id)
  writeRuns(protocol, ids, runs)
  writeSpec(specFile, { ...spec, instances: present.map((one) => withMeasured(one, measured.get(one.id))) })
  process.stdout.write(`${protocol.name}: ${measured.size} instances recorded\n`)
  return true
}

/** States up to which it is also recorded since when a violation could not be avoided: that takes the whole graph, decoded. */
const mostStates = 20_000

/** The runs that show what a claim violates, in the order of its verdicts. */
async function runsBehind(claim: Claim): Promise<InstanceRuns> {
  const traces = [...(await tracesOf(claim, { maxStates: mostStates })), ...(await examplesOf(claim))]
  return Object.fromEntries(
    claim.outcome.verdicts.flatMap(({ property }) => {
      const trace = traces.find((one) => one.property === property)
      return trace ? [[property, recordedOf(trace)] as const] : []
    }),
  )
}
