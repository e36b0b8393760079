import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A line by which one server reaches another, and which can be cut. */
export interface Line extends AsyncDisposable {
  readonly port: number
  /** Ends what goes over it, and lets nothing pass; or lets it pass again. */
  cut(isCut: boolean): void
  /** Lets nothing pass and ends nothing, as a network does that loses packets; then all passes, late. */
  hold(isHeld: boolean): void
  /** Has all that goes over it be late by so many milliseconds. */
  slow(ms: number): void
}

/**
 * @param portOf where the line leads, asked at each connection
 * @param onBytes told what goes over it, in both directions
 */
export async function createLine(portOf: () => number, onBytes: (bytes: Buffer) => void = () => {}): Promise<Line> {
  const sockets = new Set<Socket>()
  let isCut = false
  let isHeld = false
  let lateMs = 0
  const server = createServer((socket) => {
    if (isCut) return void socket.destroy()
    const onward = connect(portOf(), '127.0.0.1')
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.on('data', (chunk: Buffer) => {
        onBytes(chunk)
        setTimeout(() => other.write(chunk), lateMs)
      })
      if (isHeld) one.pause()
      one.on('end', () => void setTimeout(() => other.end(), lateMs))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const end = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    hold(held) {
      isHeld = held
      for (const socket of sockets) {
        if (held) socket.pause()
        else socket.resume()
      }
    },
    slow(ms) {
      lateMs = ms
      // What is under way would be overtaken.
      end()
    },
    cut(cut) {
      isCut = cut
      if (cut) end()
    },
    async [Symbol.asyncDispose]() {
      end()
      server.close()
      await once(server, 'close')
    },
  }
}
