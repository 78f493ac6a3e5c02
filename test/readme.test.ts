import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Every transcript in the README is what the program prints; `UPDATE=1 npx mocha test/readme.test.ts` rewrites them. */
const readme = new URL('../README.md', import.meta.url)
const bin = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))

describe('the README', function () {
  this.timeout(300_000)

  // As npx would call it: what is printed to be typed begins with that.
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'thawproof-'))
    symlinkSync(bin, join(folder, 'thawproof'))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('shows what the program prints', () => {
    const text = readFileSync(readme, 'utf8')
    let shown = 0
    const fresh = text.replaceAll(/```console\n\$ npx thawproof ([^\n]+)\n([^]*?)```/g, (_, command: string) => {
      shown++
      const env = { ...process.env, NO_COLOR: '1', npm_command: 'exec' }
      const program = join(folder, 'thawproof')
      const { stdout, status } = spawnSync(process.execPath, [program, ...command.split(' ')], {
        encoding: 'utf8',
        env,
      })
      assert.ok(status === 0 || status === 1, command)
      return `\`\`\`console\n$ npx thawproof ${command}\n${stdout}\`\`\``
    })
    assert.ok(shown >= 1)
    if (process.env.UPDATE) writeFileSync(readme, fresh)
    else assert.equal(text, fresh)
  })
})
