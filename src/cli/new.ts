/** `thawproof new`: a model to start from, which checks green at once and explains itself. */

import type { Command } from 'commander'
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { packageRoot, writeWhole } from '../tell/file.js'
import { asCalled } from '../tell/text.js'
import { Mistake } from '../write/mistake.js'
import { entries } from './entries.js'
import { strict } from './types.js'

/** This copy of thawproof, as a folder finds it: installed, or by a path to it. */
const copy = (folder: string): { readonly isInstalled: boolean; readonly path: string } => ({
  isInstalled: existsSync(join(folder, 'node_modules', 'thawproof', 'package.json')),
  path: relative(folder, packageRoot()),
})

/** What an editor needs to show what `check` tells; one that is there already is left as it is. */
function configuration(): readonly string[] {
  const { isInstalled, path } = copy(process.cwd())
  const at = (from: string): readonly string[] => [`./${join(path, 'dist/src/cli', `${from}.d.ts`)}`]
  const paths = Object.fromEntries(Object.entries(entries).map(([name, from]) => [name, at(from)]))
  const compilerOptions = { ...strict, noEmit: true, types: [], ...(!isInstalled && { paths }) }
  return writeNew('tsconfig.json', { compilerOptions, include: ['*.ts'] })
}

function scripts(name: string): readonly string[] {
  const { isInstalled, path } = copy(process.cwd())
  const program = isInstalled ? 'thawproof' : `node ${join(path, 'dist/src/cli/main.js')}`
  const check = `${program} check ./${name}.ts`
  return writeNew('package.json', { private: true, type: 'module', scripts: { check, test: check } })
}

/** Writes a file unless there is one; returns its name if it did. */
function writeNew(file: string, content: object): readonly string[] {
  if (existsSync(file)) return []
  writeWhole(file, `${JSON.stringify(content, null, 2)}\n`)
  return [file]
}

/** Adds the command. */
export function newCommand(root: Command): void {
  root
    .command('new <name>')
    .description(
      'write NAME.ts and NAME.json, a small protocol with a bug, its fix, and its claims; and a tsconfig.json and a package.json',
    )
    .action((name: string) => {
      if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
        throw new Mistake(`new ${name}`, 'is not a usable name', 'small letters, digits and dashes: my-protocol')
      for (const kind of ['ts', 'json']) write(name, kind)
      const wrote = [`${name}.ts`, `${name}.json`, ...configuration(), ...scripts(name)]
      process.stdout.write(
        asCalled(`wrote ${wrote.join(', ')}; now:

  thawproof check ./${name}.ts
  thawproof trace ./${name}.ts/without-cancel wakeup-not-lost
`),
      )
    })
}

function write(name: string, kind: string): void {
  const file = `${name}.${kind}`
  if (existsSync(file)) throw new Mistake(file, 'is already there', 'choose another name, or remove it first')
  const text = readFileSync(new URL(`./scaffold.${kind}.txt`, import.meta.url), 'utf8')
  writeWhole(file, text.replaceAll('my-protocol', name))
}
