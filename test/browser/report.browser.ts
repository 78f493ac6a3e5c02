/** The HTML report in a real browser: `npm run test:browser`. */

import assert from 'node:assert/strict'
import { readFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { checkClaim } from '../../src/tell/claim.js'
import { junitOf } from '../../src/tell/formats/junit.js'
import { htmlOf } from '../../src/tell/html/report.js'
import { loadProtocol } from '../../src/tell/protocol.js'
import { settled, type Settled } from '../../src/tell/settled.js'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const screens = process.env['SCREENSHOTS']
const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const

describe('the HTML report', function () {
  this.timeout(60_000)
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-html-'))
  let browser: Browser
  let url: string
  let claims: readonly Settled[]

  before(async () => {
    const protocols = await Promise.all(['xen-domain-freeze', 'xen-pv-guest', 'xen-arm-control'].map(loadProtocol))
    const settling = protocols.flatMap((protocol) =>
      protocol.spec.instances
        .filter(({ measured }) => (measured?.states ?? 0) < 600)
        .map(async (instance) => settled(await checkClaim(protocol, instance), true)),
    )
    claims = await Promise.all(settling)
    const first = claims[0]!
    const unmet = { ...first, differences: ['no-deadlock is violated, expected <holds></script>'] }
    const questions = protocols.map(({ name, model }) => [name, model.declared.question] as const)
    const file = join(folder, 'report.html')
    writeFileSync(file, htmlOf([unmet, ...claims.slice(1)], Object.fromEntries(questions)))
    url = pathToFileURL(file).href
    browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    })
  })
  after(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })

  /** Opens the report; whatever the page asks of the network or complains of is an error. */
  async function open(
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
    await page.goto(url)
    await look(page)
    await context.close()
    assert.deepEqual(wrong, [])
  }

  const visible = (page: Page): Promise<number> => page.locator('.claim:visible').count()

  it('shows every claim, and filters by words and by kind', () =>
    open(async (page) => {
      assert.equal(await visible(page), claims.length)
      await page.keyboard.press('/')
      await page.keyboard.type('s16 builder')
      assert.ok((await visible(page)) >= 1 && (await visible(page)) < 8)
      assert.match((await page.locator('#found').textContent())!, new RegExp(`of ${claims.length} instances`))
      await page.locator('#search').fill('')
      await page.locator('#show').selectOption('unmet')
      assert.equal(await visible(page), 1)
      assert.match((await page.locator('.claim:visible').textContent())!, /Not as claimed: .*<holds><\/script>/)
      await page.locator('#show').selectOption('bugs')
      assert.equal(await visible(page), claims.filter(({ instance }) => instance.form === 'buggy').length)
    }))

  it('steps through a trace by keyboard and by button, with the state after each step', () =>
    open(async (page) => {
      await page.locator('[data-instance="xen-domain-freeze/S16"] a', { hasText: 'all-are-frozen' }).click()
      // The page follows its address, and addresses change when the browser gets to it.
      await page.locator('.steps button').first().waitFor()
      const trace = claims.flatMap(({ traces = [] }) => traces).find(({ property }) => property === 'all-are-frozen')!
      const steps = trace.steps.length
      assert.equal(await page.locator('.steps button').count(), steps)
      assert.match((await page.locator('#detail').textContent())!, /the requirement fails because/)
      assert.doesNotMatch((await page.locator('body').textContent())!, /\[object/)
      const where = page.locator('#where')
      const reads = (text: string): Promise<void> => page.locator('#where', { hasText: text }).waitFor()
      assert.equal(await where.textContent(), 'at the start')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('j')
      await reads('after step 2')
      assert.equal(await where.textContent(), `after step 2 of ${steps}`)
      assert.equal(await page.locator('[aria-current="step"]').getAttribute('data-step'), '2')
      await page.locator('#next').click()
      await reads('after step 3')
      assert.equal(await where.textContent(), `after step 3 of ${steps}`)
      const fresh = await page.locator('tr.fresh th').allTextContents()
      assert.deepEqual(
        fresh,
        trace.steps[2]!.changes.map(({ field }) => field),
      )
      await page.keyboard.press('k')
      await reads('after step 2')
      assert.equal(await where.textContent(), `after step 2 of ${steps}`)
      await page.keyboard.press('Escape')
      await page.locator('.claim:visible').first().waitFor()
      assert.equal(await visible(page), claims.length)
    }))

  it('opens a trace from a link, and the overview where there is no such trace', () =>
    open(async (page) => {
      await page.goto(`${url}#/xen-domain-freeze/S16/never-negative`)
      await page.locator('#title', { hasText: 'S16: never-negative' }).waitFor()
      assert.match((await page.locator('#title').textContent())!, /S16: never-negative/)
      await page.goto(`${url}#/x/y/z`)
      await page.locator('.claim:visible').first().waitFor()
      assert.equal(await visible(page), claims.length)
    }))

  it('is accompanied by JUnit XML that a browser parses', () =>
    open(async (page) => {
      const xml = junitOf(claims)
      const found = await page.evaluate(`(() => {
        const parsed = new DOMParser().parseFromString(${JSON.stringify(xml)}, 'application/xml')
        return ['parsererror', 'testsuite', 'testcase'].map((name) => parsed.getElementsByTagName(name).length)
      })()`)
      const cases = claims.reduce((sum, { verdicts }) => sum + verdicts.length + 1, 0)
      assert.deepEqual(found, [0, claims.length, cases])
    }))

  for (const size of ['desktop', 'phone'] as const)
    for (const scheme of ['light', 'dark'] as const)
      it(`is accessible and fits: ${size}, ${scheme}`, () =>
        open(
          async (page) => {
            await look(page, `overview-${size}-${scheme}`)
            await page.goto(`${url}#/xen-pv-guest/B01/no-revoke-in-use`)
            for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowDown')
            await look(page, `trace-${size}-${scheme}`)
          },
          size,
          scheme,
        ))

  async function look(page: Page, name: string): Promise<void> {
    if (screens) {
      mkdirSync(screens, { recursive: true })
      await page.screenshot({ path: join(screens, `${name}.png`) })
    }
    await page.evaluate(axe)
    const violations = await page.evaluate(
      `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).slice(0, 3).join(', ')))`,
    )
    assert.deepEqual(violations, [], name)
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    assert.equal(overflow, 0, `${name} scrolls sideways`)
  }
})
