/** The static site in a real browser: `npm run test:browser`. */

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { loadProtocol } from '../../src/tell/protocol.js'
import { siteOf } from '../../src/tell/site/site.js'
import { isSound, launched, looks, opened, type Look } from './opened.js'

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
    browser = await launched()
  })
  after(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })

  const open = (name: string, attempt: (page: Page) => Promise<void>, look?: Look): Promise<void> =>
    opened(browser, pathToFileURL(join(folder, name)).href, attempt, look)

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
      { scheme: 'dark' },
    ))

  for (const look of looks)
    for (const name of [
      'index',
      'docs/index',
      'docs/first-driver',
      'TEETH',
      'xen-pv-guest',
      'traces/xen-pv-guest/B01.no-revoke-in-use',
    ])
      it(`${name} is accessible and no wider than the screen (${look.size}, ${look.scheme})`, () =>
        open(
          `${name}.html`,
          async (page) => {
            await isSound(page, `site-${name}-${look.size}-${look.scheme}`)
            if (look.size === 'desktop') return
            const cards = await page.evaluate<number[]>(
              `[...document.querySelectorAll('.cards')].map((one) => one.scrollWidth - one.clientWidth)`,
            )
            assert.ok(
              cards.every((beyond) => beyond === 0),
              `a table of cards is ${Math.max(...cards)} pixels too wide`,
            )
            assert.equal(cards.length > 0, name === 'index' || name === 'TEETH')
          },
          look,
        ))
})
