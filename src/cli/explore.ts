/** `thawproof explore`: a page in which runs are made step by step, served on loopback or written as one file. */

import { InvalidArgumentError, type Command } from 'commander'
import { listingOf, type Listing } from '../tell/explore/listing.js'
import { explorerPage } from '../tell/explore/page.js'
import { serve } from '../tell/explore/server.js'
import { writeWhole } from '../tell/file.js'
import { shownFile } from '../tell/place.js'
import { instanceOf, systemOf, type Protocol } from '../tell/protocol.js'
import { played, saveScenario, scenarioDifference } from '../tell/scenarios.js'
import { readSpec, type Scenario } from '../tell/spec.js'
import { Mistake } from '../write/mistake.js'
import type { System } from '../write/system.js'
import { interruptible, withChoices } from './options.js'
import { protocolAt, targetsOf, type Choices, type Target } from './target.js'

interface ExploreOptions extends Choices {
  readonly html?: string
  readonly port: number
  readonly tree?: string
}

/** Adds the command. */
export function exploreCommand(root: Command): void {
  const command = root
    .command('explore <protocol/instance>')
    .description('take steps yourself in a browser: try, undo, compare, ask')
    .option('--html <file>', 'write one file that needs no server and no network')
    .option('--port <n>', 'serve the page on this port of 127.0.0.1 (default: any that is free)', port, 0)
    .option('--tree <folder>', 'show the functions that steps stand for, from this source tree')
    .action(async (name: string, options: ExploreOptions) => {
      process.exitCode = await run(name, options)
    })
  withChoices(command)
}

function port(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65535) throw new InvalidArgumentError('wants a port')
  return value
}

async function run(name: string, options: ExploreOptions): Promise<number> {
  const { protocol, instances } = await begun(name, options)
  const [instance] = instances
  if (!instance) throw new Mistake(`explore ${name}`, 'has no instance', 'add one to its spec')
  const { html } = options
  const listing = options.tree === undefined ? {} : await listed(systemOf(protocol, instance), options.tree)
  const page = await explorerPage(protocol, instance, { canSave: html === undefined, listing })
  if (html !== undefined) {
    writeWhole(html, page)
    process.stdout.write(`${html}: ${Math.round(Buffer.byteLength(page) / 1000)} kB, opens from disk\n`)
    return 0
  }
  const { signal, done } = interruptible()
  const { url, close } = await serve({ page, save: (posted) => saved(protocol, posted) }, options.port)
  process.stdout.write(`${url}\nOnly this machine can open it, with the whole address. Ctrl-C ends it.\n`)
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await close()
  done()
  return 0
}

/** The functions that a tree has; how many it does not have is told. */
async function listed(system: System, tree: string): Promise<Listing> {
  const { listing, missing } = await listingOf(system, tree)
  const found = Object.keys(listing).length
  process.stderr.write(`${tree}: ${found} of ${found + missing} functions found\n`)
  return listing
}

/** Keeps a scenario that the page sends, in the spec as it is by now; what is wrong with it keeps it from being written. */
async function saved(protocol: Protocol, posted: unknown): Promise<string> {
  const { specFile, name } = protocol
  const now = specFile === undefined ? protocol : { ...protocol, spec: readSpec(specFile, name) }
  const scenario = posted as Scenario
  saveScenario(now, scenario)
  const kept = { ...now, spec: readSpec(specFile!, name) }
  const system = systemOf(kept, instanceOf(kept, scenario.instance))
  const difference = scenarioDifference(await played(kept, system, scenario))
  const place = `saved as ${scenario.name} in ${shownFile(specFile!)}`
  return difference === undefined ? place : `${place}; now ${difference}`
}

/** The instance that is named; of a protocol alone, the first. */
async function begun(name: string, options: Choices): Promise<Target> {
  const { id } = await protocolAt(name)
  const [target] = await targetsOf([name], options)
  return id === undefined ? { ...target!, instances: target!.instances.slice(0, 1) } : target!
}
