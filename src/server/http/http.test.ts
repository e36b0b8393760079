import { Agent, request as httpRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { echo, MAX, ok, open, post, start, stopRaw, until } from '../../../test/raw-http.ts'
import type { WireHandler, WireRequest } from '../../protocol/wire.ts'

afterEach(stopRaw)

describe('A request', () => {
  it('comes to the handler as it was sent', async () => {
    const seen: WireRequest[] = []
    const it = await start(async (request) => {
      seen.push(request)
      return ok('')
    })
    const { socket, text } = await open(it)
    const head = 'PUT /a%2fb/../?x=1&y HTTP/1.1\r\nHost: h\r\nX-Two: 1\r\nx-two: 2\r\n__proto__: p\r\n'
    socket.write(`${head}Content-Length: 3\r\n\r\nabc`)
    await until(() => text().includes('200 OK'))
    expect(seen[0]).toMatchObject({ method: 'PUT', path: '/a%2fb/../', query: 'x=1&y', sourceIp: '127.0.0.1' })
    expect(seen[0]?.secure).toBe(false)
    expect(seen[0]?.body.toString()).toBe('abc')
    expect(Object.entries(seen[0]?.headers ?? {})).toEqual([
      ['host', 'h'],
      ['x-two', '1,2'],
      ['__proto__', 'p'],
      ['content-length', '3'],
    ])
    socket.destroy()
  })

  it('after another uses the same connection', async () => {
    const it = await start(echo)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = (body: string) =>
      new Promise<{ text: string; port: number | undefined }>((resolve, reject) => {
        const outgoing = httpRequest(it.server.url, { method: 'POST', agent }, (response) => {
          let text = ''
          response.on('data', (chunk: Buffer) => (text += chunk.toString()))
          const port = response.socket.localPort
          response.on('end', () => resolve({ text, port }))
        })
        outgoing.on('error', reject)
        outgoing.end(body)
      })
    const first = await ask('1')
    const second = await ask('2')
    expect([first.text, second.text]).toEqual(['got 1', 'got 2'])
    expect(second.port).toBe(first.port)
    agent.destroy()
  })

  it('of many is begun with at most 63 others', async () => {
    let inBatch = 0
    const sizes: number[] = []
    const it = await start(async () => {
      inBatch += 1
      if (inBatch === 1) {
        process.nextTick(() => {
          sizes.push(inBatch)
          inBatch = 0
        })
      }
      return ok('')
    })
    const clients = await Promise.all(Array.from({ length: 150 }, () => open(it)))
    const askAll = async (times: number): Promise<void> => {
      for (const { socket } of clients) socket.write(post('x'))
      await until(() => clients.every(({ text }) => text().split('200 OK').length === times + 1))
    }
    // A turn takes in one new connection.
    await askAll(1)
    sizes.length = 0
    await askAll(2)
    for (const { socket } of clients) socket.destroy()
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(150)
    expect(Math.max(...sizes)).toBe(64)
  })

  it('whose body comes byte by byte, or in chunks, is answered', async () => {
    const it = await start(echo)
    const { socket, text } = await open(it)
    for (const byte of post('slowly').split('')) {
      socket.write(byte)
      await sleep(1)
    }
    await until(() => text().includes('got slowly'))
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n')
    await until(() => text().includes('got abc'))
    socket.destroy()
  })

  it('whose body breaks off is never handled', async () => {
    let handled = 0
    const it = await start(async () => {
      handled += 1
      return ok('')
    })
    const { socket, closed } = await open(it)
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc')
    await sleep(20)
    socket.destroy()
    await closed
    await fetch(it.server.url, { method: 'POST', body: 'whole' })
    expect(handled).toBe(1)
    expect(it.errors).toEqual([])
  })

  it('that asks before it sends is told to go on', async () => {
    const it = await start(echo)
    const { socket, text } = await open(it)
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n')
    await until(() => text().includes('100 Continue'))
    expect(text()).not.toContain('200 OK')
    socket.write('abc')
    await until(() => text().includes('got abc'))
    socket.destroy()
  })

  it.each(['nonsense\r\n\r\n', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n', '\x16\x03\x01\r\n\r\n'])(
    'that is no HTTP, such as %j, is refused, and its connection ends',
    async (bytes) => {
      const it = await start(echo)
      const { socket, text, closed } = await open(it)
      socket.write(bytes)
      await closed
      expect(text()).toMatch(/^HTTP\/1\.1 400 /)
    },
  )

  it('with two lengths, or a length and chunks, is refused: two readers would end it in two places', async () => {
    const it = await start(echo)
    for (const more of ['Content-Length: 4\r\n', 'Transfer-Encoding: chunked\r\n']) {
      const { socket, text, closed } = await open(it)
      socket.write(post('abc', more))
      await closed
      expect(text()).toMatch(/^HTTP\/1\.1 400 /)
    }
  })

  it('with more than 16 KiB of headers is refused', async () => {
    const it = await start(echo)
    const { socket, text, closed } = await open(it)
    socket.write(post('', `X: ${'x'.repeat(17 * 1024)}\r\n`))
    await closed
    expect(text()).toMatch(/^HTTP\/1\.1 431 /)
  })
})

describe('A body that is too long', () => {
  it('is one byte longer than the longest', async () => {
    const it = await start(async () => ok('taken'))
    const ask = (length: number) => fetch(it.server.url, { method: 'POST', body: 'x'.repeat(length) })
    expect((await ask(MAX)).status).toBe(200)
    const refused = await ask(MAX + 1)
    expect(refused.status).toBe(413)
    expect(await refused.json()).toEqual({
      __type: 'RequestEntityTooLargeException',
      message: `The request body is longer than ${MAX} bytes.`,
    })
  })

  it('is refused by its length before it comes, and not asked for', async () => {
    const it = await start(echo)
    const { socket, text } = await open(it)
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n')
    await until(() => text().includes('RequestEntityTooLargeException'))
    expect(text()).not.toContain('100 Continue')
    socket.destroy()
  })

  it('is refused as soon as its chunks are too many, and its connection ends', async () => {
    const it = await start(echo)
    const { socket, text, closed } = await open(it)
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    for (let index = 0; index < 3; index += 1) socket.write(`1f4\r\n${'x'.repeat(500)}\r\n`)
    await until(() => text().includes('RequestEntityTooLargeException'))
    await closed
    expect(text().match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  it('may come to its end, so that a sender that reads only then reads the refusal', async () => {
    const it = await start(echo)
    const { socket, text, closed } = await open(it)
    const errors: unknown[] = []
    socket.on('error', (error) => errors.push(error)).pause()
    const piece = Buffer.alloc(64 * 1024, 'x')
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${20 * piece.length}\r\n\r\n`)
    for (let index = 0; index < 20; index += 1) {
      socket.write(piece)
      await sleep(5)
    }
    socket.resume()
    await closed
    expect(errors).toEqual([])
    expect(text()).toContain('RequestEntityTooLargeException')
  })
})

describe('A body that has not come in whole', () => {
  const LONG = 100_000
  const begin = (length: number, more = '') => `POST / HTTP/1.1\r\nHost: a\r\n${more}Content-Length: ${length}\r\n\r\n`

  it('is not waited for where its head is refused', async () => {
    const it = await start(echo, LONG)
    const { socket, text, closed } = await open(it)
    socket.write(begin(LONG, 'Authorization: nobody\r\n'))
    await until(() => text().includes('403 Forbidden') && text().includes('who are you'))
    await closed
  })

  it('is not asked for where its head is refused', async () => {
    const it = await start(echo, LONG)
    const { socket, text } = await open(it)
    socket.write(begin(LONG, 'Authorization: nobody\r\nExpect: 100-continue\r\n'))
    await until(() => text().includes('403 Forbidden'))
    expect(text()).not.toContain('100 Continue')
    socket.destroy()
  })

  it('that is small is never sent away for those that are long', async () => {
    const it = await start(echo, LONG)
    const long = await Promise.all(Array.from({ length: 4 }, () => open(it)))
    for (const { socket } of long) socket.write(begin(LONG) + 'x'.repeat(LONG - 1))
    await sleep(100)
    const { socket, text } = await open(it)
    socket.write(begin(5))
    for (const byte of 'small') {
      socket.write(byte)
      await sleep(2)
    }
    await until(() => text().includes('got small'))
    for (const each of [...long.map((one) => one.socket), socket]) each.destroy()
  })

  it('takes one buffer, however many chunks it comes in', async () => {
    const it = await start(echo, LONG)
    const { socket, text } = await open(it)
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    const before = process.memoryUsage().arrayBuffers
    for (let part = 0; part < 200; part += 1) {
      socket.write('1\r\ny\r\n'.repeat(100))
      if (part % 20 === 0) await sleep(1)
    }
    await sleep(50)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8_000_000)
    socket.write('0\r\n\r\n')
    await until(() => text().includes(`got ${'y'.repeat(20_000)}`))
    socket.destroy()
  })

  it('shares its room with all others: more are sent away, until some have come or gone', async () => {
    const it = await start(echo, LONG)
    const most = 'x'.repeat(LONG - 1)
    const waiting = await Promise.all(Array.from({ length: 3 }, () => open(it)))
    for (const { socket } of waiting) socket.write(begin(LONG) + most)
    await sleep(100)
    const { socket: late, text, closed } = await open(it)
    late.write(begin(LONG) + most)
    await until(() => text().includes('503 Service Unavailable') && /retry-after: 1/i.test(text()))
    const [first, second, third] = waiting
    first?.socket.destroy()
    second?.socket.write('y')
    await until(() => second?.text().includes('200 OK') === true)
    await closed
    const again = await open(it)
    again.socket.write(post('after'))
    await until(() => again.text().includes('got after'))
    for (const { socket } of [second, third, again].filter((each) => each !== undefined)) socket.destroy()
  })
})

describe('A handler', () => {
  const failing: readonly (readonly [string, WireHandler])[] = [
    ['rejects', async () => Promise.reject(new Error('a secret cause'))],
    [
      'throws',
      () => {
        throw new Error('a secret cause')
      },
    ],
  ]
  it.each(failing)('that %s is answered for, without its cause, and reported', async (_, handler) => {
    const it = await start(handler)
    const response = await fetch(it.server.url, { method: 'POST', body: '{}' })
    expect(response.status).toBe(500)
    const { __type, message } = (await response.json()) as Record<string, string>
    expect(__type).toBe('KMSInternalException')
    expect(message).toContain(response.headers.get('x-amzn-requestid'))
    expect(message).not.toContain('secret cause')
    expect(it.errors).toMatchObject([
      { message: expect.stringMatching(/^Request [0-9a-f-]{36} has failed/), cause: new Error('a secret cause') },
    ])
  })

  it('that answers what HTTP cannot say loses its connection and nothing else', async () => {
    const it = await start(async ({ body }) => ({ status: 200, headers: { A: body.toString() }, body: '' }))
    await expect(fetch(it.server.url, { method: 'POST', body: 'a\r\nSet-Cookie: b' })).rejects.toThrow('fetch failed')
    expect(it.errors).toHaveLength(1)
    expect((await fetch(it.server.url, { method: 'POST', body: 'a' })).headers.get('a')).toBe('a')
  })
})

describe('A server that stops', () => {
  it('lets what is under way finish, takes nothing new, and does not wait for idle connections', async () => {
    const begun = Promise.withResolvers<void>()
    const it = await start(async () => {
      begun.resolve()
      await sleep(100)
      return ok('finished')
    })
    const idle = await open(it)
    const busy = await open(it)
    busy.socket.write(post('x'))
    await begun.promise
    const since = performance.now()
    await it.server.close()
    expect(performance.now() - since).toBeLessThan(1000)
    await Promise.all([idle.closed, busy.closed])
    expect(busy.text()).toContain('finished')
    await expect(fetch(it.server.url)).rejects.toThrow('fetch failed')
  })
})
