/** Loads a user's own model file, TypeScript or JavaScript, without a build step. */

import type { BuildFailure, Location, OutputFile } from 'esbuild'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { propertiesFor } from '../search/check.js'
import { outsideModules } from '../search/purity/closures.js'
import { packageRoot } from '../tell/file.js'
import { inFull, readSpec, type Instance, type Spec } from '../tell/spec.js'
import { placeIn, shownFile, thrownAt } from '../tell/place.js'
import type { Protocol } from '../tell/protocol.js'
import { Mistake, type Place } from '../write/mistake.js'
import type { Model } from '../write/model.js'
import { described } from '../write/want.js'
import type { Picture } from '../write/picture.js'
import type { Properties } from '../write/property.js'
import { instantiate } from '../write/system.js'
import { entries } from './entries.js'
import { typesOf } from './types.js'
import { warn } from './warnings.js'

/** Whether a target of the command line is a file rather than the name of a shipped protocol. */
export const isFile = (target: string): boolean => /^[./]|\.[cm]?[jt]s(\/|$)/.test(target)

/** The models of the working folder: files that import thawproof and have a default export, in alphabetical order. */
export function ownModels(): readonly string[] {
  if (existsSync('specs') && resolve('.') === resolve(packageRoot())) return []
  return readdirSync('.')
    .filter((name) => /^[^.].*\.[cm]?[jt]s$/.test(name) && !/\.(test|spec|config|d)\.[cm]?[jt]s$/.test(name))
    .filter((name) => {
      const text = readFileSync(name, 'utf8')
      return /from ['"]thawproof(\/kernel)?['"]/.test(text) && /^export default (model\(|\w+$)/m.test(text)
    })
    .sort()
    .map((name) => `./${name}`)
}

/**
 * Loads a protocol from a file that exports a model by default and `properties` by name. Claims are read from a `.json`
 * of the same name beside it; without one the only claim is that everything holds.
 */
export async function loadFile(file: string): Promise<Protocol> {
  const path = resolve(file)
  if (!existsSync(path))
    throw new Mistake(file, 'there is no such file', 'name a model file, or a protocol:\n  thawproof list')
  const loaded = typesOf(path)
  try {
    const protocol = await loadedFrom(file, path)
    loaded(true)
    return protocol
  } catch (error) {
    loaded(false)
    throw error
  }
}

async function loadedFrom(file: string, path: string): Promise<Protocol> {
  const { module, url } = await bundled(file, path)
  const model = module.default as Model | undefined
  if (!model || typeof model.shape !== 'function')
    throw new Mistake(file, `its default export is ${described(model)}, not a model`, 'write `export default model(…)`')
  const properties = (module.properties ?? []) as Properties
  const unclaimed = unclaimedIn(path, module)
  if (unclaimed !== undefined) warn(`${file}: ${unclaimed}`)
  const modules = { model: url, properties: { module: url, name: 'properties' } }
  const picture = module.picture as Picture<unknown> | undefined
  const name = basename(path, extname(path))
  const shown = picture && { picture }
  const said = unclaimed !== undefined && { unclaimed }
  const known = { name, address: file, model, properties, modules, ...shown, ...said }
  const specFile = path.slice(0, -extname(path).length) + '.json'
  if (!existsSync(specFile)) return { ...known, spec: everythingHolds(name, model, properties) }
  return { ...known, spec: readSpec(specFile, name), specFile }
}

/** What is missing if a file exports no properties. */
function unclaimedIn(path: string, { properties }: Record<string, unknown>): string | undefined {
  const next = 'write `export const properties = [always(…), …]`'
  if (Array.isArray(properties) && properties.length === 0) return `its \`properties\` are an empty list: ${next}`
  if (properties !== undefined) return undefined
  const isThere = /^\s*(const|let|var|function)\s+properties\b/m.test(readFileSync(path, 'utf8'))
  return isThere
    ? 'it declares `properties`, but does not export them: write `export` before'
    : `it exports no \`properties\`: ${next}`
}

async function bundled(file: string, path: string): Promise<{ module: Record<string, unknown>; url: string }> {
  const { build } = await import('esbuild')
  const built = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    outfile: `${path}.js`,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'external',
    logLevel: 'silent',
    plugins: [
      {
        // The model must share this copy of thawproof, wherever the file lies.
        name: 'thawproof',
        setup: (setup) =>
          setup.onResolve({ filter: new RegExp(`^(${Object.keys(entries).join('|')})$`) }, ({ path: name }) => ({
            path: new URL(`${entries[name]!}.js`, import.meta.url).href,
            external: true,
          })),
      },
      {
        // What a model's own files import; packages are judged by what code does with them.
        name: 'nothing outside of the state',
        setup: (setup) =>
          setup.onResolve(
            { filter: new RegExp(`^(node:)?(${outsideModules.join('|')})$`) },
            ({ path: name, importer }) =>
              /[\\/]node_modules[\\/]/.test(importer)
                ? undefined
                : {
                    errors: [
                      {
                        text: `imports ${name}: what that does is no part of the state, and no verdict may depend on it`,
                        detail:
                          'declare what is needed as a field or a constant; data can be imported from a .json file',
                      },
                    ],
                  },
          ),
      },
    ],
  }).catch((cause: unknown) => {
    const [first] = (cause as Partial<BuildFailure>).errors ?? []
    const at = first?.location && placeOfBuild(first.location)
    const next = typeof first?.detail === 'string' ? first.detail : undefined
    throw new Mistake(file, first?.text ?? (cause as Error).message, next, { cause, ...(at && { at }) })
  })
  const url = `data:text/javascript;base64,${Buffer.from(asModule(path, built.outputFiles)).toString('base64')}`
  try {
    return { module: (await import(url)) as Record<string, unknown>, url }
  } catch (cause) {
    throw cause instanceof Mistake
      ? cause
      : new Mistake(file, `cannot be loaded: ${(cause as Error).message}`, undefined, { cause, at: thrownAt(cause) })
  }
}

/** esbuild counts lines from 1 and columns from 0. */
const placeOfBuild = ({ file, line, column }: Location): Place =>
  placeIn(shownFile(resolve(file)), readFileSync(file, 'utf8'), { line, column: column + 1 })

/**
 * The text of a bundle that debuggers and stacks can follow: its map names the author's files by absolute URLs, so that a breakpoint
 * in an editor hits, and the module has a short name of its own instead of all of its text.
 */
function asModule(path: string, files: readonly OutputFile[]): string {
  const [map, code] = ['.map', '.js'].map((end) => files.find((file) => file.path.endsWith(end))!.text)
  const read = JSON.parse(map!) as { sources: string[]; sourceRoot?: string }
  const sources = read.sources.map((source) => pathToFileURL(resolve(dirname(path), source)).href)
  const inline = Buffer.from(JSON.stringify({ ...read, sources })).toString('base64')
  return `${code}
//# sourceURL=${pathToFileURL(path).href}.js
//# sourceMappingURL=data:application/json;base64,${inline}
`
}

/** The spec of a model that comes without one: the base, with every property expected to hold. */
function everythingHolds(name: string, model: Model, properties: Properties): Spec {
  // What is wrong with them is told when they are loaded.
  propertiesFor(instantiate(model), properties)
  return { schema: 'thawproof/spec@1', protocol: name, references: {}, instances: [holding('base', {}, [])] }
}

/** An instance of which everything is expected to hold. */
export const holding = (id: string, parameters: Instance['parameters'], patches: readonly string[]): Instance =>
  inFull({ id, says: 'everything holds', parameters, patches })
