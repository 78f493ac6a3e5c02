/** Claims that were checked before, kept by content: nothing is recalled unless all that it depends on is the same. */

import { createHash, type Hash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { logFileOf, logsOf, logText } from './logs.js'
import type { Protocol } from './protocol.js'
import { recordedRuns } from './runs.js'
import type { Settled } from './settled.js'
import type { Instance } from './spec.js'

/** `$XDG_CACHE_HOME/thawproof`, or `~/.cache/thawproof`. */
export const cacheFolder = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'thawproof')

/** The folder of the checker's own files. */
const own = new URL('..', import.meta.url)

/**
 * Claims settled by complete searches, in a folder that may be deleted at any time. The name of an entry is a hash of the checker's own
 * files, the version of Node, the model's and the properties' files with everything they import, and the claim.
 */
export class Cache {
  private readonly bases = new Map<Protocol, Hash | undefined>()
  private digest: Buffer | undefined

  /** @param engine the checker whose answers these are: the folder of its files, as a URL. */
  constructor(
    private readonly folder: string,
    private readonly engine: URL = own,
  ) {}

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
    if (!this.bases.has(protocol)) this.bases.set(protocol, this.baseOf(protocol))
    // The recorded runs and the logs are part of what a claim is held against.
    const logs = logsOf(protocol, instance).map((log) => [log, logText(protocol, log)])
    const rules =
      logs.length === 0 ? [] : [logFileOf(protocol).rules, logFileOf(protocol).bind, logFileOf(protocol).own]
    const runs = recordedRuns(protocol)[instance.id]
    const asked = JSON.stringify([protocol.name, protocol.address, instance, runs, logs, rules])
    return this.bases.get(protocol)?.copy().update(asked).digest('hex')
  }

  private baseOf({ modules }: Protocol): Hash | undefined {
    const texts = new Map<string, string>()
    if (!modules || ![modules.model, modules.properties.module].every((url) => gather(url, texts))) return undefined
    const hash = createHash('sha256')
      .update(process.version)
      .update((this.digest ??= engineDigest(this.engine)))
    // A length in front keeps two texts from being read as one.
    for (const text of texts.values()) hash.update(`${text.length}:`).update(text)
    return hash
  }
}

const digestOf = (settled: Settled): string => createHash('sha256').update(JSON.stringify(settled)).digest('hex')

/** The checker's own files, and the versions of what it is built on. */
function engineDigest(engine: URL): Buffer {
  const root = fileURLToPath(engine)
  const hash = createHash('sha256')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(js|ts|json)$/.test(name))
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(root, name)))
  for (const folder of ['..', '../..'])
    try {
      hash.update(readFileSync(join(root, folder, 'package.json')))
    } catch {
      // One of the two is the package's root, whether it was built or not.
    }
  return hash.digest()
}

/** Static imports and exports, where a statement can begin; and calls, of which only the run will tell what they import. */
const imports = /(?:^|;)[ \t]*(?:import|export)\b(?:[^'"`;=]*?\bfrom)?\s*['"]([^'"]+)['"]/gm
const called = /\bimport\(/

/** Collects the texts of a module and of all that it imports; false if something cannot be known that way. */
function gather(url: string, texts: Map<string, string>): boolean {
  if (texts.has(url) || url.startsWith(own.href)) return true
  const text = textOf(url)
  if (text === undefined || called.test(text)) return false
  texts.set(url, text)
  return [...text.matchAll(imports)].every(([, target]) => {
    const known = /^(\.{1,2}\/|file:)/.test(target!) && gather(new URL(target!, url).href, texts)
    return known || target === 'thawproof'
  })
}

function textOf(url: string): string | undefined {
  if (url.startsWith('data:')) return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64').toString('utf8')
  for (const file of [url, url.replace(/\.js$/, '.ts')])
    try {
      return readFileSync(fileURLToPath(file), 'utf8')
    } catch {
      continue
    }
  return undefined
}
