/** A server of HTTP without anything behind it, and clients that say each byte themselves. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { WireHandler, WireResponse } from '../src/protocol/wire.ts'
import { serveHttp, type HttpServer } from '../src/server/http/http.ts'

/** The longest body, in bytes, where nothing else is said. */
export const MAX = 1000

interface Running {
  readonly server: HttpServer
  readonly errors: unknown[]
}

let running: Running | null = null

/** Stops the server that was started last. */
export async function stopRaw(): Promise<void> {
  await running?.server.close()
  running = null
}

/** Starts a server with a handler; the longest body has `longest` bytes. */
export async function start(handler: WireHandler, longest = MAX): Promise<Running> {
  const errors: unknown[] = []
  const server = await serveHttp({
    handler,
    host: '127.0.0.1',
    port: 0,
    bodies: { longest, together: 3 * longest },
    refuseHead: async ({ headers }) => (headers['authorization'] === undefined ? null : refusal),
    onError: (error) => errors.push(error),
  })
  running = { server, errors }
  return running
}

const refusal: WireResponse = { status: 403, headers: {}, body: 'who are you' }
export const ok = (body: string): WireResponse => ({ status: 200, headers: { 'Content-Type': 'text/plain' }, body })
export const echo: WireHandler = async ({ body }) => ok(`got ${body.toString()}`)

/** Opens a socket that collects all that comes, until it is closed. */
export async function open({
  server,
}: Running): Promise<{ socket: Socket; text: () => string; closed: Promise<void> }> {
  const socket = connect(server.port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => (text += chunk.toString()))
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  await once(socket, 'connect')
  return { socket, text: () => text, closed }
}

/** Waits for two seconds at most. */
export async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !isTrue(); turn += 1) await sleep(5)
  expect(isTrue()).toBe(true)
}

export const post = (body: string, more = '') =>
  `POST / HTTP/1.1\r\nHost: a\r\n${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
