/** `thawproof new`: a model to start from, which checks green at once and explains itself, and all that lives around it. */

import type { Command } from 'commander'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { packageRoot, writeWhole } from '../tell/file.js'
import { asCalled } from '../tell/text.js'
import { Mistake } from '../write/mistake.js'
import { oneOf } from './options.js'
import { strict } from './types.js'

/** The templates, each with the instance that shows its fault, and the property that notices it. */
const templates = {
  driver: ['without-cancel', 'wakeup-not-lost'],
  handshake: ['without-waiting', 'quiet-while-asleep'],
  workqueue: ['without-waiting', 'no-use-after-free'],
  vmm: ['without-drain', 'never-torn'],
} as const satisfies Readonly<Record<string, readonly [instance: string, property: string]>>

type Template = keyof typeof templates

/** This copy of thawproof, as a folder finds it: installed, or by a path to it. */
const copy = (folder: string): { readonly isInstalled: boolean; readonly path: string } => ({
  isInstalled: existsSync(join(folder, 'node_modules', 'thawproof', 'package.json')),
  path: relative(folder, packageRoot()).replaceAll('\\', '/'),
})

/** Adds the command. */
export function newCommand(root: Command): void {
  root
    .command('new <name>')
    .description('write a small protocol with a bug and its claims, a test, and what editors, npm and a CI want')
    .addOption(oneOf('--template <name>', 'what it is of', Object.keys(templates)).default('driver'))
    .action((name: string, { template }: { readonly template: Template }) => {
      if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
        throw new Mistake(`new ${name}`, 'is not a usable name', 'small letters, digits and dashes: my-protocol')
      const [instance, property] = templates[template]
      const own = [`${name}.ts`, `${name}.json`]
      const there = own.find((file) => existsSync(file))
      if (there !== undefined) throw new Mistake(there, 'is already there', 'choose another name, or remove it first')
      writeWhole(own[0]!, filled(`${template}.ts`, name))
      writeWhole(own[1]!, filled(`${template}.json`, name))
      const around = [
        ...writeNew(`${name}.test.mjs`, filled('test.mjs', name)),
        ...writeNew('tsconfig.json', configuration()),
        ...scripts(),
        ...writeNew('.github/workflows/thawproof.yml', filled('workflow.yml', name)),
      ]
      process.stdout.write(
        asCalled(`wrote ${[...own, ...around].join(', ')}; now:

  thawproof check ./${name}.ts
  thawproof trace ./${name}.ts/${instance} ${property}
`),
      )
    })
}

/** A template's file, for a protocol of that name. */
function filled(file: string, name: string): string {
  const text = readFileSync(new URL(`./templates/${file}.txt`, import.meta.url), 'utf8')
  const { isInstalled, path } = copy(process.cwd())
  const program = isInstalled ? `['npx', 'thawproof']` : `[process.execPath, '${join(path, 'dist/src/cli/main.js')}']`
  return text.replaceAll('my-protocol', name).replaceAll('PROGRAM', program)
}

/** What an editor needs to show what `check` tells. */
function configuration(): string {
  const { isInstalled, path } = copy(process.cwd())
  const at = (file: string): readonly string[] => [`./${join(path, file)}`]
  const paths = {
    thawproof: at('dist/src/index.d.ts'),
    'thawproof/check': at('dist/src/check.d.ts'),
    'thawproof/walk': at('dist/src/walk.d.ts'),
    'thawproof/kernel': at('dist/src/kernel.d.ts'),
    'thawproof/templates': at('dist/properties/templates.d.ts'),
  }
  const compilerOptions = { ...strict, noEmit: true, types: [], ...(!isInstalled && { paths }) }
  return `${JSON.stringify({ compilerOptions, include: ['*.ts'] }, null, 2)}\n`
}

/** Adds the scripts that are not there to the package, or makes one. */
function scripts(): readonly string[] {
  const { isInstalled, path } = copy(process.cwd())
  const program = isInstalled ? 'thawproof' : `node ${join(path, 'dist/src/cli/main.js')}`
  const wanted = { check: `${program} check`, watch: `${program} watch`, test: `${program} check && node --test` }
  const known = existsSync('package.json')
    ? (JSON.parse(readFileSync('package.json', 'utf8')) as { readonly scripts?: Readonly<Record<string, string>> })
    : { private: true, type: 'module' }
  const { scripts: own = {} } = known as { readonly scripts?: Readonly<Record<string, string>> }
  // npm writes a test that only says that there is none.
  const kept = Object.fromEntries(Object.entries(own).filter(([, line]) => !line.includes('no test specified')))
  const all = { ...wanted, ...kept }
  if (JSON.stringify(all) === JSON.stringify(own)) return []
  writeWhole('package.json', `${JSON.stringify({ ...known, scripts: all }, null, 2)}\n`)
  return ['package.json']
}

/** Writes a file unless there is one; returns its name if it did. */
function writeNew(file: string, text: string): readonly string[] {
  if (existsSync(file)) return []
  mkdirSync(dirname(file), { recursive: true })
  writeWhole(file, text)
  return [file]
}
