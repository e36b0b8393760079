import { KMSClient } from '@aws-sdk/client-kms'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

/** An access key as clients have it. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const NOT_THERE = 'ECONNREFUSED'
const UNAVAILABLE = 503
/** By this an answer of 503 is known of which nobody can say whether something was done. */
const UNSURE = 'may serve this by now'

/** Nobody can say whether what was asked was done. */
export class UnsureError extends Error {}

/** Whether a refusal, of any service, says that nothing was done because nobody could do it. */
export function isUnavailable(error: unknown): boolean {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === UNAVAILABLE
}

/** Whether nobody can say, by an error, whether what was asked was done. */
export function isUnsure(error: unknown): boolean {
  return error instanceof UnsureError || (isUnavailable(error) && (error as Error).message.includes(UNSURE))
}

/**
 * A client of a Region. Each request goes to the next of its nodes, as a load balancer sends it; a node that is not
 * there, or answers 503, has done nothing, and another is asked.
 */
export function createClient(region: string, urls: readonly string[], credentials: Credentials): KMSClient {
  const endpoint = urls[0] ?? ''
  const client = new KMSClient({ region, endpoint, credentials, maxAttempts: 1 })
  spread(client, urls)
  return client
}

/** What comes over the wire. */
interface Response {
  readonly statusCode: number
  readonly body: Readable
}

/** What any client of an AWS SDK has. */
interface AnyClient {
  readonly middlewareStack: Pick<KMSClient['middlewareStack'], 'add'>
}

/** Sends what a client asks to one node after the other. It is signed for the first: none is bound to its address. */
export function spread({ middlewareStack }: AnyClient, urls: readonly string[]): void {
  const ports = urls.map((url) => Number(new URL(url).port))
  let turn = 0
  middlewareStack.add(
    (next) => async (args) => {
      const first = (turn += 1)
      for (let tried = 1; ; tried += 1) {
        const port = ports[(first + tried) % ports.length]
        const isLast = tried >= ports.length
        try {
          const answer = await next({ ...args, request: Object.assign(Object.create(null), args.request, { port }) })
          const { statusCode, body } = answer.response as Response
          if (isLast || statusCode !== UNAVAILABLE) return answer
          const said = await text(body)
          if (said.includes(UNSURE)) throw new UnsureError(said)
        } catch (error) {
          if (isLast || (error as NodeJS.ErrnoException).code !== NOT_THERE) throw error
        }
      }
    },
    { step: 'deserialize', priority: 'low', name: 'spread' },
  )
}
