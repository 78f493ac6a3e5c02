/** The static site in a real browser: `npm run test:browser`. */

import AxeSource from 'axe-core'
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { loadProtocol } from '../../src/tell/protocol.js'
import { siteOf } from '../../src/tell/site/site.js'

const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const
const screens = process.env['SCREENSHOTS']

/** What axe finds. */
interface Found {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
}

describe('the static site', function () {
  this.timeout(120_000)
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-site-'))
  let browser: Browser

  before(async () => {
    const names = ['grant-revoke', 'xen-domain-freeze', 'xen-pv-guest']
    for (const { file, text } of await siteOf(await Promise.all(names.map(loadProtocol)), folder)) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
    browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    })
  })
  after(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })

  /** Opens a page of the site; whatever it asks of the network or complains of is an error. */
  async function open(
    name: string,
    look: (page: Page) => Promise<void>,
    size: keyof typeof sizes = 'desktop',
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<void> {
    const context = await browser.newContext({ viewport: sizes[size], colorScheme })
    const page = await context.newPage()
    const wrong: string[] = []
    page.on('console', (message) => (message.type() === 'error' ? wrong.push(message.text()) : undefined))
    page.on('pageerror', (error) => wrong.push(error.message))
    page.on('request', (request) => (/^(file|data):/.test(request.url()) ? undefined : wrong.push(request.url())))
    await page.goto(pathToFileURL(join(folder, name)).href)
    await look(page)
    await context.close()
    assert.deepEqual(wrong, [])
  }

  it('filters protocols and bugs by words, by keyboard, and keeps the words in the address', () =>
    open('index.html', async (page) => {
      const rows = page.locator('.corpus tbody tr:visible')
      const all = await rows.count()
      await page.keyboard.press('/')
      await page.keyboard.type('2011 guest')
      const few = await rows.count()
      assert.ok(few >= 1 && few < all / 2, `${few} of ${all}`)
      for (const text of await rows.allTextContents()) assert.match(text.toLowerCase(), /2011/)
      assert.equal(await page.locator('[role=status]').textContent(), `${few} of ${all} instances of bugs`)
      assert.match(page.url(), /#find=2011%20guest$/)
      await page.reload()
      assert.equal(await rows.count(), few)
      await page.locator('#filter').press('Escape')
      assert.equal(await rows.count(), all)
    }))

  it('leads from a bug to its claim, and from there to its diagram, without a mouse', () =>
    open('index.html', async (page) => {
      const link = page.locator('.corpus a', { hasText: 'xen-pv-guest/B01' })
      await link.focus()
      await page.keyboard.press('Enter')
      await page.waitForURL(/xen-pv-guest\.html#b01$/)
      const image = page.locator('img[src="traces/xen-pv-guest/B01.no-revoke-in-use.svg"]')
      await image.scrollIntoViewIfNeeded()
      await page.waitForFunction(`document.querySelector('img[src$="/B01.no-revoke-in-use.svg"]').naturalWidth === 800`)
      assert.match((await image.getAttribute('alt'))!, /no-revoke-in-use is violated in 12 steps/)
    }))

  it('leads from every cross of the matrix to the page of a diagram, and back', () =>
    open('xen-domain-freeze.html', async (page) => {
      const crosses = page.locator('td.violated a')
      const addresses = await page.evaluate<string[]>(
        `[...document.querySelectorAll('td.violated a')].map((link) => link.href)`,
      )
      assert.ok(addresses.length > 10)
      await crosses.first().focus()
      await page.keyboard.press('Enter')
      await page.waitForURL(/traces\/xen-domain-freeze\/[\w.-]+\.html$/)
      for (const address of addresses) {
        await page.goto(address)
        assert.match((await page.locator('h1').textContent())!, / is violated/)
        await page.locator('main img').scrollIntoViewIfNeeded()
        await page.waitForFunction(`document.querySelector('main img').naturalWidth === 800`)
        assert.ok((await page.locator('main ol > li').count()) > 0)
      }
      await page.locator('nav a', { hasText: /^xen-domain-freeze$/ }).click()
      await page.waitForURL(/xen-domain-freeze\.html#verdicts$/)
    }))

  it('draws the threads in the colours of the page', () =>
    open(
      'xen-pv-guest.html',
      async (page) => {
        assert.ok((await page.locator('.flow svg').count()) >= 2)
        const ink = await page.evaluate<string>(`getComputedStyle(document.querySelector('.flow text')).fill`)
        assert.equal(ink, 'rgb(228, 232, 236)')
      },
      'desktop',
      'dark',
    ))

  for (const size of ['desktop', 'phone'] as const)
    for (const scheme of ['light', 'dark'] as const)
      for (const name of ['index', 'xen-pv-guest', 'traces/xen-pv-guest/B01.no-revoke-in-use'])
        it(`${name} is accessible and no wider than the screen (${size}, ${scheme})`, () =>
          open(
            `${name}.html`,
            async (page) => {
              await page.evaluate(AxeSource.source)
              // It would load the style sheet anew, which a page from disk may not.
              const { violations } = await page.evaluate<Found>('axe.run({ preload: false })')
              assert.deepEqual(
                violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)}`),
                [],
              )
              const width = await page.evaluate<number>('document.documentElement.scrollWidth')
              assert.ok(width <= sizes[size].width, `${width} pixels`)
              if (screens)
                await page.screenshot({
                  path: join(screens, `site-${name.replaceAll('/', '-')}-${size}-${scheme}.png`),
                })
            },
            size,
            scheme,
          ))
})
