/** `thawproof record`: writes what was measured into the specs; it never judges, as the checker never writes. */

import type { Command } from 'commander'
import { checkClaim, measure } from '../tell/claim.js'
import { writeSpec, type Instance } from '../tell/spec.js'
import { Mistake } from '../write/mistake.js'
import { Status } from './options.js'
import { targetsOf, type Target } from './target.js'

/** Adds the command. */
export function recordCommand(root: Command): void {
  root
    .command('record [targets...]')
    .description('measure states, transitions, depth and trace lengths, and write them into the specs')
    .action(async (names: string[]) => {
      const status = new Status()
      for (const target of await targetsOf(names, { parameter: [], patch: [] })) await record(target, status)
    })
}

async function record({ protocol, instances }: Target, status: Status): Promise<void> {
  const { spec, specFile } = protocol
  if (!specFile)
    throw new Mistake(protocol.name, 'has no spec to write to', 'put a .json of the same name beside the model')
  const measured = new Map<string, Instance>()
  for (const instance of instances) {
    const { outcome } = await checkClaim(protocol, instance, {
      onProgress: status.of(`${protocol.name}/${instance.id}`),
    })
    status.clear()
    if (!outcome.complete && !outcome.fault)
      throw new Mistake(
        `${protocol.name}/${instance.id}`,
        'the search was not complete',
        'only complete searches are recorded',
      )
    const { note, ...rest } = instance
    // The note stays last, as people write it.
    measured.set(instance.id, { ...rest, measured: measure(outcome), ...(note !== undefined && { note }) })
  }
  writeSpec(specFile, { ...spec, instances: spec.instances.map((one) => measured.get(one.id) ?? one) })
  process.stdout.write(`${protocol.name}: ${measured.size} instances recorded\n`)
}
