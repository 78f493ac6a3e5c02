/** `thawproof facts`: what is known of a protocol, a claim or a step, as a short text with sources. */

import type { Command } from 'commander'
import { claimFacts, factFormats, factsOf, stepFacts } from '../tell/facts.js'
import { oneOf, withChoices } from './options.js'
import { parametersOf, protocolOnly, type Choices } from './target.js'

interface FactsOptions extends Choices {
  readonly format: keyof typeof factFormats
  readonly claim?: string
  readonly step?: string
}

/** Adds the command. */
export function factsCommand(root: Command): void {
  const command = root
    .command('facts <protocol>')
    .description('what must hold, in which order, known bugs, what is left out: a short text with sources')
    .addOption(oneOf('--format <name>', 'how to write it', Object.keys(factFormats)).default('markdown'))
    .option('--claim <instance>', 'one claim, to be cited')
    .option('--step <step>', 'one step: where it is from, what it does')
    .action(async (name: string, { format, claim, step, ...choices }: FactsOptions) => {
      const protocol = await protocolOnly('facts', name)
      const variant = { parameters: parametersOf(protocol.model, choices.parameter), patches: choices.patch }
      const facts =
        claim !== undefined
          ? claimFacts(protocol, claim)
          : step !== undefined
            ? stepFacts(protocol, step, variant)
            : factsOf(protocol)
      process.stdout.write(factFormats[format](facts))
    })
  withChoices(command)
}
