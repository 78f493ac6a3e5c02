/** `thawproof docs`: writes the pages of protocols, and the index of all. */

import { Option, type Command } from 'commander'
import { mkdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { writeWhole } from '../tell/file.js'
import {
  diagramPage,
  generated,
  index,
  isStale,
  pageFile,
  signedIndex,
  strayFiles,
  teethIndex,
  type Page,
} from '../tell/pages/folder.js'
import type { Diagrams } from '../tell/pages/diagrams.js'
import type { Protocol } from '../tell/protocol.js'
import { recordedRuns, violatedIn } from '../tell/runs.js'
import type { Instance } from '../tell/spec.js'
import { siteOf } from '../tell/site/site.js'
import { asCalled, counted } from '../tell/text.js'
import { commandLine } from '../tell/trace.js'
import { Mistake } from '../write/mistake.js'
import { targetsOf } from './target.js'

/** Adds the command. */
export function docsCommand(root: Command): void {
  root
    .command('docs [protocols...]')
    .description('write the page of each protocol beside its spec, and the index of all')
    .addOption(new Option('--check', 'write nothing; fail if a page is stale').conflicts('html'))
    .option('--html <folder>', 'write a static site of the pages there instead')
    .action(async (names: string[], { check = false, html }: { readonly check?: boolean; readonly html?: string }) => {
      process.exitCode = html === undefined ? await run(names, check) : await site(names, html)
    })
}

async function site(names: readonly string[], folder: string): Promise<number> {
  const protocols = (await targetsOf(names, { parameter: [], patch: [] })).map(({ protocol }) => protocol)
  const pages = await siteOf(protocols, folder)
  pages.forEach(write)
  print(`${pages.length} files written; open ${join(folder, 'index.html')}`)
  return 0
}

function write({ file, text }: Page): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
  } catch (cause) {
    throw new Mistake(dirname(file), 'cannot be made a folder', 'choose another place', { cause })
  }
  writeWhole(file, text)
}

/** Says which diagrams there cannot be yet. */
function warn(protocol: Protocol): void {
  const { name, address, spec } = protocol
  const runs = recordedRuns(protocol)
  const unrecorded = (instance: Instance): number =>
    violatedIn(instance).filter((property) => runs[instance.id]?.[property] === undefined).length
  const missing = spec.instances.reduce((sum, instance) => sum + unrecorded(instance), 0)
  if (missing > 0)
    process.stderr.write(
      `${name}: ${counted(missing, 'violated claim')} without a recorded run to draw: ${asCalled(commandLine(['record', address]))}\n`,
    )
}

async function run(names: readonly string[], check: boolean): Promise<number> {
  const protocols = (await targetsOf(names, { parameter: [], patch: [] })).map(({ protocol }) => protocol)
  const whole = names.length === 0
  const pages: Page[] = []
  const stale: Page[] = []
  const settle = (...made: readonly Page[]): void => {
    const fresh = made.filter(isStale)
    pages.push(...made)
    stale.push(...fresh)
    if (!check) fresh.forEach(write)
    const [page] = made
    const drawn = fresh.filter((one) => one !== page).length
    if (fresh.includes(page!)) print(`${basename(page!.file)} ${check ? 'is stale' : 'written'}`)
    if (drawn > 0) print(`${basename(page!.file)}: ${counted(drawn, 'diagram')} ${check ? 'stale' : 'written'}`)
  }
  const all = new Map<string, Diagrams>()
  for (const protocol of protocols) {
    const { page, diagrams } = await generated(protocol, 'main')
    settle(page, ...diagrams.all.map((diagram) => diagramPage(page, diagram)))
    warn(protocol)
    all.set(protocol.name, diagrams)
  }
  if (whole)
    for (const page of [index(protocols, all), await teethIndex(protocols), signedIndex(protocols)]) settle(page)
  const folder = dirname(pageFile(protocols[0]!))
  const files = pages.map(({ file }) => file)
  const stray = whole ? strayFiles(folder, files) : []
  for (const file of stray) {
    if (!check) rmSync(join(folder, file))
    print(`${file} ${check ? 'belongs to no claim' : 'removed'}`)
  }
  const left = pages.length - stale.length
  print(`${left} of ${pages.length} pages and diagrams were up to date`)
  if (!check || stale.length + stray.length === 0) return 0
  print(`write them anew: ${asCalled('thawproof docs')}`)
  return 1
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)
