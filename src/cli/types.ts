/** The types of an author's file, looked at by the real compiler beside everything else; no verdict is told before it is done. */

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { placeIn, shownFile, toldPlace } from '../tell/place.js'
import { entries } from './entries.js'

/** What is wrong with the types of a file, each with its place and the lines around it; empty if nothing is. */
export type TypeErrors = readonly string[]

const looked = new Set<string>()
let told: ((looking: Promise<TypeErrors>) => void) | undefined

/** Has the types of every file that is loaded in this thread from now on looked at, also if they were before. */
export function lookAtTypes(tell: (looking: Promise<TypeErrors>) => void): void {
  told = tell
  looked.clear()
}

let looks: Promise<unknown> = Promise.resolve()

/** Until the types of all files that were loaded have been looked at, and what waited for that has been printed. */
export async function typesLooked(): Promise<void> {
  await looks
  await new Promise((resolve) => setImmediate(resolve))
}

/**
 * A file is being loaded: its types are looked at, if that is wanted here, once. JavaScript is left alone unless its tsconfig says
 * `checkJs`. What is called when it is loaded, or cannot be: then that is what is told.
 */
export function typesOf(file: string): (isLoaded: boolean) => void {
  const path = resolve(file)
  let loaded: (isLoaded: boolean) => void = () => undefined
  if (!told || looked.has(path)) return loaded
  looked.add(path)
  const config = configFor(path)
  const isScript = /^\.[cm]?js$/.test(extname(path))
  const asks = config !== undefined && /"checkJs"\s*:\s*true/.test(readFileSync(config, 'utf8'))
  if (isScript && !asks) return loaded
  const loading = new Promise<boolean>((resolved) => (loaded = resolved))
  const looking = compiled(path, config)
  const look = loading.then((isLoaded) => (isLoaded ? looking : []))
  looks = Promise.all([looks, look])
  told(look)
  return loaded
}

/** Whether types are looked at here. */
export const areTypesLooked = (): boolean => told !== undefined

/** The nearest `tsconfig.json` above a file. */
function configFor(path: string): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const config = join(folder, 'tsconfig.json')
    if (existsSync(config)) return config
    if (folder === dirname(folder)) return undefined
  }
}

async function compiled(path: string, config: string | undefined): Promise<TypeErrors> {
  const scratch = mkdtempSync(join(tmpdir(), 'thawproof-types-'))
  try {
    const project = join(scratch, 'tsconfig.json')
    writeFileSync(project, JSON.stringify(projectOf(path, config)))
    const { code, out } = await run(compiler(), ['-p', project, '--pretty', 'false'])
    const errors = errorsIn(out)
    if (code !== 0 && errors.length === 0) return [`the compiler ended with ${code}: ${out.trim()}`]
    return errors
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Strict, unless the author's own configuration says otherwise; `thawproof` is this copy, which is what the file will run with. */
function projectOf(path: string, config: string | undefined): object {
  const suffix = import.meta.url.endsWith('.ts') ? '.ts' : '.d.ts'
  const declared = (from: string): string => fileURLToPath(new URL(from + suffix, import.meta.url))
  const paths = Object.fromEntries(Object.entries(entries).map(([name, from]) => [name, [declared(from)]]))
  const always = { noEmit: true, incremental: false, composite: false, skipLibCheck: true, paths }
  if (config === undefined) {
    const compilerOptions = { ...always, ...strict, types: [] }
    return { compilerOptions, files: [path] }
  }
  return { extends: config, compilerOptions: { ...always, typeRoots: typeRoots(config) }, files: [path], include: [] }
}

/** How a file without a configuration is looked at; what `thawproof new` writes. */
export const strict = {
  strict: true,
  target: 'es2023',
  lib: ['es2023'],
  module: 'esnext',
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
  noUncheckedIndexedAccess: true,
} as const

/** Where packages of types are, seen from a configuration. */
function typeRoots(config: string): readonly string[] {
  const roots: string[] = []
  for (let folder = dirname(config); ; folder = dirname(folder)) {
    roots.push(join(folder, 'node_modules', '@types'))
    if (folder === dirname(folder)) return roots
  }
}

/** The compiler for this machine. */
function compiler(): readonly string[] {
  const require = createRequire(import.meta.url)
  const native = require.resolve('@typescript/native/package.json')
  try {
    const name = `@typescript/typescript-${process.platform}-${process.arch}/package.json`
    const folder = dirname(createRequire(native).resolve(name))
    const program = join(folder, 'lib', process.platform === 'win32' ? 'tsc.exe' : 'tsc')
    if (existsSync(program)) return [program]
  } catch {
    // Its own start finds it, or says why not.
  }
  return [process.execPath, join(dirname(native), 'bin', 'tsc')]
}

const run = (
  [program, ...first]: readonly string[],
  rest: readonly string[],
): Promise<{ code: number | null; out: string }> =>
  new Promise((resolved, reject) => {
    const child = spawn(program!, [...first, ...rest], { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolved({ code, out }))
  })

/** `file(line,column): error TS2339: …`, with lines below that are indented. */
function errorsIn(out: string): TypeErrors {
  const found = out.matchAll(/^(?:(.+?)\((\d+),(\d+)\): )?error (TS\d+: .*(?:\n {2,}.*)*)/gm)
  return [...found].map(([, file, line, column, text]) => {
    if (file === undefined) return text!
    const place = placeIn(shownFile(resolve(file)), readFileSync(file, 'utf8'), {
      line: Number(line),
      column: Number(column),
    })
    return `${text!}\n${toldPlace(place)}`
  })
}
