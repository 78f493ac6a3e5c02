/** Runs made in the explorer, in a real browser at both widths: steps taken, undone, forked, moved, looked for. */

import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import { drag, explorers, firsts, names, panel, runUntil, says, take, until } from './explored.js'

describe('runs in the explorer', function () {
  this.timeout(90_000)
  for (const size of ['desktop', 'phone'] as const)
    describe(size, () => {
      const open = (target: string, attempt: (page: Page) => Promise<void>): Promise<void> =>
        explorers.at(target, attempt, { size })

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

      it('begins with a run that works, in the variant in which it does, or with one that breaks something', () =>
        open('xen-pv-guest/B01', async (page) => {
          if (size === 'phone') await page.locator('.only-phone', { hasText: 'Run' }).click()
          const works = page.locator('[data-begin]').first()
          const [, variant] = / in (\S+)$/.exec((await works.textContent())!)!
          await works.click()
          await page.locator('h1', { hasText: `xen-pv-guest/${variant}` }).waitFor()
          await page.keyboard.press('End')
          await says(page, /^after step (\d+) of \1 steps$/)
          assert.equal(await page.locator('.steps .breaks').count(), 0)
          await page.locator('#known').selectOption({ label: 'breaks no-revoke-in-use' })
          await page.locator('h1', { hasText: 'xen-pv-guest/B01' }).waitFor()
          await says(page, 'at the start of 12 steps')
        }))

      it('forks where another step is taken, and keeps the run that was there', () =>
        open('xen-pv-guest/B01', async (page) => {
          await firsts(page, 4)
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
          await firsts(page, 7)
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
          await runUntil(page, 'property', 'no-revoke-in-use is broken')
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
          await runUntil(page, 'stands', 'do_suspend', 'xs_suspend')
          await says(page, 'after step 4 of 4 steps')
          await runUntil(page, 'field', 'domain', 'shutdown')
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

      it('runs until a condition, and tells what is wrong with one', () =>
        open('xen-pv-guest/B01', async (page) => {
          await panel(page, 'next')
          await page.locator('#until-kind').selectOption('condition')
          const text = page.locator('#until-text')
          await text.fill("domian == 'shutdown'")
          await page.locator('#until-mistake', { hasText: "did you mean 'domain'" }).waitFor()
          assert.equal(await page.locator('#run-until').isDisabled(), true)
          await text.fill("domain == 'shutdown' && at(do_suspend) != 'xen_suspend'")
          await page.locator('#run-until').click()
          await says(page, 'after step 7 of 7 steps')
        }))

      it('moves a step where the rest can still be taken, and says why not where it cannot', () =>
        open('xen-pv-guest/B01', async (page) => {
          await firsts(page, 2)
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
          await runUntil(page, 'stands', 'do_suspend', 'freeze_processes')
          await says(page, 'after step 3 of 3')
          const fail = page.locator('[data-occasion="fail"]', { hasText: 'freeze_processes/fails' })
          await fail.click()
          await says(page, 'after step 4 of 4')
          assert.deepEqual((await names(page)).at(-1), 'do_suspend.freeze_processes/fails')
          const truths = await panel(page, 'truths')
          await truths.locator('[data-property="cancel-returns"][data-truth="owed"]').waitFor()
        })
        await open(explorers.own(), async (page) => {
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
          await runUntil(page, 'step', 'blkback.make_response(0)')
          await says(page, 'blkback.make_response(0) is taken')
          await page.locator('[data-occasion="interrupt"]', { hasText: 'blkif_interrupt(0)' }).click()
          await says(page, /after step \d+ of \d+ steps$/)
          assert.equal((await names(page)).at(-1), 'blkfront.blkif_interrupt(0)')
        })
      })
    })
})
