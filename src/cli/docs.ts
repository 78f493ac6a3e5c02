/** `thawproof docs`: writes the pages of protocols, and the index of all. */

import type { Command } from 'commander'
import { rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { writeWhole } from '../tell/file.js'
import { generated, index, isStale, pageFile, strayPages, teethIndex, type Page } from '../tell/pages/folder.js'
import { targetsOf } from './target.js'

/** Adds the command. */
export function docsCommand(root: Command): void {
  root
    .command('docs [protocols...]')
    .description('write the page of each protocol beside its spec, and the index of all')
    .option('--check', 'write nothing; fail if a page is stale')
    .action(async (names: string[], { check = false }: { readonly check?: boolean }) => {
      process.exitCode = await run(names, check)
    })
}

async function run(names: readonly string[], check: boolean): Promise<number> {
  const protocols = (await targetsOf(names, { parameter: [], patch: [] })).map(({ protocol }) => protocol)
  const whole = names.length === 0
  const folder = dirname(pageFile(protocols[0]!))
  const stray = whole ? strayPages(folder, protocols) : []
  let stale = stray.length
  const settle = (page: Page): void => {
    if (!isStale(page)) return
    stale++
    if (!check) writeWhole(page.file, page.text)
    process.stdout.write(`${basename(page.file)} ${check ? 'is stale' : 'written'}\n`)
  }
  for (const protocol of protocols) settle(await generated(protocol))
  if (whole) for (const page of [index(protocols), await teethIndex(protocols)]) settle(page)
  for (const file of stray) {
    if (!check) rmSync(join(folder, file))
    process.stdout.write(`${file} ${check ? 'belongs to no protocol' : 'removed'}\n`)
  }
  const all = protocols.length + (whole ? 2 : 0)
  const left = all - stale + stray.length
  process.stdout.write(`${left} of ${all} pages ${left === 1 ? 'was' : 'were'} up to date\n`)
  if (check && stale > 0) process.stdout.write('write them anew: thawproof docs\n')
  return check && stale > 0 ? 1 : 0
}
