import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A webhook as it came. */
export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly id: string
  readonly alarms: readonly string[]
  readonly event: { readonly 'detail-type': string; readonly detail: Record<string, unknown> } & Record<string, unknown>
}

/** An endpoint of a test, on a free port. */
export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string
  readonly received: readonly Received[]
}

/**
 * @param answer the status of each answer; null gives none
 * @param port 0 takes a free one
 */
export async function startReceiver(
  answer: (webhook: Received) => number | null = () => 200,
  port = 0,
): Promise<WebhookReceiver> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const { alarms, data } = JSON.parse(body) as { alarms: string[]; data: Received['event'] }
      const webhook = { headers: request.headers, body, id: String(request.headers['webhook-id']), alarms, event: data }
      received.push(webhook)
      const status = answer(webhook)
      if (status !== null) response.writeHead(status, { location: '/elsewhere' }).end('so it is')
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
