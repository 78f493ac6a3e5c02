/** The explorer's page: one HTML file with the model, the properties and the engine in it, that asks nothing of a network. */

import type { BuildFailure, Plugin } from 'esbuild'
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Mistake } from '../../write/mistake.js'
import { inScript, inTitle } from '../html/page.js'
import { shared, styleOf } from '../html/styles.js'
import type { Protocol } from '../protocol.js'
import type { Instance } from '../spec.js'
import { subjectOf, type Given } from './subject.js'

/** What a model of one's own may import, seen from here. */
const own: Readonly<Record<string, string>> = {
  thawproof: '../../index.js',
  'thawproof/kernel': '../../kernel.js',
  'thawproof/templates': '../../../properties/templates.js',
}

/** Writes the page of a protocol that begins with one variant; `canSave`: it is served by somebody who can write the spec. */
export async function explorerPage(protocol: Protocol, instance: Instance, given: Given): Promise<string> {
  const program = await programOf(protocol)
  const data = inScript(subjectOf(protocol, instance, given))
  const text = inTitle(`${protocol.name}: explore`)
  const style = styleOf(shared('base'), shared('page'), new URL('./browser/explore.css', import.meta.url))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; worker-src blob:; img-src data:${given.canSave ? "; connect-src 'self'" : ''}">
<title>${text}</title>
<link rel="icon" href="data:,">
<style>
${style}
</style>
</head>
<body>
<div id="app"></div>
<script id="data" type="application/json">${data}</script>
<script id="program">${program}</script>
</body>
</html>
`
}

/** The path of a module that is compiled, or of its source where nothing is. */
function moduleAt(url: URL): string {
  const path = fileURLToPath(url)
  return existsSync(path) ? path : path.replace(/\.js$/, '.ts')
}

/** Model, properties and explorer as one script. @throws Mistake for a model made in memory, and for one that needs what no browser has. */
async function programOf({ name, address, modules, picture }: Protocol): Promise<string> {
  if (!modules) throw new Mistake(name, 'was made in memory', 'explore a protocol or a model file')
  const isFile = modules.model.startsWith('data:')
  const model = isFile ? resolve(address) : moduleAt(new URL(modules.model))
  const properties = isFile ? model : moduleAt(new URL(modules.properties.module))
  const pictured = isFile ? model : moduleAt(new URL(`./pictures/${name}.js`, modules.model))
  const main = moduleAt(new URL('./browser/main.js', import.meta.url))
  const { build } = await import('esbuild')
  const built = await build({
    stdin: {
      contents: [
        `import model from ${JSON.stringify(model)}`,
        `import * as exported from ${JSON.stringify(properties)}`,
        ...(picture ? [`import * as pictured from ${JSON.stringify(pictured)}`] : []),
        `import { start } from ${JSON.stringify(main)}`,
        `const picture = ${picture ? `pictured[${JSON.stringify(isFile ? 'picture' : 'default')}]` : '{}'}`,
        `start({ model, properties: exported[${JSON.stringify(modules.properties.name)}] ?? [], picture })`,
      ].join('\n'),
      resolveDir: dirname(main),
    },
    // Not every browser has what sites are taken with; nothing but a place in a mistake is lost without.
    banner: { js: 'Error.captureStackTrace??=()=>{};' },
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2023',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [onlyWhatIsUsed],
  }).catch((cause: unknown) => {
    const [first] = (cause as Partial<BuildFailure>).errors ?? []
    throw new Mistake(address, first?.text ?? (cause as Error).message, 'an explored model runs in a browser', {
      cause,
    })
  })
  return built.outputFiles[0]!.text
}

/** No module of ours does anything when it is loaded: what is not used of it is left out, and with it all that only Node has. */
const onlyWhatIsUsed: Plugin = {
  name: 'only what is used',
  setup: (setup) => {
    setup.onResolve({ filter: /^thawproof(\/(kernel|templates))?$/ }, ({ path }) => ({
      path: moduleAt(new URL(own[path]!, import.meta.url)),
      sideEffects: false,
    }))
    setup.onResolve({ filter: /^\.{1,2}\// }, async ({ path, resolveDir, kind, pluginData }) => {
      if (pluginData === 'asked') return undefined
      const found = await setup.resolve(path, { resolveDir, kind, pluginData: 'asked' })
      return found.errors.length > 0 ? { errors: found.errors } : { path: found.path, sideEffects: false }
    })
    setup.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'node', sideEffects: false }))
    setup.onLoad({ filter: /.*/, namespace: 'node' }, () => ({
      contents: `import * as stand from ${JSON.stringify(moduleAt(new URL('./browser/node.js', import.meta.url)))};module.exports = stand`,
      resolveDir: dirname(fileURLToPath(import.meta.url)),
    }))
  },
}
