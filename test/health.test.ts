import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { healthCommand } from '../src/cli/health.ts'
import { freePort } from './free-port.ts'

/** Runs the command, and gives what it prints, with its exit status. */
async function health(...args: readonly (string | number)[]): Promise<string> {
  process.exitCode = 0
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  await healthCommand().exitOverride().parseAsync(args.map(String), { from: 'user' })
  return `${process.exitCode}: ${write.mock.lastCall?.join('')}`
}
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = 0
})

/** Something that listens where a server should, from a moment on. */
async function listening(listener: RequestListener, port = 0) {
  const server = createServer(listener).listen(port, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { port: (server.address() as AddressInfo).port, close, [Symbol.asyncDispose]: close }
}

describe('keyspan health', () => {
  it('asks for /health, and says that the server serves', async () => {
    await using server = await listening(({ url }, answer) => answer.writeHead(url === '/health' ? 200 : 404).end())
    const { port } = server
    expect(await health('--port', port)).toBe(`0: http://127.0.0.1:${port} serves.\n`)
    expect(await health('--port', port, '--host', '0.0.0.0')).toContain(`127.0.0.1:${port} serves`)
  })

  it('fails where the server says that it cannot', async () => {
    await using server = await listening((_request, answer) => answer.writeHead(503).end())
    expect(await health('--port', server.port)).toMatch(/^1: .* does not serve: it answers with the status 503\.\n$/)
    expect(JSON.parse((await health('--port', server.port, '--output', 'json')).slice(3))).toMatchObject({
      serves: false,
    })
  })

  it('fails where nobody listens, nobody answers, or nobody can know where', async () => {
    expect(await health('--port', await freePort())).toMatch(/^1: .*nobody listens there/)
    await using silent = await listening(() => {})
    expect(await health('--port', silent.port)).toMatch(/^1: .*it does not answer/)
    await expect(health('--port', 0)).rejects.toThrow('Give --port')
  })

  it('waits for one that is to come', async () => {
    const port = await freePort()
    const waiting = health('--port', port, '--wait', 20)
    await sleep(300)
    await using _server = await listening((_request, answer) => answer.end(), port)
    expect(await waiting).toContain('0: ')
  })
})
