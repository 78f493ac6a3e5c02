/** The explorer's page opened in a real browser, from one file with the network off, and what one does there. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Browser, Locator, Page } from 'playwright-core'
import { kept, launched, type Look, type Opened } from './opened.js'

/** The command line, compiled. */
export const bin = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))

/** A suspend that a wake-up may cancel. */
export const ownModel = `import { bool, environment, over, propertiesOver, record, source, system } from 'thawproof'

const state = record({ wakeup: bool(), stopped: bool() })
const { model, thread, step } = over(state)
const origin = source('kernel/power/suspend.c', 'suspend_enter')

export default model('own', {
  question: 'Does a wake-up cancel the suspend?',
  actors: { kernel: system('suspends'), user: environment('wakes') },
  initial: () => ({ wakeup: false, stopped: false }),
  parts: () => [
    thread('pm', { actor: 'kernel' },
      step('request', { origin }),
      step('stop', { origin, either: { stops: { when: (s) => !s.wakeup, then: (d) => void (d.stopped = true) }, cancelled: { when: (s) => s.wakeup, goto: 'end' } } }),
      step('enter', { origin }),
    ),
  ],
  resting: () => true,
})

export const properties = propertiesOver(state).cancel('cancel', {
  what: 'the suspend',
  thread: 'pm',
  request: 'request',
  commit: 'enter',
  interrupts: { wakeup: { then: (d) => void (d.wakeup = true) } },
  idle: (_, at) => at('pm', 'end'),
  running: (s) => !s.stopped,
})
`

/** The instances that pages of protocols begin with; others are chosen in the same page. */
const firstOf: Readonly<Record<string, string>> = { 'xen-pv-guest': 'B01', 'pm-core': 'four' }

/** The run without a step, in addresses: no names are summed up. */
const noStep = `0~${(0x811c9dc5).toString(36)}`

/** A browser, a folder, and the pages that were written there; pages stay open, and every attempt begins at the start of a run in one. */
class Explorers {
  readonly folder = mkdtempSync(join(tmpdir(), 'thawproof-explore-'))
  private readonly files = new Map<string, string>()
  private readonly pages = new Map<string, Opened>()
  private launching: Promise<Browser> | undefined

  browser(): Promise<Browser> {
    return (this.launching ??= launched())
  }

  async close(): Promise<void> {
    await (await this.launching)?.close()
    rmSync(this.folder, { recursive: true })
  }

  /** A model with a plan of cancels, or another text, as a file, with its claims if they are given. */
  own(claims?: object, text = ownModel): string {
    const name = claims ? 'claimed' : text === ownModel ? 'own' : 'other'
    const file = join(this.folder, `${name}.ts`)
    writeFileSync(file, claims ? text.replace("model('own'", "model('claimed'") : text)
    if (claims) writeFileSync(file.replace(/ts$/, 'json'), JSON.stringify(claims))
    return file
  }

  /** The file form of an instance, written once. */
  fileOf(target: string, options: readonly string[] = []): string {
    const known = this.files.get([target, ...options].join(' '))
    if (known) return known
    const file = join(this.folder, `page-${this.files.size}.html`)
    const made = spawnSync(process.execPath, [bin, 'explore', target, '--html', file, ...options], { encoding: 'utf8' })
    assert.equal(made.status, 0, made.stderr)
    this.files.set([target, ...options].join(' '), file)
    return file
  }

  /** Opens the file form of `protocol/instance` or of a file at the start of a run, with the network off. */
  async at(
    target: string,
    attempt: (page: Page) => Promise<void>,
    look: Look = {},
    options: readonly string[] = [],
  ): Promise<void> {
    const [, protocol, instance] = /^([\w-]+)\/([\w-]+)$/.exec(target) ?? []
    const first = protocol === undefined ? target : `${protocol}/${firstOf[protocol] ?? instance}`
    const key = JSON.stringify([first, options, look])
    const hash = protocol === undefined ? '#' : `#/${protocol}/${instance}/${noStep}`
    const before = this.pages.get(key)
    const { page, wrong } =
      before ?? (await kept(await this.browser(), pathToFileURL(this.fileOf(first, options)).href + hash, look))
    this.pages.set(key, { page, wrong })
    try {
      await page.context().setOffline(true)
      const start = page.locator('#where', { hasText: /^at the start, no step taken$/ })
      // A page that is just writing its own address has the last word: it is asked again.
      for (let tries = before ? 5 : 0; tries > 0; tries--) {
        await page.evaluate(`location.hash = '#'; location.hash = ${JSON.stringify(hash)}`)
        if (
          await start.waitFor({ timeout: 3000 }).then(
            () => true,
            () => false,
          )
        )
          break
      }
      await start.waitFor()
      if (instance !== undefined) await page.locator('h1', { hasText: `/${instance}` }).waitFor()
      await attempt(page)
      assert.deepEqual(wrong, [])
    } catch (error) {
      // What it was left in is nobody's business.
      this.pages.delete(key)
      throw error
    }
  }
}

/** Those of all tests: pages take long to be written and to be opened. */
export const explorers = new Explorers()
after(() => explorers.close())

/** Waits until the line about the run says so. */
export const says = (page: Page, text: string | RegExp): Promise<void> =>
  page.locator('#where', { hasText: text }).waitFor()

/** Takes a step by its button. */
export const take = (page: Page, name: string): Promise<void> => page.locator(`[data-take="${name}"]`).click()

/** Takes the first possible step so many times, by key. */
export async function firsts(page: Page, steps: number): Promise<void> {
  for (let i = 0; i < steps; i++) await page.keyboard.press('1')
}

/** Opens a panel. */
export async function panel(page: Page, name: string): Promise<Locator> {
  await page.locator(`#tab-${name}`).click()
  return page.locator('#panel')
}

/** The names of the steps of the run. */
export const names = (page: Page): Promise<string[]> => page.locator('.steps [data-step] strong').allTextContents()

/** Chooses what to run until. */
export async function until(page: Page, kind: string, first: string, second?: string): Promise<void> {
  await panel(page, 'next')
  await page.locator('#until-kind').selectOption(kind)
  await page.locator('#until-first').selectOption({ label: first })
  if (second !== undefined) await page.locator('#until-second').selectOption({ label: second })
}

/** Runs until that. */
export async function runUntil(page: Page, kind: string, first: string, second?: string): Promise<void> {
  await until(page, kind, first, second)
  await page.locator('#run-until').click()
}

/** Drags by the mouse. */
export async function drag(page: Page, from: Locator, to: Locator): Promise<void> {
  await from.evaluate((grip) =>
    (grip as unknown as { scrollIntoView(how: object): void }).scrollIntoView({ block: 'center' }),
  )
  const start = (await from.boundingBox())!
  const end = (await to.boundingBox())!
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2)
  await page.mouse.down()
  await page.mouse.move(end.x + 60, end.y + end.height / 2, { steps: 8 })
  await page.mouse.up()
}
