/** The page of a log beside its run, in a real browser at both widths, in light and in dark. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { isSound, launched, looks, opened } from './opened.js'

const bin = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const shipped = (name: string): string => fileURLToPath(new URL(`../../specs/logs/${name}`, import.meta.url))

describe('the page of a log', function () {
  this.timeout(60_000)
  let browser: Browser
  let folder: string
  before(async () => {
    browser = await launched()
    folder = mkdtempSync(join(tmpdir(), 'thawproof-log-page-'))
  })
  after(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })

  const page = (target: string, log: string, status: number): string => {
    const file = join(folder, `${target.replace('/', '-')}.html`)
    const run = spawnSync(process.execPath, [bin, 'log', target, shipped(log), '--html', file], { encoding: 'utf8' })
    assert.equal(run.status, status, run.stderr)
    return pathToFileURL(file).href
  }

  it('shows each heard line beside the step that printed it', async () => {
    const url = page('xen-pv-guest/B01', '2013-08-08-lkml.txt', 0)
    for (const look of looks)
      await opened(
        browser,
        url,
        async (shown) => {
          assert.equal(await shown.title(), 'xen-pv-guest/B01: log accepted')
          assert.equal(await shown.locator('tr.heard').count(), 9)
          const row = shown.locator('tr.heard', { hasText: 'vbd vbd-51712: legacy resume' })
          assert.match((await row.textContent())!, /12\. do_suspend\.dpm_resume_vbd\/blkfront_resume/)
          assert.equal(await shown.locator('tr.parts').count(), 0)
          await isSound(shown, `log-accepted-${look.size}-${look.scheme}`)
        },
        look,
      )
  })

  it('marks the line where log and model part', async () => {
    const url = page('pm-core/suspend', 'usb-refuses-cachyos-916.txt', 1)
    for (const look of looks)
      await opened(
        browser,
        url,
        async (shown) => {
          const parts = shown.locator('tr.parts')
          assert.equal(await parts.count(), 1)
          assert.match((await parts.textContent())!, /9PM: suspend entry \(s2idle\)cannot be/)
          assert.equal(await parts.isVisible(), true)
          await isSound(shown, `log-rejected-${look.size}-${look.scheme}`)
        },
        look,
      )
  })
})
