/** `thawproof watch`: checks again what an edit touches; what changed comes first, and what was good stays known. */

import { Option, type Command } from 'commander'
import { watch as watchFolder } from 'node:fs'
import { basename, dirname } from 'node:path'
import { checkClaim, type Claim } from '../tell/claim.js'
import { settled, tracesOf, wrongIn, type Settled } from '../tell/claim-result.js'
import { declaredBy } from '../tell/declared.js'
import { lanesOf } from '../tell/lanes.js'
import { toldMistake } from '../tell/place.js'
import { asCalled, counted, paint } from '../tell/text.js'
import { Mistake } from '../write/mistake.js'
import { isFile, ownModels } from './load.js'
import { columns } from './options.js'
import { targetsOf, type Target } from './target.js'
import { areTypesLooked, lookAtTypes } from './types.js'

/** Milliseconds in which what belongs to one save arrives. */
const settling = 20

/** What the keys do, as it is told. */
const keys = `keys: ${[
  'a all again',
  'f only what is not as claimed',
  'p instances by name',
  't the first trace',
  'r again',
  'q quit',
].join(', ')}`

/** Adds the command. */
export function watchCommand(root: Command): void {
  root
    .command('watch [targets...]')
    .description('check your models again whenever one of their files is saved')
    .addOption(new Option('--once', 'check once, and end').hideHelp())
    .action(async (names: string[], { once = false }: { readonly once?: boolean }) => {
      const meant = names.length > 0 ? names : ownModels()
      const strange = meant.find((name) => !isFile(name))
      if (strange !== undefined)
        throw new Mistake(`watch ${strange}`, 'is no file', 'what is shipped does not change: name a model of your own')
      if (meant.length === 0)
        throw new Mistake('watch', 'there is no model in this folder', 'make one:\n  thawproof new my-protocol')
      const watch = new Watch(meant, (text) => void process.stdout.write(text))
      await watch.round()
      if (once) return
      await watch.follow()
      // Who reads standard input in a thread waits for it for ever.
      process.exit(0)
    })
}

/** What is known of the models that are watched. */
export class Watch {
  /** What was found last, by protocol and instance. */
  private readonly known = new Map<string, Settled>()
  private readonly claims = new Map<Settled, Claim>()
  /** The text of what a model was loaded from, by its name. */
  private readonly texts = new Map<string, string>()
  private filter: 'all' | 'failing' | RegExp = 'all'
  private isGood: string | undefined

  constructor(
    private readonly names: readonly string[],
    private readonly print: (text: string) => void,
  ) {}

  /** Checks what has changed since the last round, or everything that is meant. */
  async round(again = false): Promise<void> {
    const start = performance.now()
    this.print(`${paint('dim', 'thawproof: checking')}\n`)
    const types = this.looking()
    let checked = 0
    try {
      for (const target of await targetsOf(this.names, { parameter: [], patch: [] }))
        checked += await this.target(target, again)
      this.tell(start, checked)
    } catch (error) {
      if (!(error instanceof Mistake)) throw error
      this.print(`${asCalled(toldMistake(error))}\n`)
      const kept = this.isGood === undefined ? '' : `; kept: ${this.isGood}`
      this.print(`${paint('red', `thawproof: checked, 1 mistake${kept}`)}\n`)
    }
    for (const error of await types()) this.print(`${error}\n`)
  }

  /** Has the types looked at beside the check: what they are told behind it. */
  private looking(): () => Promise<readonly string[]> {
    if (!areTypesLooked()) return () => Promise.resolve([])
    const looks: Promise<readonly string[]>[] = []
    lookAtTypes((looking) => void looks.push(looking))
    return async () => (await Promise.all(looks)).flat()
  }

  /** How many instances of a target were checked: those that an edit touches, and that are asked for. */
  private async target({ protocol, instances }: Target, again: boolean): Promise<number> {
    const text = JSON.stringify([protocol.modules, protocol.spec])
    const isTouched = again || this.texts.get(protocol.address) !== text
    if (!isTouched) return 0
    this.texts.set(protocol.address, text)
    const asked = instances.filter(({ id }) => this.isAsked(`${protocol.address}/${id}`))
    for (const instance of asked) {
      const key = `${protocol.address}/${instance.id}`
      const before = this.known.get(key)
      const found = await checkClaim(protocol, instance)
      const claim = settled(found)
      if (before) this.claims.delete(before)
      this.claims.set(claim, found)
      this.known.set(key, claim)
      this.changes(before, claim)
      const declared = claim.differences.length > 0 ? declaredBy(protocol, instance) : () => undefined
      for (const verdict of claim.verdicts) {
        const wrong = wrongIn(claim, verdict)
        const place = wrong === undefined ? undefined : declared(verdict.property)
        const at = place ? `${place.file}:${place.line}:${place.column}` : protocol.address
        if (wrong !== undefined) this.print(`${at}: error: ${instance.id}: ${wrong}\n`)
      }
    }
    return asked.length
  }

