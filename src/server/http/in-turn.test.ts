import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { ok, open, post, start, stopRaw, until } from '../../../test/raw-http.ts'

afterEach(stopRaw)

describe('A request', () => {
  it('waits for the answer to the one before it on its connection', async () => {
    let underWay = 0
    const most: number[] = []
    const it = await start(async ({ body }) => {
      most.push(++underWay)
      await sleep(body.toString() === 'slow' ? 30 : 1)
      underWay -= 1
      return ok(`got ${body.toString()}`)
    })
    const { socket, text } = await open(it)
    socket.write(post('slow') + post('b') + post('c'))
    await until(() => text().includes('got c'))
    expect(text().match(/got (?:slow|b|c)/g)).toEqual(['got slow', 'got b', 'got c'])
    expect(most).toEqual([1, 1, 1])
    socket.destroy()
  })

  it('is refused with its connection where 16 of it wait, and nobody else notices', async () => {
    const begun: string[] = []
    const it = await start(async ({ body }) => {
      begun.push(body.toString())
      await sleep(20)
      return ok('x'.repeat(100_000))
    })
    const patient = await open(it)
    patient.socket.write(post('patient').repeat(17))
    await until(() => patient.text().split('200 OK').length === 18)
    patient.socket.destroy()
    begun.length = 0
    const greedy = await Promise.all(Array.from({ length: 20 }, () => open(it)))
    for (const { socket } of greedy) socket.write(post('greedy').repeat(500))
    await Promise.all(greedy.map(({ closed }) => closed))
    const { socket, text } = await open(it)
    socket.write(post('other'))
    await until(() => text().includes('200 OK'))
    expect(begun).toEqual(['other'])
    socket.destroy()
  })

  it('is never begun once its connection is gone', async () => {
    const begun: string[] = []
    const it = await start(async ({ body }) => {
      begun.push(body.toString())
      await sleep(20)
      return ok('')
    })
    const { socket, closed } = await open(it)
    socket.write(post('a') + post('b') + post('c'))
    await until(() => begun.length === 1)
    socket.resetAndDestroy()
    await closed
    await sleep(60)
    expect(begun).toEqual(['a'])
  })

  it.each([
    ['400', 'NONSENSE\r\n\r\n'],
    ['431', `GET / HTTP/1.1\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`],
  ])('that cannot be read is refused with %s, after the answers to those before it', async (status, unread) => {
    const warnings: Error[] = []
    const warn = (warning: Error): unknown => warnings.push(warning)
    process.on('warning', warn)
    const it = await start(async ({ body }) => {
      await sleep(40)
      return ok(`got ${body.toString()}`)
    })
    const { socket, text, closed } = await open(it)
    socket.write(post('good') + post('better') + unread)
    for (let more = 0; more < 20; more += 1) {
      await sleep(2)
      socket.write(unread)
    }
    await closed
    process.off('warning', warn)
    expect(warnings).toEqual([])
    expect(text().match(/HTTP.1.1 4/g)).toHaveLength(1)
    expect(text()).toMatch(
      new RegExp(`^HTTP.1.1 200 OK.*got good.*HTTP.1.1 200 OK.*got better.*HTTP.1.1 ${status} `, 's'),
    )
  })
})
