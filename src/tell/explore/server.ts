/** A server for one page and one reader: on loopback, behind a token, without anything to configure. */

import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is served. */
export interface Served {
  /** The HTML text. */
  readonly page: string
  /** Takes what the page wants saved, and says where it went. @throws Mistake for what cannot be saved; it is told to the page. */
  readonly save: (posted: unknown) => string | Promise<string>
}

/** A server that runs. */
export interface Running {
  /** With the token in it. */
  readonly url: string
  readonly close: () => Promise<void>
}

/** The most that a page may want saved, in bytes. */
const most = 1 << 20

/** Starts a server on 127.0.0.1; port 0 is any that is free. Whoever does not know the token gets nothing. */
export async function serve(served: Served, port = 0): Promise<Running> {
  const token = randomBytes(16).toString('hex')
  const server = createServer((request, response) => {
    answer(request, response, served, token, portOf(server)).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${portOf(server)}/${token}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { page, save }: Served,
  token: string,
  port: number,
): Promise<void> {
  const { method, url, headers } = request
  const send = (status: number, type: string, text: string): void => {
    response.writeHead(status, {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-store',
      connection: 'close',
      // The address has the token in it: links that are followed from the page must not tell it.
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
    })
    response.end(text)
  }
  // Another name for this machine could be that of a foreign page that a browser is made to believe in.
  if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(headers.host ?? ''))
    return send(403, 'text/plain', 'not from here')
  if (method === 'GET' && url === `/${token}/`) return send(200, 'text/html', page)
  if (method !== 'POST' || url !== `/${token}/scenario`) return send(404, 'text/plain', 'there is nothing here')
  const { origin } = headers
  if (origin !== undefined && origin !== `http://${headers.host}`) return send(403, 'text/plain', 'not from here')
  try {
    send(200, 'text/plain', await save(JSON.parse(await textOf(request))))
  } catch (error) {
    send(400, 'text/plain', (error as Error).message)
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length
    if (size > most) throw new Error('that is too much')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
