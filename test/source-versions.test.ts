/** Which version of a tree a root is held against, and as which generation of its model. */

import assert from 'node:assert/strict'
import { expectedIn, generationIn, versionOf } from '../src/match/source/kind.js'
import { isOf } from '../src/match/source/origins.js'
import type { Root } from '../src/match/source/mapping.js'
import type { Tree } from '../src/match/source/tree.js'

const root: Root = { function: 'a/b.c:f', thread: 'pm', begins: 'a', ends: ['b'] }
const treeOf = (files: Readonly<Record<string, string>>): Tree => ({ name: 'toy', text: (path) => files[path] })

describe('versions of trees', () => {
  it('are told by the makefile of each project', () => {
    const made = (path: string, text: string) => treeOf({ [path]: text })
    const linux = made('Makefile', '# SPDX\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 117\nEXTRAVERSION =\n')
    assert.equal(versionOf(linux, 'linux'), 'linux 6.12.117')
    const xen = made('xen/Makefile', 'export XEN_VERSION       = 4\nexport XEN_SUBVERSION    = 23\n')
    assert.equal(versionOf(xen, 'xen'), 'xen 4.23')
    assert.equal(versionOf(made('VERSION', '10.0.13\n'), 'qemu'), 'qemu 10.0.13')
    const criu = made(
      'Makefile.versions',
      'CRIU_VERSION_MAJOR\t:= 4\nCRIU_VERSION_MINOR\t:= 2\nCRIU_VERSION_SUBLEVEL\t:=\nX := 1\n',
    )
    assert.equal(versionOf(criu, 'criu'), 'criu 4.2')
    assert.equal(versionOf(treeOf({}), 'linux'), 'linux')
  })

  it('choose the patches that their code has', () => {
    const patchesIn = (version: string): readonly string[] =>
      generationIn(
        {
          ...root,
          generations: [
            { before: '6.1', patches: ['old'] },
            { from: '6.1', before: '7.3', patches: ['middle'] },
            { from: '7.3', patches: ['new'] },
          ],
        },
        version,
      )
    assert.deepEqual(patchesIn('linux 5.19.2'), ['old'])
    assert.deepEqual(patchesIn('linux 6.1'), ['middle'])
    assert.deepEqual(patchesIn('linux 6.12.117'), ['middle'])
    assert.deepEqual(patchesIn('linux 7.3.4'), ['new'])
    assert.deepEqual(patchesIn('linux 10.0'), ['new'])
    assert.deepEqual(patchesIn('linux'), [], 'a tree that does not tell')
    assert.deepEqual(generationIn(root, 'linux 7.3.4'), [])
  })

  it('are those that a spec names for a function, or another one', () => {
    assert.equal(isOf('linux v7.3', 'linux 7.3.4'), true)
    assert.equal(isOf('linux v7', 'linux 7.3.4'), true)
    assert.equal(isOf('linux v6.18', 'linux 7.3.4'), false)
    assert.equal(isOf('linux v7.3', 'linux 7.30'), false)
    assert.equal(isOf('xen v4.23', 'linux 4.23'), false)
    assert.equal(isOf('xen-project/xen 3.1.0-branched:linux-2.6-xen-sparse/', 'linux 7.3.4'), false)
    assert.equal(isOf('none: not in the tree', 'linux 7.3.4'), false)
    assert.equal(isOf(undefined, 'linux 7.3.4'), true)
    assert.equal(isOf('linux v7.3', 'linux'), true, 'a tree that does not tell')
  })

  it('pass over what is newer, or elsewhere', () => {
    const has = treeOf({ 'a/b.c': '' })
    assert.equal(expectedIn(root, treeOf({}), 'linux 6.1'), true, 'what is missing there is told')
    assert.equal(expectedIn({ ...root, since: '6.12' }, has, 'linux 6.1.192'), false)
    assert.equal(expectedIn({ ...root, since: '6.12' }, has, 'linux 6.12.117'), true)
    assert.equal(expectedIn({ ...root, since: '6.12' }, has, 'linux'), true)
    assert.equal(expectedIn({ ...root, elsewhere: 'a branch' }, treeOf({}), 'xen 4.23'), false)
    assert.equal(expectedIn({ ...root, elsewhere: 'a branch' }, has, 'xen 4.22'), true)
  })
})