  private isAsked(key: string): boolean {
    if (this.filter === 'all') return true
    const known = this.known.get(key)
    return this.filter === 'failing' ? known === undefined || known.differences.length > 0 : this.filter.test(key)
  }

  /** Verdicts that are others than before. */
  private changes(before: Settled | undefined, now: Settled): void {
    for (const { property, verdict } of now.verdicts) {
      const was = before?.verdicts.find((one) => one.property === property)?.verdict
      if (was === undefined || was === verdict) continue
      const style = wrongIn(now, { property }) === undefined ? 'green' : 'red'
      this.print(`${paint(style, `${now.instance.id}: ${property}: ${was} → ${verdict}`)}\n`)
    }
  }

  private tell(start: number, checked: number): void {
    const all = [...this.known.values()]
    const unmet = all.filter(({ differences }) => differences.length > 0).length
    const took = `${(performance.now() - start).toFixed(0)} ms`
    const what = unmet === 0 ? paint('green', 'all as claimed') : paint('red', `${unmet} not as claimed`)
    if (unmet === 0)
      this.isGood = `all ${counted(all.length, 'instance')} as claimed at ${new Date().toLocaleTimeString()}`
    const { length } = all
    this.print(`thawproof: checked ${checked} of ${counted(length, 'instance')} in ${took}, ${what}\n`)
  }

  /** Goes on until it is told to quit. */
  follow(): Promise<void> {
    this.print(`${paint('dim', keys)}\n`)
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined
      // One round after the other, also if a file is saved meanwhile.
      let last = Promise.resolve()
      const round = (again = false): Promise<void> => (last = last.then(() => this.round(again)))
      const folders = new Set(this.names.map((name) => dirname(name.replace(/(\.[cm]?[jt]s)\/.*$/, '$1'))))
      const watchers = [...folders].map((folder) =>
        watchFolder(folder, (_, file) => {
          if (file === null || !/\.([cm]?[jt]s|json)$/.test(basename(file))) return
          clearTimeout(timer)
          timer = setTimeout(() => void round(), settling)
        }),
      )
      const quit = (): void => {
        clearTimeout(timer)
        for (const watcher of watchers) watcher.close()
        resolve()
      }
      this.listen(round, quit)
    })
  }

  /** Does what the keys say; a pattern is typed until Enter. */
  private listen(round: (again?: boolean) => Promise<void>, quit: () => void): void {
    let pattern: string | undefined
    const ended = (text: string): void => {
      pattern = undefined
      this.filter = text === '' ? 'all' : new RegExp(text.replace(/[^\w*-]/g, '\\$&').replaceAll('*', '.*'))
      void round(true)
    }
    const acts: Readonly<Record<string, () => void>> = {
      a: () => ((this.filter = 'all'), void round(true)),
      f: () => ((this.filter = 'failing'), void round(true)),
      p: () => ((pattern = ''), this.print('instances (* for any): ')),
      t: () => void this.trace(),
      r: () => void round(true),
      q: quit,
      '\x03': quit,
    }
    process.stdin.on('data', (data: Buffer) => {
      for (const key of data.toString()) {
        if (pattern === undefined) {
          acts[key]?.()
          continue
        }
        const isEnd = key === '\r' || key === '\n'
        this.print(isEnd ? '\n' : key)
        if (isEnd) ended(pattern)
        else pattern += key
      }
    })
  }

  /** The first run that is not as claimed. */
  async trace(): Promise<void> {
    const isWrong = (claim: Settled) => claim.verdicts.some((one) => one.traceLength !== null && wrongIn(claim, one))
    const first = [...this.known.values()].find(isWrong)
    const traces = first ? await tracesOf(this.claims.get(first)!) : []
    const shown = traces.find(({ property }) =>
      first!.verdicts.some((one) => one.property === property && wrongIn(first!, one) !== undefined),
    )
    this.print(`${shown ? lanesOf(shown, { columns: columns() }) : 'there is no run that is not as claimed'}\n`)
  }
}
