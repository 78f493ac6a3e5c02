/** What the explorer shows beside a run, in a real browser at both widths, in light and in dark; how large and how quick it is. */

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { bin, explorers, firsts, names, ownModel, panel, runUntil, says, take, until } from './explored.js'
import { plainInstance, plainSpec } from '../plain-spec.js'
import { isSound, looks, opened } from './opened.js'

describe('the views of the explorer', function () {
  this.timeout(90_000)
  for (const size of ['desktop', 'phone'] as const)
    describe(size, () => {
      const open = (target: string, attempt: (page: Page) => Promise<void>): Promise<void> =>
        explorers.at(target, attempt, { size })

      it('puts two states side by side, shows threads as code with cursors, and where the code is', () =>
        open('xen-pv-guest/B01', async (page) => {
          await firsts(page, 7)
          await page.keyboard.press('p')
          await page.keyboard.press('Home')
          const state = await panel(page, 'state')
          const differs = await state.locator('tr.differs').allTextContents()
          assert(differs.includes('domainshutdownrunning'), differs.join('\n'))
          assert.deepEqual(await state.locator('thead th').allTextContents(), ['Field', 'B01, step 7', 'at the start'])
          await page.keyboard.press('End')
          assert.equal(await state.locator('tr.differs').count(), 0)
          await page.keyboard.press('p')
          assert.deepEqual(await state.locator('thead th').allTextContents(), ['Field', 'after step 7'])
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

      it('shows derived values and the drawing of a model that has them', () =>
        open('xen-pv-guest/B01', async (page) => {
          const state = await panel(page, 'state')
          const drawn = state.locator('#drawn')
          const before = await drawn.innerHTML()
          await runUntil(page, 'property', 'no-revoke-in-use is broken')
          await says(page, 'after step 12')
          await panel(page, 'state')
          assert.notEqual(await drawn.innerHTML(), before)
          const first = await state.locator('tbody tr').first().getAttribute('data-field')
          assert.doesNotMatch(first!, /^at /)
        }))

      const circles = {
        desktop: ['xenbus-locks/B21', 6, 'suspend', 'driver', 'xenbus_thread'],
        phone: ['xen-pv-guest/handshake-in-resume', 15, 'do_suspend', 'xenwatch.blkback_changed'],
      } as const
      it('tells who waits for whom, and marks circles, also by way of actions', () => {
        const [target, steps, ...circle] = circles[size]
        return open(target, async (page) => {
          await runUntil(page, 'property', 'nothing can happen any more')
          await says(page, `after step ${steps} of ${steps} steps`)
          const waits = await panel(page, 'waits')
          assert.ok(
            (await waits.locator('.circle-text').textContent())!.includes([...circle, circle[0]].join(' waits for ')),
          )
          assert.equal(await waits.locator('.node.circle').count(), circle.length)
          assert.equal(await waits.locator('.edge.circle').count(), circle.length)
          await page.keyboard.press('Home')
          await waits.getByText('In a circle').waitFor({ state: 'detached' })
        })
      })

      it('draws a folded map with counts, and a shortest run to every node of it', () =>
        open('xen-pv-guest/B01', async (page) => {
          await firsts(page, 3)
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
          await runUntil(page, 'property', 'no-revoke-in-use is broken')
          await says(page, 'after step 12')
          const beside = await panel(page, 'beside')
          await beside.locator('#difference', { hasText: 'First difference in row 12' }).waitFor()
          const row = await beside.locator('.first-difference').textContent()
          assert.match(row!, /dpm_resume_vbd\/blkfront_resume.*dpm_resume_vbd\/xenbus_dev_thaw/s)
          await beside.locator('#beside').selectOption('B01 +linux-2.6.39')
          await beside.locator('.bad', { hasText: 'both edit do_suspend.mutex_trylock' }).waitFor()
          await beside.locator('#beside').selectOption('B01 -linux-2.6.32')
          await beside.locator('#difference', { hasText: 'First difference in row 3' }).waitFor()
          await beside.locator('#go-beside').click()
          await page.locator('h1', { hasText: 'xen-pv-guest/B01 -linux-2.6.32' }).waitFor()
          await page.locator('#variant').selectOption('B01-fixed')
          await page.locator('.stuck', { hasText: 'dpm_resume_vbd/blkfront_resume' }).waitFor({ state: 'attached' })
          assert.match((await page.locator('.stuck').textContent())!, /^Step 12, .*cannot be taken/)
        }))

      it('spells the run as mail, command and test, and keeps it in the address', () =>
        open('xen-pv-guest/B01', async (page) => {
          await runUntil(page, 'property', 'no-revoke-in-use is broken')
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
          const saved = join(explorers.folder, 'xen-pv-guest-B01.json')
          await (await download).saveAs(saved)
          const shown = spawnSync(process.execPath, [bin, ...command.split(' ').slice(1)], {
            encoding: 'utf8',
            cwd: explorers.folder,
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

  for (const size of ['desktop', 'phone'] as const)
    describe(`${size}, at large`, () => {
      it('shows the functions of a source tree that is named', () => {
        const tree = join(explorers.folder, `tree-${size}`)
        mkdirSync(join(tree, 'kernel/power'), { recursive: true })
        writeFileSync(
          join(tree, 'kernel/power/suspend.c'),
          '/* toy */\n\nint suspend_enter(void)\n{\n\treturn stop();\n}\n',
        )
        return explorers.at(
          explorers.own(),
          async (page) => {
            await panel(page, 'next')
            await take(page, 'pm.request')
            assert.match(
              (await page.locator('.whereabouts').textContent())!,
              /^suspend_enter in kernel\/power\/suspend\.c:3/,
            )
            const threads = await panel(page, 'threads')
            assert.match(
              (await threads.locator('#source').textContent())!,
              / 3 {2}int suspend_enter\(void\)\n {4}4 {2}\{/,
            )
          },
          { size },
          ['--tree', tree],
        )
      })

      it('saves a run as a scenario into the spec of the model, by way of its server', async () => {
        const expect = {
          'no-deadlock': 'holds',
          'in-domain': 'holds',
          'cancel-returns': 'holds',
          'cancel-can-try-again': 'violated',
        } as const
        const file = explorers.own(
          plainSpec('claimed', plainInstance({ id: 'plain', says: 'It is suspended.', expect })),
        )
        const server = spawn(process.execPath, [bin, '--no-types', 'explore', file], { cwd: explorers.folder })
        try {
          const url = await new Promise<string>((resolve, reject) => {
            server.once('exit', (code) => reject(new Error(`the server ended: ${code}`)))
            server.stdout.once('data', (text: Buffer) => resolve(text.toString().split('\n')[0]!))
          })
          const attempt = async (page: Page): Promise<void> => {
            await page.locator('#where').waitFor()
            await panel(page, 'next')
            await take(page, 'pm.request')
            await take(page, 'pm.stop/stops')
            const share = await panel(page, 'share')
            await share.locator('[data-share="scenario"]').click()
            const save = share.locator('#save-scenario')
            assert.equal(await save.isDisabled(), true)
            await share.locator('#scenario-name').fill('it-stops')
            await share.locator('#scenario-says').fill('The device stops.')
            assert.match(
              await share.locator('#share-text').inputValue(),
              /"steps": \[\n {4}"pm\.request",\n {4}"pm\.stop\/stops"/,
            )
            await save.click()
            await says(page, 'saved as it-stops')
            const { scenarios } = JSON.parse(readFileSync(file.replace(/ts$/, 'json'), 'utf8')) as {
              scenarios: unknown
            }
            assert.deepEqual(scenarios, [
              {
                name: 'it-stops',
                says: 'The device stops.',
                instance: 'plain',
                is: 'possible',
                steps: ['pm.request', 'pm.stop/stops'],
              },
            ])
            await share.locator('select').selectOption('impossible')
            await save.click()
            await says(page, 'it-stops: claimed impossible, found possible in 2 steps')
            await isSound(page, 'explore-scenario')
          }
          await opened(await explorers.browser(), url, attempt, { served: true, size })
        } finally {
          server.kill()
        }
      })

      it('offers a run as a scenario in a file where there is no server', () =>
        explorers.at(
          'xen-pv-guest/B01',
          async (page) => {
            await firsts(page, 2)
            const share = await panel(page, 'share')
            await share.locator('[data-share="scenario"]').click()
            assert.equal(await share.locator('#save-scenario').count(), 0)
            await share.locator('#scenario-name').fill('asked')
            await share.locator('#scenario-says').fill('The guest is asked to suspend.')
            const download = page.waitForEvent('download')
            await share.locator('#download-scenario').click()
            const saved = join(explorers.folder, 'asked.json')
            await (await download).saveAs(saved)
            const { name, instance, steps } = JSON.parse(readFileSync(saved, 'utf8')) as Record<string, unknown>
            assert.deepEqual([name, instance, steps], ['asked', 'B01', await names(page)])
            await share.locator('[data-share="command"]').click()
            const command = await share.locator('#share-text').inputValue()
            const shown = spawnSync(process.execPath, [bin, ...command.split(' ').slice(1), '--json'], {
              encoding: 'utf8',
            })
            const trace = JSON.parse(shown.stdout) as { readonly steps: readonly { readonly name: string }[] }
            assert.deepEqual(
              trace.steps.map((step) => step.name),
              await names(page),
            )
          },
          { size },
        ))

      it('says so where a search is cut, looks ten times as far when asked, and prints commands that look everywhere', () => {
        const counting = ownModel
          .replace('bool, environment', 'bool, int, environment')
          .replace('stopped: bool() })', 'stopped: bool(), n: int(0, 299), m: int(0, 299) })')
          .replace('stopped: false })', 'stopped: false, n: 0, m: 0 })')
          .replace(/const { model, thread, step }/, 'const { model, thread, step, action }')
          .replace(
            'parts: () => [',
            `parts: () => [
          action('n', { actor: 'user', origin, then: (d) => void (d.n = (d.n + 1) % 300) }),
          action('m', { actor: 'user', origin, then: (d) => void (d.m = (d.m + 1) % 300) }),`,
          )
        const file = explorers.own(undefined, counting)
        return explorers.at(
          file,
          async (page) => {
            await until(page, 'step', 'pm.enter')
            await page.locator('#until-kind').selectOption('condition')
            await page.locator('#until-text').fill('n == 298 && m == 298')
            await page.locator('#still').click()
            const answer = page.locator('.answer.soft')
            await page.locator('.answer', { hasText: /Looking whether .*: [\d,]+ states/ }).waitFor()
            await answer.getByText(/Not known: the search was cut at 30,\d+ states by its limit of states/).waitFor()
            assert.equal(
              await answer.locator('.command').textContent(),
              `thawproof run ${file}/base --to 'n == 298 && m == 298'`,
            )
            await answer.locator('#further').click()
            await page.locator('.answer', { hasText: /Looking whether .*: [3-9]\d,\d+ states/ }).waitFor()
            await page.getByText('Give up').click()
            await page.locator('.answer').waitFor({ state: 'detached' })
            const map = await panel(page, 'map')
            await map.locator('#map-size', { hasText: 'Cut at 30' }).waitFor()
            assert.equal(await map.locator('.command').textContent(), `thawproof graph ${file}/base --by 'at pm'`)
            assert.equal(await map.locator('#map-further').count(), 1)
          },
          { size },
        )
      })

      it('takes a hundred steps of the largest protocol, one a frame', () =>
        explorers.at(
          'pm-core/four',
          async (page) => {
            await page.evaluate(`(async () => {
        for (let i = 0; i < 100; i++) {
          dispatchEvent(new KeyboardEvent('keydown', { key: '1' }))
          await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
        }
      })()`)
            await says(page, 'after step 100 of 100')
            assert.equal(await page.locator('.steps [data-at]').count(), 100)
          },
          { size },
        ))
    })

  it('is one file under 400 kB that asks nothing of a network', () => {
    assert(statSync(explorers.fileOf('xen-pv-guest/B01')).size < 400_000)
    const text = readFileSync(explorers.fileOf('xen-pv-guest/B01'), 'utf8')
    assert.match(text, /default-src 'none'/)
    assert.doesNotMatch(text, /<(script|link|img)[^>]*(src|href)="(?!data:,)/)
  })

  for (const look of looks)
    it(`is sound in every panel: ${look.size}, ${look.scheme}`, () =>
      explorers.at(
        'xen-pv-guest/B01',
        async (page) => {
          const known = 'breaks no-revoke-in-use'
          if (look.scheme === 'dark') await page.locator(`[data-begin="${known}"]`).click()
          else await page.locator('#known').selectOption({ label: known })
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
          await page.getByText('Close', { exact: true }).click()
        },
        look,
      ))
})
