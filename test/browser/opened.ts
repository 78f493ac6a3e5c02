/** Pages opened in a real browser, as on a desktop and on a small phone: nothing may be asked of a network, or complained of. */

import axe from 'axe-core'
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'

/** Pixels of the screens. */
export const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 844 } } as const

/** How a page is looked at. */
export interface Look {
  readonly size?: keyof typeof sizes
  readonly scheme?: 'light' | 'dark'
  /** The page is served, and may ask for what is below its own address. */
  readonly served?: boolean
}

/** Every size in light and in dark. */
export const looks: readonly Required<Pick<Look, 'size' | 'scheme'>>[] = (['desktop', 'phone'] as const).flatMap(
  (size) => (['light', 'dark'] as const).map((scheme) => ({ size, scheme })),
)

/** The browser; `CHROMIUM` names another binary. */
export const launched = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] })

/** A page that is kept open; `wrong` has whatever it asks of the network, and every error that it reports. */
export interface Opened {
  readonly page: Page
  readonly wrong: readonly string[]
}

/** Opens a page. */
export async function kept(
  browser: Browser,
  url: string,
  { size = 'desktop', scheme = 'light', served = false }: Look = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: sizes[size], colorScheme: scheme })
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('console', (message) => (message.type() === 'error' ? wrong.push(message.text()) : undefined))
  page.on('pageerror', (error) => wrong.push(error.message))
  const isOwn = (asked: string): boolean => /^(file|data|blob):/.test(asked) || (served && asked.startsWith(url))
  page.on('request', (request) => (isOwn(request.url()) ? undefined : wrong.push(request.url())))
  await page.goto(url)
  return { page, wrong }
}

/** Opens a page and tries it; what goes wrong in it fails. */
export async function opened(
  browser: Browser,
  url: string,
  attempt: (page: Page) => Promise<void>,
  look: Look = {},
): Promise<void> {
  const { page, wrong } = await kept(browser, url, look)
  await attempt(page)
  await page.context().close()
  assert.deepEqual(wrong, [])
}

/** The page as it is now is accessible, and does not scroll sideways; a picture of it goes to the folder that `SCREENSHOTS` names. */
export async function isSound(page: Page, name: string): Promise<void> {
  const screens = process.env['SCREENSHOTS']
  if (screens) {
    mkdirSync(screens, { recursive: true })
    await page.screenshot({ path: join(screens, `${name.replaceAll('/', '-')}.png`) })
  }
  if (await page.evaluate<boolean>("typeof axe === 'undefined'")) await page.evaluate(axe.source)
  // It would load the style sheet anew, which a page from disk may not; what is all right is nothing to be told of.
  const options = { preload: false, resultTypes: ['violations'] }
  const found = await page.evaluate<string[]>(
    `axe.run(document, ${JSON.stringify(options)})
      .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html.slice(0, 200)))`,
  )
  assert.deepEqual(found, [], name)
  const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  assert.equal(overflow, 0, `${name} scrolls sideways`)
}
