/** The server of the explorer's page: for this machine alone, behind a token; and what it saves. */

import assert from 'node:assert/strict'
import { request } from 'node:http'
import { serve, type Running } from '../src/tell/explore/server.js'

interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
}

/** Asks as no browser could: with any headers. */
const asked = (url: string, method = 'GET', body = '', headers: Record<string, string> = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('end', () =>
        resolve({ status: response.statusCode!, text: Buffer.concat(pieces).toString(), headers: response.headers }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })

describe("the explorer's server", () => {
  const saved: unknown[] = []
  let running: Running
  before(async () => {
    const save = (posted: unknown): string => {
      if (posted === 7) throw new Error('seven is refused')
      saved.push(posted)
      return 'written'
    }
    running = await serve({ page: '<p>the page</p>', save })
  })
  after(() => running.close())

  it('listens on loopback and gives the page to whoever knows the token, and tells nobody else', async () => {
    const { url } = running
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/$/)
    const page = await asked(url)
    assert.equal(page.status, 200)
    assert.equal(page.text, '<p>the page</p>')
    assert.equal(page.headers['referrer-policy'], 'no-referrer')
    assert.equal(page.headers['x-frame-options'], 'DENY')
    for (const wrong of ['/', '/favicon.ico', `/${'0'.repeat(32)}/`, `${new URL(url).pathname}more`])
      assert.equal((await asked(new URL(wrong, url).href)).status, 404, wrong)
  })

  it('refuses other names of this machine, and what other pages send', async () => {
    const { url } = running
    assert.equal((await asked(url, 'GET', '', { host: 'evil.example' })).status, 403)
    const save = new URL('scenario', url).href
    assert.equal((await asked(save, 'POST', '1', { origin: 'https://evil.example' })).status, 403)
    assert.deepEqual(saved, [])
  })

  it('saves what the page sends, and tells what is wrong with it', async () => {
    const { url } = running
    const save = new URL('scenario', url).href
    const good = await asked(save, 'POST', '{"name":"x"}', { origin: new URL(url).origin })
    assert.deepEqual([good.status, good.text], [200, 'written'])
    assert.deepEqual(saved, [{ name: 'x' }])
    const bad = await asked(save, 'POST', '7')
    assert.deepEqual([bad.status, bad.text], [400, 'seven is refused'])
    assert.equal((await asked(save, 'POST', 'no json')).status, 400)
    const long = await asked(save, 'POST', `"${'x'.repeat(2 << 20)}"`).catch(() => ({ status: 400 }))
    assert.equal(long.status, 400)
    assert.equal(saved.length, 1)
    assert.equal((await asked(save)).status, 404)
  })
})
