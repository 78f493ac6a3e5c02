import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeWhole } from '../src/tell/file.js'

describe('a file', () => {
  let folder: string
  before(() => (folder = mkdtempSync(join(tmpdir(), 'thawproof-file-'))))
  after(() => rmSync(folder, { recursive: true }))

  it('is replaced whole', () => {
    writeFileSync(join(folder, 'spec.json'), 'old')
    writeWhole(join(folder, 'spec.json'), 'new')
    assert.equal(readFileSync(join(folder, 'spec.json'), 'utf8'), 'new')
    assert.deepEqual(readdirSync(folder), ['spec.json'])
  })

  it('that cannot be written is a mistake that names it, and leaves nothing behind', () => {
    assert.throws(
      () => writeWhole(join(folder, 'absent', 'spec.json'), 'new'),
      /absent\/spec\.json: cannot be written \(ENOENT\)/,
    )
    assert.throws(() => writeWhole('/dev/full/x', 'new'), /cannot be written/)
  })
})
