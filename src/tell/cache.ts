/** Claims that were checked before, kept by content: nothing is recalled unless all that it depends on is the same. */

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
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

  /** What was found, if it was kept. Whatever cannot be read as it was written was never kept. */
  recall(protocol: Protocol, instance: Instance): Settled | undefined {
    const key = this.keyOf(protocol, instance)
    if (key === undefined) return undefined
    try {
      const entry = JSON.parse(readFileSync(this.fileOf(key), 'utf8')) as {
        key: string
        digest: string
        settled: Settled
      }
      const sound = entry.key === key && entry.digest === digestOf(entry.settled)
      return sound ? entry.settled : undefined
    } catch {
      return undefined
    }
  }

  /** Keeps what a complete search found; anything else is not kept. A folder that cannot be written to is no failure. */
  keep(protocol: Protocol, instance: Instance, settled: Settled): void {
    const key = this.keyOf(protocol, instance)
    if (key === undefined || !settled.complete || settled.cut || settled.certificate) return
    // What was not decided was stopped by something that is not in the key.
    if (settled.verdicts.some(({ verdict }) => verdict === 'unknown')) return
    if (settled.scenarios?.some(({ found }) => found === null)) return
    const file = this.fileOf(key)
    const scratch = `${file}.${process.pid}`
    try {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(scratch, JSON.stringify({ key, digest: digestOf(settled), settled }))
      renameSync(scratch, file)
    } catch {
      return
    }
  }

  private fileOf(key: string): string {
    return join(this.folder, key.slice(0, 2), `${key.slice(2)}.json`)
  }

  /** Undefined if it cannot be known what the answer depends on. */
  private keyOf(protocol: Protocol, instance: Instance): string | undefined {
    // The recorded runs and the logs are part of what a claim is held against.
    const logs = logsOf(protocol, instance).map((log) => [log, logText(protocol, log)])
    const rules =
      logs.length === 0 ? [] : [logFileOf(protocol).rules, logFileOf(protocol).bind, logFileOf(protocol).own]
    const runs = recordedRuns(protocol)[instance.id]
    const scenarios = scenariosOf(protocol, instance)
    const asked = JSON.stringify([protocol.name, protocol.address, instance, runs, logs, rules, scenarios])
    return this.sources.of(protocol)?.copy().update(asked).digest('hex')
  }
}

const digestOf = (settled: Settled): string => createHash('sha256').update(JSON.stringify(settled)).digest('hex')
