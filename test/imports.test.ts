/** The house stays in order: imports run one way, files stay short, and the checker knows no protocol. */

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { protocolNames } from '../src/tell/protocol.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Every TypeScript file below a folder, by its path from the root. */
const filesOf = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(folder, file))
    .sort()

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

/** The files of the project that a file imports, for types or for values. */
const importsOf = (file: string): string[] =>
  [...textOf(file).matchAll(/(?:from|import|import\()\s*'(\.[^']+)'/g)].map(([, target]) =>
    sourceAt(normalize(join(dirname(file), target!))),
  )

/** The source of a module that is imported as it is when compiled. */
const sourceAt = (file: string): string =>
  file.endsWith('.js') && existsSync(join(root, file.replace(/\.js$/, '.tsx')))
    ? file.replace(/\.js$/, '.tsx')
    : file.replace(/\.js$/, '.ts')

const layers = [
  'src/write/',
  'src/kernel/',
  'src/derive/',
  'src/search/',
  'src/ask/',
  'src/match/',
  'src/machine/',
  'src/tell/',
  'src/cli/',
]
const layerOf = (file: string): number => layers.findIndex((layer) => file.startsWith(layer))

/** The first cycle that a walk along the imports comes upon. */
function cycleIn(files: readonly string[]): readonly string[] | undefined {
  const done = new Set<string>()
  const walk = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const next of importsOf(file)) {
      const cycle = walk(next, [...path, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  return files.map((file) => walk(file, [])).find((cycle) => cycle !== undefined)
}

describe('the house', () => {
  const source = filesOf('src')
  const protocols = [...filesOf('models'), ...filesOf('properties')]

  it('is read: imports are found in every layer', () => {
    for (const layer of layers)
      assert(source.filter((file) => file.startsWith(layer)).flatMap(importsOf).length > 0, layer)
    assert.deepEqual(importsOf('test/imports.test.ts'), ['src/tell/protocol.ts'])
  })

  it('imports one way: write, search, tell, command line; what is public is a layer of names', () => {
    const wrong = source
      .filter((file) => !['src/index.ts', 'src/check.ts', 'src/walk.ts', 'src/log.ts', 'src/kernel.ts'].includes(file))
      .flatMap((file) =>
        importsOf(file)
          .filter((target) => layerOf(target) < 0 || layerOf(target) > layerOf(file))
          .map((target) => `${file} imports ${target}`),
      )
    assert.deepEqual(wrong, [])
  })

  it('has no cycle, type imports included', () => {
    assert.equal(cycleIn([...source, ...protocols]), undefined)
  })

  it('keeps models and properties on the public side: they import nothing of the search', () => {
    const wrong = protocols.flatMap((file) =>
      importsOf(file)
        .filter((target) => layerOf(target) > 0)
        .map((target) => `${file} imports ${target}`),
    )
    assert.deepEqual(wrong, [])
  })

  it('has no file of much more than 400 lines', () => {
    const long = [...source, ...protocols, ...filesOf('test')]
      .map((file) => [file, textOf(file).split('\n').length - 1] as const)
      .filter(([, lines]) => lines > 400)
    assert.deepEqual(long, [])
  })

  it('never names a protocol in the checker', () => {
    assert(protocolNames().length > 0)
    const naming = source.flatMap((file) =>
      protocolNames()
        // A name of one word is a word of English, too.
        .filter((name) => name.includes('-') && textOf(file).includes(name))
        .map((name) => `${file} names ${name}`),
    )
    assert.deepEqual(naming, [])
  })

  it('has one protocol under one name in models, properties and specs', () => {
    const names = (folder: string): string[] =>
      filesOf(folder)
        .map((file) => relative(folder, file).replace(/\.ts$/, ''))
        .filter((name) => protocolNames().includes(name))
    assert.deepEqual(names('models'), protocolNames())
    assert.deepEqual(names('properties'), protocolNames())
  })
})
