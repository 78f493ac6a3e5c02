/** Claims that were checked before, kept by content: nothing is recalled unless all that it depends on is the same. */

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Asked, Comparison } from './compare/comparison.js'
import { logFileOf, logsOf, logText } from './logs.js'
import type { Protocol } from './protocol.js'
import { recordedRuns } from './runs.js'
import { scenariosOf } from './scenarios.js'
import type { Settled } from './claim-result.js'
import { Sources } from './sources.js'
import type { Instance } from './spec.js'

/** `$XDG_CACHE_HOME/thawproof`, or `~/.cache/thawproof`. */
export const cacheFolder = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'thawproof')

/**
 * Claims settled by complete searches, in a folder that may be deleted at any time. The name of an entry is a hash of the checker's own
 * files, the version of Node, the model's and the properties' files with everything they import, and the claim.
 */
export class Cache {
  private readonly sources: Sources

  /** @param engine the checker whose answers these are: the folder of its files, as a URL. */
  constructor(
    private readonly folder: string,
    engine?: URL,
  ) {
    this.sources = new Sources(engine)
  }

  /**
   * What was found, if it was kept; `traced`: with the runs behind the violations. Whatever cannot be read as it was written was never
   * kept.
   */
  recall(protocol: Protocol, instance: Instance, traced = false): Settled | undefined {
    return this.read(this.keyOf(protocol, claimed(protocol, instance, traced)))
  }

  /** Keeps what a complete search found; anything else is not kept. A folder that cannot be written to is no failure. */
  keep(protocol: Protocol, instance: Instance, settled: Settled): void {
    if (!settled.complete || settled.cut || settled.certificate) return
    // What was not decided was stopped by something that is not in the key.
    if (settled.verdicts.some(({ verdict }) => verdict === 'unknown')) return
    if (settled.scenarios?.some(({ found }) => found === null)) return
    const { traces, ...plain } = settled
    this.write(this.keyOf(protocol, claimed(protocol, instance, false)), plain)
    if (traces) this.write(this.keyOf(protocol, claimed(protocol, instance, true)), settled)
  }

  /** A comparison of two variants, if it was kept. */
  recallComparison(protocol: Protocol, variants: readonly Asked[]): Comparison | undefined {
    return this.read(this.keyOf(protocol, compared(protocol, variants)))
  }

  /** Keeps a comparison of searches that were complete. */
  keepComparison(protocol: Protocol, variants: readonly Asked[], comparison: Comparison): void {
    const { a, b, changes, adds, removes } = comparison
    if (!a.complete || !b.complete || [adds, removes].some(({ kind }) => kind === 'unknown')) return
    if (changes.some(({ was, is }) => was.verdict === 'unknown' || is.verdict === 'unknown')) return
    this.write(this.keyOf(protocol, compared(protocol, variants)), comparison)
  }

  private read<T>(key: string | undefined): T | undefined {
    if (key === undefined) return undefined
    try {
      const entry = JSON.parse(readFileSync(this.fileOf(key), 'utf8')) as { key: string; digest: string; value: T }
      return entry.key === key && entry.digest === digestOf(entry.value) ? entry.value : undefined
    } catch {
      return undefined
    }
  }

  private write(key: string | undefined, value: object): void {
    if (key === undefined) return
    const file = this.fileOf(key)
    const scratch = `${file}.${process.pid}`
    try {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(scratch, JSON.stringify({ key, digest: digestOf(value), value }))
      renameSync(scratch, file)
    } catch {
      return
    }
  }

  private fileOf(key: string): string {
    return join(this.folder, key.slice(0, 2), `${key.slice(2)}.json`)
  }

  /** Undefined if it cannot be known what the answer depends on. */
  private keyOf(protocol: Protocol, asked: unknown): string | undefined {
    const text = JSON.stringify([protocol.name, protocol.address, asked])
    return this.sources.of(protocol)?.copy().update(text).digest('hex')
  }
}

/** What a claim asks, beside what its protocol is. */
function claimed(protocol: Protocol, instance: Instance, traced: boolean): unknown {
  // The recorded runs and the logs are part of what a claim is held against.
  const logs = logsOf(protocol, instance).map((log) => [log, logText(protocol, log)])
  const rules = logs.length === 0 ? [] : [logFileOf(protocol).rules, logFileOf(protocol).bind, logFileOf(protocol).own]
  return ['claim', traced, instance, recordedRuns(protocol)[instance.id], logs, rules, scenariosOf(protocol, instance)]
}

/** What a comparison asks. */
const compared = ({ spec }: Protocol, variants: readonly Asked[]): unknown => [
  'comparison',
  ...variants.map(({ name, instance, system: { parameters, patches } }) => {
    const { fairness } = spec.instances.find(({ id }) => id === name) ?? {}
    return [name, instance, parameters, patches, fairness]
  }),
]

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')
