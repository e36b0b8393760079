import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** What a load has measured. Latencies are in milliseconds. */
export interface Load {
  readonly requests: number
  readonly perSecond: number
  readonly median: number
  readonly p99: number
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')

/**
 * Sends requests over a number of connections, each with one request under way, for some seconds.
 *
 * The requests are whole HTTP/1.1 messages that were built beforehand: the client does as little as it can, so that
 * the server is what is measured.
 *
 * @param status that each answer must have
 * @throws Error for any other answer
 */
export async function load(
  url: string,
  requests: readonly Buffer[],
  connections: number,
  seconds: number,
  status = 200,
): Promise<Load> {
  const { hostname, port, protocol } = new URL(url)
  const latencies: number[] = []
  const start = performance.now()
  const deadline = start + seconds * 1000
  let next = 0
  const take = (): Buffer | null => {
    if (performance.now() >= deadline) return null
    next += 1
    return requests[next % requests.length] ?? null
  }
  const to = { port: Number(port), host: hostname }
  // Whose certificate it is, is not what is measured.
  const open = () => (protocol === 'https:' ? connectTls({ ...to, rejectUnauthorized: false }) : connect(to))
  await Promise.all(Array.from({ length: connections }, () => converse(open, take, latencies, status)))
  const elapsed = (performance.now() - start) / 1000
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0
  return { requests: latencies.length, perSecond: latencies.length / elapsed, median: at(0.5), p99: at(0.99) }
}

/** One client: a request at a time, over one connection as long as the server keeps it open. */
async function converse(
  open: () => Socket,
  take: () => Buffer | null,
  latencies: number[],
  status: number,
): Promise<void> {
  let socket: Socket | null = null
  for (let request = take(); request !== null; request = take()) {
    const since = performance.now()
    socket ??= open().setNoDelay(true)
    const { isKept } = await exchange(socket, request, status)
    latencies.push(performance.now() - since)
    if (isKept) continue
    socket.destroy()
    socket = null
  }
  socket?.destroy()
}

function exchange(socket: Socket, request: Buffer, status: number): Promise<{ isKept: boolean }> {
  return new Promise((resolve, reject) => {
    let received = Buffer.of()
    const done = (error: Error | null): void => {
      socket.removeAllListeners()
      if (error !== null) reject(error)
      else resolve({ isKept: !/^HTTP\/1\.0|\r\nconnection: *close/i.test(received.toString('latin1', 0, 1000)) })
    }
    socket.on('error', done)
    socket.on('close', () => done(new Error('The server closed the connection before it had answered.')))
    socket.on('data', (chunk: Buffer) => {
      received = received.length === 0 ? Buffer.from(chunk) : Buffer.concat([received, chunk])
      const length = answerLength(received)
      if (length === null || received.length < length) return
      done(received.subarray(0, 15).includes(` ${status} `) ? null : new Error(received.toString()))
    })
    socket.write(request)
  })
}

/** The length of the whole answer, once its head is there. */
function answerLength(received: Buffer): number | null {
  const end = received.indexOf(END_OF_HEAD)
  if (end < 0) return null
  const head = received.toString('latin1', 0, end)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  return end + END_OF_HEAD.length + Number(length ?? 0)
}
