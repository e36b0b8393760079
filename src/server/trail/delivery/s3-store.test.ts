import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { s3Store } from './s3-store.ts'

const MIB = Buffer.alloc(2 ** 20, 'x')

/** A store at an endpoint that answers as it is told, and how much of an answer it has taken, in MiB. */
async function storeAt(answer: (response: ServerResponse) => void | Promise<void>) {
  const server = createServer((request, response) => request.resume().on('end', () => void answer(response)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  const credentials = join(directory, 'credentials')
  writeFileSync(credentials, 'aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
    rmSync(directory, { recursive: true })
  })
  return s3Store(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, credentials)
}

const object = { bucket: 'trails', object: 'a', bytes: Buffer.from('1'), metadata: {} }

it.each([200, 403])('an answer of %i without an end is not read to its end', async (status) => {
  let written = 0
  const store = await storeAt(async (response) => {
    response.writeHead(status)
    response.write(status === 200 ? '' : '<Error><Code>AccessDenied</Code>')
    while (!response.destroyed && written < 256) {
      written += 1
      if (!response.write(MIB)) await Promise.race([once(response, 'drain'), once(response, 'close')])
      await setImmediate()
    }
    response.end()
  })
  const putting = store.put(object, new AbortController().signal)
  if (status === 200) await putting
  else await expect(putting).rejects.toThrow('AccessDenied')
  expect(written).toBeLessThan(256)
})

it('an answer that breaks off is an endpoint that cannot be reached', async () => {
  const store = await storeAt((response) => {
    response.writeHead(403, { 'content-length': 1000 })
    response.write('<Error>', () => response.destroy())
  })
  await expect(store.put(object, new AbortController().signal)).rejects.toThrow('cannot be reached')
})
