/** What a model needs to be written, and what a page needs to run it: neither brings the search along, nor Node. */

import { build } from 'esbuild'
import fc from 'fast-check'
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { same } from '../src/search/copies.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Bundles some lines for a browser, where there is no module of Node; the files that went in, and the bytes that came out. */
async function bundled(
  ...lines: readonly string[]
): Promise<{ files: readonly string[]; bytes: number; text: string }> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: lines.join('\n'), resolveDir: root, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
  })
  const [{ contents, text }] = outputFiles as [(typeof outputFiles)[number]]
  return { files: Object.keys(metafile.inputs), bytes: contents.length, text }
}

const within = (files: readonly string[], folder: string): readonly string[] =>
  files.filter((file) => file.startsWith(folder))

const reference = ['src/search/copies.ts', 'src/search/reference.ts', 'src/search/run.ts']

describe('a bundle', () => {
  it('of a model and its properties has the room they are written in, and nothing else of ours', async () => {
    const { files } = await bundled(
      `export { default as model } from './models/xen-pv-guest.ts'`,
      `export { default as properties } from './properties/xen-pv-guest.ts'`,
    )
    assert(within(files, 'src/write/').length > 5)
    assert.deepEqual(
      within(files, 'src/').filter((file) => !file.startsWith('src/write/') && file !== 'src/index.ts'),
      [],
    )
  })

  it('of the same with the reference execution and runs has three files more, and is below 120 kB', async () => {
    const { files, bytes } = await bundled(
      `export { default as model } from './models/xen-pv-guest.ts'`,
      `export { default as properties } from './properties/xen-pv-guest.ts'`,
      `export * from './src/search/reference.ts'`,
      `export * from './src/search/run.ts'`,
    )
    assert.deepEqual([...within(files, 'src/search/')].sort(), reference)
    assert(bytes > 50_000 && bytes < 120_000, String(bytes))
  })

  it('of what is derived of a model runs without Node as well', async () => {
    const { files } = await bundled(
      `export * from './src/derive/decision-tree.ts'`,
      `export * from './src/derive/probe.ts'`,
    )
    assert.deepEqual(within(files, 'src/search/'), [])
  })

  it('of a model runs: the reference execution takes its steps', async () => {
    const { text } = await bundled(
      `import model from './models/single-flight.ts'`,
      `import { instantiate } from './src/index.ts'`,
      `import { enabled, initialStates } from './src/search/reference.ts'`,
      `const system = instantiate(model)`,
      `export const first = enabled(system, initialStates(system)[0]).map(({ name }) => name)`,
    )
    const { first } = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as { first: string[] }
    assert(first.length > 0)
  })

  it('compares plain data as the engine does', () => {
    const data = fc.jsonValue({ maxDepth: 3 })
    const near = data.chain((a) => fc.constantFrom([a, structuredClone(a)], [a, [a]], [a, { a }]))
    fc.assert(
      fc.property(near, data, ([a, b], c) => {
        assert.equal(same(a, b), isDeepStrictEqual(a, b))
        assert.equal(same(a, c), isDeepStrictEqual(a, c))
      }),
    )
    assert(
      !same({ a: 0 }, { a: -0 }) && !same([1], { 0: 1 }) && !same({ a: undefined }, {}) && same({ a: NaN }, { a: NaN }),
    )
  })
})
