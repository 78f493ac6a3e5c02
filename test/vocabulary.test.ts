/** Everything that is public has a docstring, and docs/vocabulary.md is made of them. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { ProjectReflection } from 'typedoc'
import { page, publicNames, undocumented } from '../bench/vocabulary.js'

describe('the vocabulary', function () {
  this.timeout(120_000)
  let project: ProjectReflection
  before(async () => void (project = await publicNames()))

  it('has a docstring for every public name and for every member of one', () =>
    assert.deepEqual(undocumented(project), []))

  it('is a page that is what the docstrings are', async () =>
    assert.equal(readFileSync('docs/vocabulary.md', 'utf8'), await page(project), 'npm run docs:vocabulary'))
})
