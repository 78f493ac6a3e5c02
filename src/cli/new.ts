/** `thawproof new`: a model to start from, which checks green at once and explains itself. */

import type { Command } from 'commander'
import { existsSync, readFileSync } from 'node:fs'
import { writeWhole } from '../tell/file.js'
import { Mistake } from '../write/mistake.js'

/** Adds the command. */
export function newCommand(root: Command): void {
  root
    .command('new <name>')
    .description('write NAME.ts and NAME.json: a small protocol with a bug, its fix, and its claims')
    .action((name: string) => {
      if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
        throw new Mistake(`new ${name}`, 'is not a usable name', 'small letters, digits and dashes: my-protocol')
      for (const kind of ['ts', 'json']) write(name, kind)
      process.stdout.write(`wrote ${name}.ts and ${name}.json; now:

  thawproof check ./${name}.ts
  thawproof trace ./${name}.ts/without-cancel wakeup-not-lost
`)
    })
}

function write(name: string, kind: string): void {
  const file = `${name}.${kind}`
  if (existsSync(file)) throw new Mistake(file, 'is already there', 'choose another name, or remove it first')
  const text = readFileSync(new URL(`./scaffold.${kind}.txt`, import.meta.url), 'utf8')
  writeWhole(file, text.replaceAll('my-protocol', name))
}
