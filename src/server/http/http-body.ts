import type { IncomingMessage } from 'node:http'
import type { WireRequest } from '../../protocol/wire.ts'

/** How bodies are bounded, in bytes. */
export interface BodyLimits {
  /** The longest body. */
  readonly longest: number
  /**
   * What all long bodies that have not come in whole may take together: nothing of them is verified yet. Small ones are
   * bounded by the number of connections, so that no long one keeps them out.
   */
  readonly together: number
}

/** A body that says that it has at most this many bytes is small. It comes with its head, as a rule. */
const SMALL_BYTES = 16 * 1024

/** Why a body is not read to its end. */
export type BodyRefusal = 'too-long' | 'too-many'

/** Reads bodies, which share one bound. */
export interface BodyReader {
  /**
   * Hands over the whole body, or why it is refused. A request that breaks off is never handed over.
   *
   * @param head that of the request
   */
  read(request: IncomingMessage, head: Headed, done: (body: Buffer | BodyRefusal) => void): void
}

/** A request whose headers are known. */
type Headed = Pick<WireRequest, 'headers'>

/** What a request says of itself: the length of its body, or null where only its end will tell. */
export function announcedLength({ headers }: Headed): number | null {
  if (headers['transfer-encoding'] !== undefined) return null
  return Number(headers['content-length'] ?? 0)
}

/** Says whether a request has a small body. */
export function isSmall(head: Headed): boolean {
  const length = announcedLength(head)
  return length !== null && length <= SMALL_BYTES
}

/** A reader whose long bodies have room for `together` bytes between them. */
export function createBodyReader({ longest, together }: BodyLimits): BodyReader {
  /** What long bodies take, in bytes. */
  let taken = 0

  return {
    read(request, head, done) {
      const announced = announcedLength(head)
      const small = isSmall(head)
      const mostOf = small ? (announced ?? 0) : longest
      /** Each body in one buffer: many little chunks would take many times what they hold. */
      let bytes: Buffer = Buffer.alloc(0)
      /** What of it is counted. */
      let counted = 0
      let size = 0
      let isReading = true
      const finish = (): void => {
        taken -= counted
        counted = 0
        isReading = false
      }
      const refuse = (refusal: BodyRefusal): void => {
        finish()
        bytes = Buffer.alloc(0)
        done(refusal)
      }
      request.on('data', (chunk: Buffer) => {
        if (!isReading) return
        const next = size + chunk.length
        if (next > mostOf) return refuse('too-long')
        if (size === 0 && next === announced) bytes = chunk
        else if (next > bytes.length) {
          const room = Math.min(mostOf, Math.max(next, 2 * bytes.length))
          if (!small) {
            if (taken - counted + room > together) return refuse('too-many')
            taken += room - counted
            counted = room
          }
          const larger = Buffer.allocUnsafe(room)
          bytes.copy(larger, 0, 0, size)
          bytes = larger
        }
        if (bytes !== chunk) chunk.copy(bytes, size)
        size = next
      })
      request.on('end', () => {
        if (!isReading) return
        const body = bytes.subarray(0, size)
        finish()
        done(body)
      })
      // A client that goes away in the middle has said nothing.
      const forget = (): void => {
        if (isReading) finish()
      }
      request.on('error', forget)
      request.on('close', forget)
    },
  }
}
