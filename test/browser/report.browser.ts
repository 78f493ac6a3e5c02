/** The HTML report in a real browser: `npm run test:browser`. */

import assert from 'node:assert/strict'
import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { checkClaim } from '../../src/tell/claim.js'
import { compare, type Asked } from '../../src/tell/compare/comparison.js'
import { junitOf } from '../../src/tell/formats/junit.js'
import { comparePage } from '../../src/tell/html/compare.js'
import { htmlOf } from '../../src/tell/html/report.js'
import { instanceOf, loadProtocol, systemOf } from '../../src/tell/protocol.js'
import { claimedIn, settled, tracesOf, type Settled } from '../../src/tell/claim-result.js'
import { sequenceOf, flowOf } from '../../src/tell/formats/mermaid.js'
import { decisiveSteps, fatefulStep } from '../../src/tell/trace.js'
import { longTrace } from '../long.js'
import { isSound, launched, looks, opened, sizes, type Look } from './opened.js'

const mermaid = readFileSync(createRequire(import.meta.url).resolve('@mermaid-js/tiny/dist/mermaid.tiny.js'), 'utf8')

describe('the HTML report', function () {
  this.timeout(60_000)
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-html-'))
  let browser: Browser
  let url: string
  let comparisonUrl: string
  let longAddress: string
  let claims: readonly Settled[]

  before(async () => {
    const protocols = await Promise.all(['xen-domain-freeze', 'xen-pv-guest', 'xen-arm-control'].map(loadProtocol))
    const settling = protocols.flatMap((protocol) =>
      protocol.spec.instances
        .filter(({ measured }) => (measured?.states ?? 0) < 600)
        .map(async (instance) => {
          const claim = await checkClaim(protocol, instance)
          return settled(claim, await tracesOf(claim))
        }),
    )
    claims = await Promise.all(settling)
    // A long run, shown as if it were one of them.
    const long = await longTrace()
    claims = claims.map((claim, i) => (i === 1 ? { ...claim, traces: [...claim.traces!, long] } : claim))
    longAddress = ['#', claims[1]!.protocol, claims[1]!.instance.id, long.property].join('/')
    const first = claims[0]!
    const unmet = { ...first, differences: ['no-deadlock: claimed <to hold></script>'] }
    const questions = protocols.map(({ name, model }) => [name, model.declared.question] as const)
    const file = join(folder, 'report.html')
    writeFileSync(file, htmlOf([unmet, ...claims.slice(1)], Object.fromEntries(questions)))
    url = pathToFileURL(file).href
    const xen = protocols[1]!
    const era = (name: string): Asked => ({
      name,
      instance: null,
      system: systemOf(xen, { parameters: {}, patches: [name] }),
    })
    const other = join(folder, 'compare.html')
    writeFileSync(other, comparePage(await compare(xen, [era('linux-2.6.32'), era('linux-2.6.39')]), xen.address))
    comparisonUrl = pathToFileURL(other).href
    browser = await launched()
  })
  after(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })

  /** Opens the report. */
  const open = (attempt: (page: Page) => Promise<void>, look?: Look): Promise<void> =>
    opened(browser, url, attempt, look)

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
      assert.match((await page.locator('.claim:visible').textContent())!, /Not as claimed: .*<to hold><\/script>/)
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

  it('marks the point of no return and what the requirement turned on, and goes there', () =>
    open(async (page) => {
      const all = claims.flatMap(({ traces = [] }) => traces)
      const trace = all.find((one) => (fatefulStep(one) ?? 0) > 0 && decisiveSteps(one).some((n) => n !== one.doomed))!
      await page.goto(`${url}#/${trace.protocol}/${trace.instance}/${trace.property}`)
      await page.locator('.steps button').first().waitFor()
      assert.match((await page.locator('#detail').textContent())!, /Inevitable: after step \d+ \(!\)/)
      const signs = await page.locator('.steps .marked .number').allTextContents()
      assert.ok(signs.includes(`${trace.doomed}!`), signs.join(' '))
      assert.ok(signs.some((sign) => sign.endsWith('*')))
      await page.keyboard.press('m')
      const first = (await page.locator('.marks button').first().textContent())!
      await page.locator('#where', { hasText: `after step ${parseInt(first)} of` }).waitFor()
      await page.locator('.marks button').last().click()
      const last = (await page.locator('.marks button').last().textContent())!
      await page.locator('#where', { hasText: `after step ${parseInt(last)} of` }).waitFor()
    }))

  for (const size of ['desktop', 'phone'] as const)
    it(`keeps 40 steps of 6 actors over 12 variables readable: ${size}`, () =>
      open(
        async (page) => {
          await page.goto(`${url}${longAddress}`)
          await page.locator('.steps button').first().waitFor()
          assert.equal(await page.locator('.steps button').count(), 40)
          assert.equal(await page.locator('.legend li').count(), 6)
          assert.equal(await page.locator('#state tr').count(), 12)
          for (let i = 0; i < 21; i++) await page.keyboard.press('j')
          await page.locator('#where', { hasText: 'after step 21 of 40' }).waitFor()
          await isSound(page, `long-${size}`)
          // The chosen step and what it changed are on the screen together, and no text is squeezed to a thread.
          const box = (await page.locator('[aria-current="step"]').boundingBox())!
          const aside = (await page.locator('aside').boundingBox())!
          assert.ok(box.y >= 0 && box.y + box.height <= (size === 'phone' ? aside.y : sizes.desktop.height))
          assert.ok((await page.locator('[aria-current="step"] .body').boundingBox())!.width >= 190)
          const fresh = (await page.locator('tr.fresh').last().boundingBox())!
          assert.ok(fresh.y >= aside.y && fresh.y < aside.y + aside.height)
        },
        { size },
      ))

  for (const [size, scheme] of [
    ['desktop', 'light'],
    ['phone', 'dark'],
  ] as const)
    it(`shows a comparison: verdicts, edits, behaviours, and each run to step through: ${size}, ${scheme}`, () =>
      open(
        async (page) => {
          await page.goto(comparisonUrl)
          assert.equal(await page.locator('[data-change]:visible').count(), 7)
          await page.locator('#show').selectOption('all')
          assert.equal(await page.locator('[data-change]:visible').count(), 32)
          const diff = (await page.locator('.diff').first().textContent())!
          assert.match(diff, /\+ {3}\/xenbus_dev_thaw\+ {7}origin: xenbus_dev_thaw in drivers/)
          await isSound(page, `compare-${size}-${scheme}`)
          await page.locator('[data-change="fixes"] a', { hasText: 'violated in 12' }).first().click()
          await page.locator('#title', { hasText: 'linux-2.6.32: no-revoke-in-use is violated in 12 steps' }).waitFor()
          await page.keyboard.press('j')
          await page.locator('#where', { hasText: 'after step 1 of 12' }).waitFor()
          await page.keyboard.press('Escape')
          await page.locator('a', { hasText: '14 steps' }).click()
          await page.locator('#title', { hasText: 'linux-2.6.39: added behaviour in 14 steps' }).waitFor()
          await isSound(page, `compare-behaviour-${size}-${scheme}`)
        },
        { size, scheme },
      ))

  it('has its threads and traces as Mermaid text that Mermaid draws', () =>
    open(async (page) => {
      await page.goto('about:blank')
      await page.addScriptTag({ content: mermaid })
      const protocol = await loadProtocol('xen-pv-guest')
      const threads = systemOf(protocol, instanceOf(protocol, 'B01')).parts.filter((part) => part.kind === 'thread')
      const traces = claims.flatMap(({ traces: own = [] }) => own)
      const looping = traces.filter(({ loop }) => loop !== null)
      assert.ok(threads.length > 1 && looping.length > 0)
      const texts = [...threads.map(flowOf), ...[...traces.slice(0, 8), ...looping.slice(0, 2)].map(sequenceOf)]
      for (const [i, text] of [...texts, sequenceOf(await longTrace())].entries()) {
        const drawn = await page.evaluate(
          `mermaid.render('m${i}', ${JSON.stringify(text)}).then(({ svg, diagramType }) => ({ svg, diagramType }), (error) => ({ error: error.message }))`,
        )
        const { error, svg, diagramType } = drawn as { error?: string; svg: string; diagramType: string }
        assert.equal(error, undefined, text)
        assert.match(diagramType, /^(flowchart-v2|sequence)$/)
        if (diagramType === 'sequence')
          assert.equal(svg.match(/class="messageText"/g)?.length, text.match(/->>/g)!.length)
      }
    }))

  it('is accompanied by JUnit XML that a browser parses', () =>
    open(async (page) => {
      const xml = junitOf(claims)
      const found = await page.evaluate(`(() => {
        const parsed = new DOMParser().parseFromString(${JSON.stringify(xml)}, 'application/xml')
        return ['parsererror', 'testsuite', 'testcase'].map((name) => parsed.getElementsByTagName(name).length)
      })()`)
      const cases = claims.reduce((sum, claim) => sum + claimedIn(claim).length + 1, 0)
      assert.deepEqual(found, [0, claims.length, cases])
    }))

  for (const look of looks)
    it(`is accessible and fits: ${look.size}, ${look.scheme}`, () =>
      open(async (page) => {
        await isSound(page, `overview-${look.size}-${look.scheme}`)
        await page.goto(`${url}#/xen-pv-guest/B01/no-revoke-in-use`)
        for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowDown')
        await isSound(page, `trace-${look.size}-${look.scheme}`)
      }, look))
})
