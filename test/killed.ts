/** A search that saves itself all the time, to be killed: prints a digest of everything that it found. */

import { createHash } from 'node:crypto'
import { explore } from '../src/search/explore.js'
import { follow } from './workers-system.js'

const [file, resume] = process.argv.slice(2)
const { system, watch } = follow({ N: 2, Q: 4 })
const checkpoint = { file: file!, every: 0, resume: resume === 'resume' }
const { states, transitions, depth, cut, expander, edges } = await explore(system, watch, {
  checkpoint,
  keepEdges: true,
})
const { findings, store } = expander
const hash = createHash('sha256')
hash.update(JSON.stringify([states, transitions, depth, cut, findings]))
hash.update(store.parents.all())
for (const part of [edges!.first, edges!.target, edges!.by]) hash.update(part.flat())
process.stdout.write(`${states} ${hash.digest('hex')}\n`)
