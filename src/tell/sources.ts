/** All that an answer about a protocol depends on: the checker's own files, the version of Node, the modules, and what they import. */

import { createHash, type Hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { asksOutside } from '../search/purity/habits.js'
import type { Protocol } from './protocol.js'

/** The folder of the checker's own files. */
const own = new URL('..', import.meta.url)

/** Protocols by what their modules say, as hashes to which more can be added. */
export class Sources {
  private readonly known = new Map<Protocol, Hash | undefined>()
  private digest: Buffer | undefined

  /** @param engine the checker whose answers these are: the folder of its files, as a URL. */
  constructor(private readonly engine: URL = own) {}

  /** Undefined if it cannot be known what the answer depends on. */
  of(protocol: Protocol): Hash | undefined {
    if (!this.known.has(protocol)) this.known.set(protocol, this.hashOf(protocol))
    return this.known.get(protocol)
  }

  private hashOf({ modules }: Protocol): Hash | undefined {
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
  // A user's own model, which may be made of what its environment is, or when it is loaded.
  if (url.startsWith('data:') && asksOutside(text)) return false
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
