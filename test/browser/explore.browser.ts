/** The explorer in a real browser, from one file with the network off and from its server, at both widths, in light and in dark. */

import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Browser, Locator, Page } from 'playwright-core'
import { isSound, launched, looks, opened, type Look } from './opened.js'

const bin = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))

/** A suspend that a wake-up may cancel. */
const model = `import { bool, environment, over, propertiesOver, record, source, system } from 'thawproof'

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

describe('the explorer', function () {
  this.timeout(90_000)
  let browser: Browser
  let folder: string
  const files = new Map<string, string>()
  before(async () => {
    browser = await launched()
    folder = mkdtempSync(join(tmpdir(), 'thawproof-explore-'))
  })
  after(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })

  /** The file form of an instance, written once. */
  const fileOf = (target: string): string => {
    const known = files.get(target)
    if (known) return known
    const file = join(folder, `page-${files.size}.html`)
    const { status, stderr } = spawnSync(process.execPath, [bin, 'explore', target, '--html', file], {
      encoding: 'utf8',
    })
    assert.equal(status, 0, stderr)
    files.set(target, file)
    return file
  }

  /** A model of one's own with a plan of cancels, as a file. */
  const ownModel = (): string => {
    const file = join(folder, 'own.ts')
    writeFileSync(file, model)
    return file
  }

  /** Opens the file form, with the network off. */
  const at = (target: string, attempt: (page: Page) => Promise<void>, look: Look = {}): Promise<void> =>
    opened(
      browser,
      pathToFileURL(fileOf(target)).href,
      async (page) => {
        await page.context().setOffline(true)
        await page.locator('#where').waitFor()
        await attempt(page)
      },
      look,
    )

  const says = (page: Page, text: string | RegExp): Promise<void> => page.locator('#where', { hasText: text }).waitFor()
  const take = (page: Page, name: string): Promise<void> => page.locator(`[data-take="${name}"]`).click()
  const panel = async (page: Page, name: string): Promise<Locator> => {
    await page.locator(`#tab-${name}`).click()
    return page.locator('#panel')
  }
  const names = (page: Page): Promise<string[]> => page.locator('.steps [data-step] strong').allTextContents()
  const until = async (page: Page, kind: string, first: string, second?: string): Promise<void> => {
    await panel(page, 'next')
    await page.locator('#until-kind').selectOption(kind)
    await page.locator('#until-first').selectOption({ label: first })
    if (second !== undefined) await page.locator('#until-second').selectOption({ label: second })
  }

  for (const size of ['desktop', 'phone'] as const)
    describe(size, () => {
      const open = (target: string, attempt: (page: Page) => Promise<void>): Promise<void> =>
        at(target, attempt, { size })

      it('takes steps by button and by key, goes back and forth, undoes, redoes, cuts', () =>
        open('xen-pv-guest/B01', async (page) => {
          await panel(page, 'next')
          await take(page, 'toolstack.request')
          await says(page, 'after step 1 of 1 step')
          await page.keyboard.press('1')
          await page.keyboard.press('1')
          await says(page, 'after step 3 of 3')
          await page.keyboard.press('k')
          await says(page, 'after step 2 of 3')
          await page.keyboard.press('Home')
          await says(page, 'at the start of 3')
          await page.keyboard.press('End')
          await says(page, 'after step 3 of 3')
          await page.keyboard.press('u')
          await says(page, 'after step 2 of 2')
          await page.locator('#redo').click()
          await says(page, 'after step 3 of 3')
          await page.locator('#previous').click()
          await page.keyboard.press('x')
          await says(page, 'after step 2 of 2')
          const state = await panel(page, 'state')
          const fresh = await state.locator('tr.fresh').allTextContents()
          assert(
            fresh.some((row) => row.startsWith('control') && row.endsWith('empty')),
            fresh.join('\n'),
          )
          assert(fresh.some((row) => row.startsWith('shuttingDown')))
        }))

      it('forks where another step is taken, and keeps the run that was there', () =>
        open('xen-pv-guest/B01', async (page) => {
          for (const key of '1111') await page.keyboard.press(key)
          await says(page, 'after step 4 of 4')
          const before = await names(page)
          await page.keyboard.press('k')
          await page.keyboard.press('k')
          await panel(page, 'next')
          await take(page, 'user.submit_bio(0)')
          await says(page, 'after step 3 of 3')
          assert.equal(await page.locator('[data-run]').count(), 2)
          await page.locator('[data-run="1"]').click()
          assert.deepEqual(await names(page), before)
          await page.keyboard.press('f')
          assert.equal(await page.locator('[data-run]').count(), 3)
          await page.locator('[aria-label="Close this run"]').click()
          assert.equal(await page.locator('[data-run]').count(), 2)
        }))

      it('tells of a step that cannot be taken which part of the guard is false, and who could change that', () =>
        open('xen-pv-guest/B01', async (page) => {
          for (const key of '1111111') await page.keyboard.press(key)
          await panel(page, 'next')
          const blocked = page.locator('details', { hasText: 'do_suspend.xen_arch_post_suspend/cancelled' })
          await blocked.locator('summary').click()
          await blocked.locator('.reason').waitFor()
          const text = (await blocked.textContent())!
          assert.match(text, /domain is shutdown since step 7; wants running/)
          assert.match(text, /domain could be made so by toolstack\.wait\/resume_fast/)
          await blocked.getByText('As soon as possible').click()
          await says(page, /after step 9 of 9 .* do_suspend\.xen_arch_post_suspend\/cancelled is taken/)
          const elsewhere = page.locator('summary', { hasText: 'whose threads stand elsewhere' })
          await elsewhere.click()
          const other = page.locator('details details', { hasText: 'do_suspend.shutdown_handler' })
          await other.locator('summary').click()
          await other.locator('.reason').waitFor()
          assert.match((await other.textContent())!, /do_suspend stands at \w+, not at shutdown_handler/)
        }))

      it('runs until a property breaks, marks the step, and says what every property says', () =>
        open('xen-pv-guest/B01', async (page) => {
          await until(page, 'property', 'no-revoke-in-use is broken')
          await page.locator('#run-until').click()
          await says(page, 'after step 12 of 12 steps · 12 steps until no-revoke-in-use is broken')
          assert.match((await page.locator('[data-step="12"]').textContent())!, /^12✗.*✗ no-revoke-in-use/s)
          const truths = await panel(page, 'truths')
          const row = truths.locator('[data-property="no-revoke-in-use"]')
          assert.equal(await row.getAttribute('data-truth'), 'broken')
          assert.match((await truths.locator('[data-property="suspend-returns"]').textContent())!, /owed since step 2/)
          const debts = (await truths.locator('[aria-label="Fairness debts"]').textContent())!
          assert.match(debts, /do_suspend \(weak\) could act from here on/)
          await page.keyboard.press('k')
          await says(page, 'after step 11 of 12')
          assert.equal(await row.getAttribute('data-truth'), 'holds')
          await row.getByText('broken by step 12').click()
          await says(page, 'after step 12 of 12')
        }))

      it('runs until a step, a place and a value, and says what is still possible and what no more', () =>
        open('xen-pv-guest/B01', async (page) => {
          await until(page, 'stands', 'do_suspend', 'xs_suspend')
          await page.locator('#run-until').click()
          await says(page, 'after step 4 of 4 steps')
          await until(page, 'field', 'domain', 'shutdown')
          await page.locator('#run-until').click()
          await says(page, 'after step 7 of 7 steps')
          await until(page, 'step', 'do_suspend.dpm_resume_vbd/blkfront_resume')
          await page.locator('#still').click()
          await page.locator('.answer.good', { hasText: 'after 5 more steps at the earliest' }).waitFor()
          await says(page, 'after step 7 of 7 steps')
          await page.getByText('Take these steps').click()
          await says(page, 'after step 12 of 12 steps')
          await until(page, 'property', 'devices-reconnect is met')
          await page.locator('#still').click()
          await page.locator('.answer.bad', { hasText: /Impossible from here: .* in none of all \d+ states/ }).waitFor()
          await page.locator('#shorten').click()
          await page.locator('#still').click()
          await page.locator('.answer', { hasText: 'Still possible' }).waitFor()
        }))

      it('moves a step where the rest can still be taken, and says why not where it cannot', () =>
        open('xen-pv-guest/B01', async (page) => {
          for (const key of '11') await page.keyboard.press(key)
          await panel(page, 'next')
          await take(page, 'user.submit_bio(0)')
          await take(page, 'do_suspend.freeze_processes/ok')
          const taken = await names(page)
          await page.keyboard.press('k')
          await page.keyboard.press('Alt+ArrowUp')
          await says(page, 'step 3 is now step 2')
          assert.deepEqual(await names(page), [taken[0], taken[2], taken[1], taken[3]])
          if (size === 'phone') await page.locator('.only-phone', { hasText: 'Run' }).click()
          const grip = (n: number): Locator => page.locator('.grip').nth(n - 1)
          await grip(2).focus()
          await page.keyboard.press('ArrowDown')
          await says(page, 'step 2 is now step 3')
          assert.deepEqual(await names(page), taken)
          await drag(page, grip(3), page.locator('[data-step="1"]'))
          await says(page, 'step 3 is now step 1')
          assert.deepEqual(await names(page), [taken[2], taken[0], taken[1], taken[3]])
          await drag(page, grip(4), page.locator('[data-step="1"]'))
          await says(
            page,
            /Not possible: step 1, do_suspend\.freeze_processes\/ok: do_suspend stands at shutdown_handler, not at freeze_processes/,
          )
          assert.deepEqual(await names(page), [taken[2], taken[0], taken[1], taken[3]])
        }))

      it('fails, cancels, wakes and interrupts here', async () => {
        await open('xen-pv-guest/mainline-any-failure', async (page) => {
          await panel(page, 'next')
          await take(page, 'toolstack.request')
          await until(page, 'stands', 'do_suspend', 'freeze_processes')
          await page.locator('#run-until').click()
          await says(page, 'after step 3 of 3')
          const fail = page.locator('[data-occasion="fail"]', { hasText: 'freeze_processes/fails' })
          await fail.click()
          await says(page, 'after step 4 of 4')
          assert.deepEqual((await names(page)).at(-1), 'do_suspend.freeze_processes/fails')
          const truths = await panel(page, 'truths')
          await truths.locator('[data-property="cancel-returns"][data-truth="owed"]').waitFor()
        })
        await open(ownModel(), async (page) => {
          await panel(page, 'next')
          await take(page, 'pm.request')
          await page.locator('[data-occasion="cancel"]', { hasText: 'wakeup-before-stop' }).click()
          await says(page, 'after step 2 of 2 steps · cancelled: the suspend')
          assert.equal((await names(page)).at(-1), 'cancel.wakeup-before-stop')
          assert.match((await page.locator('[data-run="2"]').textContent())!, /with cancels/)
          const truths = await panel(page, 'truths')
          await truths.locator('[data-property="cancel-returns"][data-truth="owed"]').waitFor()
          await page.locator('[data-run="1"]').click()
          assert.equal((await names(page)).length, 1)
        })
        await open('pm-core/suspend', async (page) => {
          await page.keyboard.press('1')
          await panel(page, 'next')
          await page.locator('[data-occasion="wake"]', { hasText: 'pm_wakeup_event' }).click()
          await says(page, 'after step 2 of 2')
          assert.equal((await names(page)).at(-1), 'device.pm_wakeup_event')
        })
        await open('xen-pv-guest/B01', async (page) => {
          await until(page, 'step', 'blkback.make_response(0)')
          await page.locator('#run-until').click()
          await says(page, 'blkback.make_response(0) is taken')
          await page.locator('[data-occasion="interrupt"]', { hasText: 'blkif_interrupt(0)' }).click()
          await says(page, /after step \d+ of \d+ steps$/)
          assert.equal((await names(page)).at(-1), 'blkfront.blkif_interrupt(0)')
        })
      })

      it('puts two states side by side, shows threads as code with cursors, and where the code is', () =>
        open('xen-pv-guest/B01', async (page) => {
          for (const key of '1111111') await page.keyboard.press(key)
          await page.keyboard.press('p')
          await page.keyboard.press('Home')
          const state = await panel(page, 'state')
          const differs = await state.locator('tr.differs').allTextContents()
          assert(differs.includes('domainshutdownrunning'), differs.join('\n'))
          assert.deepEqual(await state.locator('thead th').allTextContents(), ['Field', 'B01, step 7', 'at the start'])
          await page.keyboard.press('End')
          assert.equal(await state.locator('tr.differs').count(), 0)
          const threads = await panel(page, 'threads')
          const cursor = threads.locator('[aria-label="Thread do_suspend"] [aria-current="location"]')
          assert.match((await cursor.textContent())!, /^‖xen_arch_post_suspend/)
          assert.match((await threads.textContent())!, /\/fails → out_resume/)
          const where = page.locator('.whereabouts')
          assert.match(
            (await where.textContent())!,
            /^xen_suspend in drivers\/xen\/manage\.c · model: models\/.*\.ts:\d+$/,
          )
          assert.match(
            (await where.locator('a').first().getAttribute('href'))!,
            /^https:\/\/elixir\.bootlin\.com\/linux\/.*xen_suspend/,
          )
        }))

      it('tells who waits for whom, and marks circles', () =>
        open('xenbus-locks/B21', async (page) => {
          await until(page, 'property', 'nothing can happen any more')
          await page.locator('#run-until').click()
          await says(page, 'after step 6 of 6 steps')
          const waits = await panel(page, 'waits')
          assert.match(
            (await waits.locator('.circle-text').textContent())!,
            /suspend waits for driver waits for xenbus_thread waits for suspend/,
          )
          assert.equal(await waits.locator('.node.circle').count(), 3)
          assert.equal(await waits.locator('.edge.circle').count(), 3)
          await page.keyboard.press('Home')
          await waits.getByText('In a circle').waitFor({ state: 'detached' })
        }))

      it('draws a folded map with counts, and a shortest run to every node of it', () =>
        open('xen-pv-guest/B01', async (page) => {
          for (const key of '111') await page.keyboard.press(key)
          const map = await panel(page, 'map')
          await map.locator('#map-size', { hasText: 'All 114 states.' }).waitFor()
          assert.equal(await map.locator('.node.lit').count(), 3)
          const counts = await map.locator('.node text.soft').allTextContents()
          assert.equal(
            counts.reduce((sum, text) => sum + parseInt(text), 0),
            114,
          )
          await map.locator('.node', { hasText: 'xs_suspend' }).first().press('Enter')
          await says(page, 'after step 4 of 4')
          assert.equal((await names(page)).at(-1), 'do_suspend.dpm_suspend_start/ok')
          await map.locator('#fold').selectOption('domain')
          await map.locator('.node', { hasText: 'domain=shutdown' }).first().waitFor()
        }))

      it('has another variant follow in lock step, and marks the first difference', () =>
        open('xen-pv-guest/B01', async (page) => {
          await until(page, 'property', 'no-revoke-in-use is broken')
          await page.locator('#run-until').click()
          await says(page, 'after step 12')
          const beside = await panel(page, 'beside')
          await beside.locator('#difference', { hasText: 'First difference in row 12' }).waitFor()
          const row = await beside.locator('.first-difference').textContent()
          assert.match(row!, /dpm_resume_vbd\/blkfront_resume.*dpm_resume_vbd\/xenbus_dev_thaw/s)
          await beside.locator('#beside').selectOption('B02')
          await beside.locator('tr[data-kind]').first().waitFor()
          await page.locator('#variant').selectOption('B01-fixed')
          await page.locator('.stuck', { hasText: 'dpm_resume_vbd/blkfront_resume' }).waitFor({ state: 'attached' })
          assert.match((await page.locator('.stuck').textContent())!, /^Step 12, .*cannot be taken/)
        }))

      it('spells the run as mail, command and test, and keeps it in the address', () =>
        open('xen-pv-guest/B01', async (page) => {
          await until(page, 'property', 'no-revoke-in-use is broken')
          await page.locator('#run-until').click()
          await says(page, 'after step 12')
          const share = await panel(page, 'share')
          const text = share.locator('#share-text')
          assert.match(
            await text.inputValue(),
            /^Subject: xen-pv-guest: [^]*12\. guest: blkfront_resume\(\)[^]*Expected:\n {2}A frontend ends access/,
          )
          await share.locator('[data-share="command"]').click()
          const command = await text.inputValue()
          assert.equal(command, 'thawproof trace xen-pv-guest/B01 no-revoke-in-use --replay xen-pv-guest-B01.json')
          const download = page.waitForEvent('download')
          await share.locator('#save-trace').click()
          const saved = join(folder, 'xen-pv-guest-B01.json')
          await (await download).saveAs(saved)
          const shown = spawnSync(process.execPath, [bin, ...command.split(' ').slice(1)], {
            encoding: 'utf8',
            cwd: folder,
          })
          assert.match(shown.stdout, /no-revoke-in-use is violated in 12 steps/, shown.stderr)
          await share.locator('[data-share="test"]').click()
          assert.match(await text.inputValue(), /replay\(system, 0, \[\n {4}"toolstack\.request",/)
          const taken = await names(page)
          const address = page.url()
          await page.goto('about:blank')
          await page.goto(address)
          await says(page, 'after step 12 of 12')
          assert.deepEqual(await names(page), taken)
          await page.evaluate('location.hash = location.hash.replace(/~.*/, "~0")')
          await says(page, 'does not fit this model')
        }))
    })

  /** Drags by the mouse. */
  const drag = async (page: Page, from: Locator, to: Locator): Promise<void> => {
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

  it('says so where a search is cut', () =>
    at('pm-core/four', async (page) => {
      await until(page, 'property', 'nothing can happen any more')
      await page.locator('#still').click()
      await page.locator('.answer', { hasText: /Looking whether .*: [\d,]+ states/ }).waitFor()
      await page
        .locator('.answer.soft', { hasText: /Not known: the search was cut at [\d,]+ states by its limit of/ })
        .waitFor({ timeout: 60_000 })
    }))

  it('stays fluent over a hundred steps of the largest protocol', () =>
    at('pm-core/four', async (page) => {
      const median = await page.evaluate<number>(`(async () => {
        const times = []
        for (let i = 0; i < 100; i++) {
          const start = performance.now()
          dispatchEvent(new KeyboardEvent('keydown', { key: '1' }))
          await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
          times.push(performance.now() - start)
        }
        return times.sort((a, b) => a - b)[50]
      })()`)
      await says(page, 'after step 100 of 100')
      assert.equal(await page.locator('.steps [data-at]').count(), 100)
      assert(median < 250, `${median} ms a step`)
    }))

  it('is one file under 400 kB that asks nothing of a network', () => {
    assert(statSync(fileOf('xen-pv-guest/B01')).size < 400_000)
    const text = readFileSync(fileOf('xen-pv-guest/B01'), 'utf8')
    assert.match(text, /default-src 'none'/)
    assert.doesNotMatch(text, /<(script|link|img)[^>]*(src|href)="(?!data:,)/)
  })

  for (const look of looks)
    it(`is sound in every panel: ${look.size}, ${look.scheme}`, () =>
      at(
        'xen-pv-guest/B01',
        async (page) => {
          await page.locator('#known').selectOption({ label: 'breaks no-revoke-in-use' })
          await page.keyboard.press('End')
          await says(page, 'after step 12 of 12')
          await isSound(page, `explore-run-${look.size}-${look.scheme}`)
          const all = ['next', 'state', 'truths', 'threads', 'waits', 'map', 'beside', 'share']
          // Every panel in one scheme at each size; colours, in the other, where there are most of them.
          const isOther = (look.size === 'desktop') === (look.scheme === 'dark')
          for (const name of isOther ? ['truths', 'map'] : all) {
            const shown = await panel(page, name)
            if (name === 'map') await shown.locator('.node').first().waitFor()
            await isSound(page, `explore-${name}-${look.size}-${look.scheme}`)
          }
          await page.keyboard.press('?')
          await page.locator('dialog[open]').waitFor()
          await isSound(page, `explore-keys-${look.size}-${look.scheme}`)
        },
        look,
      ))
})
