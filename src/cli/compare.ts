/** `thawproof compare`: what one variant fixes, breaks and leaves open against another. */

import { Option, type Command } from 'commander'
import { Cache, cacheFolder } from '../tell/cache.js'
import { changing, compare, type Comparison } from '../tell/compare/comparison.js'
import { compareMarkdown } from '../tell/compare/markdown.js'
import { compareLines } from '../tell/compare/text.js'
import { writeWhole } from '../tell/file.js'
import { comparePage } from '../tell/html/compare.js'
import { colour, sizeText } from '../tell/text.js'
import type { Limits } from '../search/explore.js'
import { columns, interruptible, limitsOf, oneOf, withBounds, withChoices } from './options.js'
import { protocolOnly, variantOf, type Choices } from './target.js'

interface CompareOptions extends Choices, Limits {
  readonly json?: boolean
  readonly format: 'text' | 'markdown'
  readonly html?: string
  readonly cache: boolean
}

/** Adds the command. */
export function compareCommand(root: Command): void {
  const command = root
    .command('compare <protocol> <a> <b>')
    .description('compare two variants, each `base`, an instance, or patches joined by +')
    .addOption(oneOf('--format <name>', 'how to write it', ['text', 'markdown']).default('text'))
    .addOption(new Option('--json', 'print one JSON document: all that is told, with every run').conflicts('format'))
    .option('--html <file>', 'write a page to read in a browser, with every trace to step through')
    .option('--no-cache', 'compare again what was compared before, though nothing has changed')
    .action(async (name: string, a: string, b: string, options: CompareOptions) => {
      process.exitCode = await run(name, a, b, options)
    })
  withBounds(withChoices(command))
}

async function run(name: string, a: string, b: string, options: CompareOptions): Promise<number> {
  const protocol = await protocolOnly('compare', name)
  const { signal, done } = interruptible()
  const variants = [variantOf(protocol, a, options), variantOf(protocol, b, options)] as const
  const limits = limitsOf(options)
  const cache = options.cache && Object.keys(limits).length === 0 ? new Cache(cacheFolder()) : undefined
  const comparison =
    cache?.recallComparison(protocol, variants) ?? (await compare(protocol, variants, { ...limits, signal }))
  done()
  if (!signal.aborted) cache?.keepComparison(protocol, variants, comparison)
  if (options.html !== undefined) {
    const page = comparePage(comparison, protocol.address)
    writeWhole(options.html, page)
    process.stderr.write(`wrote ${options.html}: ${a} and ${b}, ${sizeText(page)}\n`)
  }
  process.stdout.write(written(comparison, protocol.address, options))
  if (signal.aborted) return 130
  if (changing(comparison, 'breaks').length > 0) return 1
  const isDecided = comparison.a.complete && comparison.b.complete && changing(comparison, 'asks of one').length === 0
  return isDecided ? 0 : 3
}

function written(comparison: Comparison, address: string, { json, format }: CompareOptions): string {
  if (json) return `${JSON.stringify(comparison, null, 2)}\n`
  if (format === 'text') return `${compareLines(comparison, columns()).join('\n')}\n`
  colour(false)
  return compareMarkdown(comparison, address)
}
