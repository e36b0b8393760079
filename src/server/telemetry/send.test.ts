import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createOtlpSender } from './send.ts'

it('an answer that never ends is none within the time that it has', async () => {
  const server = createServer((request, response) => {
    request.resume()
    const drip = setInterval(() => response.write('.'), 10)
    response.on('close', () => clearInterval(drip))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const told: string[] = []
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`)
  const sender = createOtlpSender({ url, headers: {}, protocol: 'http/json', timeout: 100 }, (reason) =>
    told.push(reason),
  )
  onTestFinished(() => {
    sender.close()
    server.closeAllConnections()
    server.close()
  })
  expect(await sender.send({})).toBe('later')
  expect(told).toEqual([`${url.host} takes no telemetry: there was no answer within 100 ms`])
})
