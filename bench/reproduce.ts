/** Writes the scripts of all violated claims of all bugs, has shellcheck read them, and says how many acts are known. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reproduceScript } from '../src/machine/script.js'
import { recipeOf } from '../src/tell/acts.js'
import { loadProtocol, protocolNames } from '../src/tell/protocol.js'
import { recordedTraces } from '../src/tell/runs.js'

const folder = mkdtempSync(join(tmpdir(), 'thawproof-scripts-'))
const files: string[] = []
const count = { scripts: 0, begun: 0, open: 0 }
for (const name of protocolNames()) {
  const protocol = await loadProtocol(name)
  const buggy = protocol.spec.instances.filter(({ form }) => form === 'buggy')
  for (const instance of buggy)
    for (const trace of recordedTraces(protocol, [instance])) {
      const recipe = recipeOf(protocol, [`${name}/${instance.id}`], instance.says, trace)
      const text = reproduceScript(recipe)
      count.scripts++
      if (!text.includes('# Nothing here begins')) count.begun++
      if (recipe.steps.some(({ open }) => open !== undefined)) count.open++
      files.push(join(folder, `${files.length}.sh`))
      writeFileSync(files.at(-1)!, text)
    }
}
let dirty = 0
for (let i = 0; i < files.length; i += 50)
  dirty += Number(
    spawnSync('shellcheck', ['-s', 'sh', ...files.slice(i, i + 50)], { stdio: ['ignore', 'inherit', 'inherit'] })
      .status !== 0,
  )
rmSync(folder, { recursive: true })
console.log(
  `${count.scripts} scripts; ${count.begun} begin the attempt by a command; ${count.open} have a step of which nobody has said how; shellcheck ${dirty === 0 ? 'is content with all' : 'is not content'}`,
)
process.exitCode = dirty === 0 ? 0 : 1
