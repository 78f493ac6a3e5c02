/** `thawproof reproduce`: a violated claim as a script for a real machine. */

import type { Command } from 'commander'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { reproduceScript } from '../machine/script.js'
import { recipeOf } from '../tell/acts.js'
import { writeWhole } from '../tell/file.js'
import type { Protocol } from '../tell/protocol.js'
import { recordedTraces } from '../tell/runs.js'
import type { Instance } from '../tell/spec.js'
import type { Trace } from '../tell/trace.js'
import { withChoices, withLimits, type LimitOptions } from './options.js'
import { choicesFor, onlyTarget, type Choices } from './target.js'
import { found } from './trace.js'

interface ReproduceOptions extends LimitOptions, Choices {
  readonly out: string
}

/** Adds the command. */
export function reproduceCommand(root: Command): void {
  const command = root
    .command('reproduce <protocol/instance> <property>')
    .description('write a script that makes the run behind a violated claim happen on a real machine')
    .requiredOption('--out <folder>', 'where it goes: reproduce.sh, and run.json, which log --run reads')
    .action(async (target: string, property: string, options: ReproduceOptions) => {
      process.exitCode = await run(target, property, options)
    })
  withLimits(withChoices(command))
}

async function run(target: string, property: string, options: ReproduceOptions): Promise<number> {
  const { protocol, instance } = await onlyTarget('reproduce', target, options)
  const trace = recordedOf(protocol, instance, property, options) ?? (await found(target, property, options))
  if (typeof trace === 'string') {
    process.stdout.write(`${trace}\n`)
    return 1
  }
  const recipe = recipeOf(protocol, [target, ...choicesFor(options)], instance.says, trace)
  const { out } = options
  mkdirSync(out, { recursive: true })
  const script = join(out, 'reproduce.sh')
  writeWhole(script, reproduceScript(recipe))
  chmodSync(script, 0o755)
  writeWhole(join(out, 'run.json'), `${JSON.stringify(trace, null, 2)}\n`)
  const open = recipe.steps.filter(({ open: what }) => what !== undefined)
  const acted = recipe.steps.filter(({ act }) => act !== undefined)
  process.stdout.write(
    `${script}: ${recipe.steps.length} steps, ${acted.length} by an act that is known, ${open.length} of which nobody has said how${open.length === 0 ? '' : `: ${open.map(({ name }) => name).join(', ')}`}\n`,
  )
  return 0
}

/** The run that was recorded, if the instance is as its spec has it. */
function recordedOf(
  protocol: Protocol,
  instance: Instance,
  property: string,
  { parameter, patch }: Choices,
): Trace | undefined {
  if (parameter.length + patch.length > 0) return undefined
  const known = protocol.spec.instances.find(({ id }) => id === instance.id)
  return known && recordedTraces(protocol, [known]).find((trace) => trace.property === property)
}
