import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { healthCommand } from '../src/cli/health.ts'

/** Runs the command, and gives what it prints. */
async function health(...args: readonly (string | number)[]): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  await healthCommand().exitOverride().parseAsync(args.map(String), { from: 'user' })
  return write.mock.calls.join('')
}
afterEach(() => vi.restoreAllMocks())

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
    expect(await health('--port', port)).toBe(`http://127.0.0.1:${port} serves.\n`)
    expect(await health('--port', port, '--host', '0.0.0.0')).toContain(`127.0.0.1:${port} serves`)
  })

  it('fails where the server says that it cannot', async () => {
    await using server = await listening((_request, answer) => answer.writeHead(503).end())
    await expect(health('--port', server.port)).rejects.toThrow('does not serve: it answers with the status 503.')
  })

  it('fails where nobody listens, nobody answers, or nobody can know where', async () => {
    const gone = await listening(() => {})
    await gone.close()
    await expect(health('--port', gone.port)).rejects.toThrow('nobody listens there')
    await using silent = await listening(() => {})
    await expect(health('--port', silent.port)).rejects.toThrow('it does not answer')
    await expect(health('--port', 0)).rejects.toThrow('Give --port')
  })

  it('waits for one that is to come', async () => {
    const { port, close } = await listening(() => {})
    await close()
    const waiting = health('--port', port, '--wait', 20)
    await sleep(300)
    await using _server = await listening((_request, answer) => answer.end(), port)
    expect(await waiting).toContain('serves')
  })
})
