import type { IncomingMessage } from 'node:http'

/** How bodies are bounded, in bytes. */
export interface BodyLimits {
  /** The longest body. */
  readonly longest: number
  /** What all bodies that have not come in whole may hold together: nothing of them is verified yet. */
  readonly together: number
}

/** Why a body is not read to its end. */
export type BodyRefusal = 'too-long' | 'too-many'

/** Reads bodies, which share one bound. */
export interface BodyReader {
  /** Hands over the whole body, or why it is refused. A request that breaks off is never handed over. */
  read(request: IncomingMessage, done: (body: Buffer | BodyRefusal) => void): void
}

/** What a request says of itself: the length of its body, or null where only its end will tell. */
export function announcedLength({ headers }: IncomingMessage): number | null {
  if (headers['transfer-encoding'] !== undefined) return null
  return Number(headers['content-length'] ?? 0)
}

/** A reader whose bodies have room for `together` bytes between them. */
export function createBodyReader({ longest, together }: BodyLimits): BodyReader {
  let held = 0

  return {
    read(request, done) {
      let chunks: Buffer[] = []
      let size = 0
      let isReading = true
      const finish = (): readonly Buffer[] => {
        const whole = chunks
        held -= size
        chunks = []
        size = 0
        isReading = false
        return whole
      }
      request.on('data', (chunk: Buffer) => {
        if (!isReading) return
        const refusal = refusalOf(size + chunk.length, held + chunk.length)
        if (refusal !== null) {
          finish()
          done(refusal)
          return
        }
        chunks.push(chunk)
        size += chunk.length
        held += chunk.length
      })
      request.on('end', () => {
        if (!isReading) return
        const whole = finish()
        done(whole.length === 1 && whole[0] !== undefined ? whole[0] : Buffer.concat(whole))
      })
      // A client that goes away in the middle has said nothing.
      request.on('error', finish)
      request.on('close', finish)
    },
  }

  function refusalOf(size: number, all: number): BodyRefusal | null {
    if (size > longest) return 'too-long'
    return all > together ? 'too-many' : null
  }
}
