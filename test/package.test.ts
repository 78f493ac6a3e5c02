import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The package as others get it: packed, unpacked into an empty folder beside its dependencies, used by its bin and types. */
const root = fileURLToPath(new URL('..', import.meta.url))

/** What npm tells of a tarball. */
interface Packed {
  readonly size: number
  readonly files: readonly { readonly path: string; readonly mode: number }[]
}

describe('the npm package', function () {
  this.timeout(120_000)
  let folder: string
  let packed: Packed

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'thawproof-package-'))
    const modules = join(folder, 'node_modules')
    mkdirSync(join(modules, 'thawproof'), { recursive: true })
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
    const told = execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' })
    packed = (JSON.parse(told) as [Packed])[0]
    const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'))!
    execFileSync('tar', ['-xzf', join(folder, tarball), '--strip-components=1', '-C', join(modules, 'thawproof')])
    // Stands in for the registry: the dependencies as the lock file pins them.
    for (const name of readdirSync(join(root, 'node_modules')))
      if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  })
  after(() => rmSync(folder, { recursive: true }))

  const bin = (...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, [join(folder, 'node_modules/thawproof/dist/src/cli/main.js'), ...args], {
      cwd: folder,
      encoding: 'utf8',
    })

  const types = (file: string): ReturnType<typeof spawnSync> => {
    const compilerOptions = { noEmit: true, strict: true, module: 'nodenext', target: 'es2022', types: [] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }))
    return spawnSync(process.execPath, [join(root, 'node_modules/@typescript/native/bin/tsc'), '-p', folder], {
      cwd: folder,
      encoding: 'utf8',
    })
  }
  it("checks a user's own TypeScript file in an empty folder, without a build step", () => {
    assert.equal(bin('new', 'my-model').status, 0)
    const checked = bin('check', './my-model.ts')
    assert.equal(checked.status, 0, String(checked.stderr))
    assert.match(String(checked.stdout), /all claims met/)
  })

  it('brings its protocols along', () => {
    const checked = bin('check', 'xen-pv-guest/B01')
    assert.equal(checked.status, 0, String(checked.stderr))
  })

  it('writes an explorer of a model of its own and of a protocol', () => {
    for (const target of ['./my-model.ts', 'xen-pv-guest/B01']) {
      const made = bin('explore', target, '--html', 'page.html')
      assert.equal(made.status, 0, String(made.stderr))
      const page = readFileSync(join(folder, 'page.html'), 'utf8')
      assert.match(page, /<script id="program">/)
      assert(page.length < 400_000, `${target}: ${page.length}`)
    }
  })

  it('brings types under which the scaffold is strictly typed, and misspelt fields are errors', () => {
    const good = types('my-model.ts')
    assert.equal(good.status, 0, String(good.stdout))
    writeFileSync(
      join(folder, 'bad.ts'),
      `import { env, bool, over, record } from 'thawproof'
const { step } = over(record({ wakeup: bool() }))
export default step('s', { origin: env(''), when: (s) => s.wakeupp })`,
    )
    assert.match(String(types('bad.ts').stdout), /Property 'wakeupp' does not exist/)
  })

  it('goes with a newer fast-check of the user, at run time and by types: there is one of them', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Readonly<Record<string, string>>
    }
    // A pinned version would be installed beside the user's, and the classes of two copies are different types.
    assert.match(dependencies['fast-check']!, /^\^4\./)
    const uses = `import fc from 'fast-check'
import { bool, record } from 'thawproof'
import { valuesOf } from 'thawproof/walk'
const values: fc.Arbitrary<{ on: boolean }> = valuesOf(record({ on: bool() }))
fc.assert(fc.property(values, ({ on }) => typeof on === 'boolean'))
`
    writeFileSync(join(folder, 'arbitrary.ts'), uses)
    assert.equal(String(types('arbitrary.ts').stdout), '')
  })

  it('is small, has no source maps of its own, and of others only what has its licence beside it', () => {
    const { size, files } = packed
    assert.ok(size < 3_000_000, `${size}`)
    const paths = files.map(({ path }) => path)
    assert.deepEqual(
      paths.filter((path) => /^dist\/src\/.*\.map$|^test\/|^\.|node_modules|\.tgz$/.test(path)),
      [],
    )
    assert.ok(paths.includes('LICENSE'))
    const strange = paths.filter((path) => !/\.(js|d\.ts|ts|map|json|md|css|html|svg|txt|sh|bt|dot)$/.test(path))
    assert.deepEqual(strange, [
      'LICENSE',
      'dist/src/match/source/tree-sitter-c.LICENSE',
      'dist/src/match/source/tree-sitter-c.wasm',
    ])
  })

  it('has what its pages link to, and a program that can be started', () => {
    const { files } = packed
    const paths = files.map(({ path }) => path)
    const isThere = (target: string): boolean =>
      paths.some((path) => path === target || path.startsWith(`${target.replace(/\/$/, '')}/`))
    const links = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md'].flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?![a-z]+:|#)([^)#]+)/g)].map(([, link]) => link!),
    )
    assert.ok(links.length > 10)
    assert.deepEqual(
      links.filter((link) => !isThere(link)),
      [],
    )
    assert.equal(files.find(({ path }) => path === 'dist/src/cli/main.js')!.mode & 0o111, 0o111)
  })
})
