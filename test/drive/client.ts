import { KMSClient } from '@aws-sdk/client-kms'

/** An access key as clients have it. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Whoever keeps a connection and ends it refuses no request: only who listens nowhere does. */
const NOT_THERE = 'ECONNREFUSED'
const ASK_ANOTHER = 503

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
          if (isLast || statusOf(answer.response) !== ASK_ANOTHER) return answer
        } catch (error) {
          if (isLast || (error as NodeJS.ErrnoException).code !== NOT_THERE) throw error
        }
      }
    },
    { step: 'deserialize', priority: 'low', name: 'spread' },
  )
}

function statusOf(response: unknown): number | undefined {
  return (response as { readonly statusCode?: number }).statusCode
}
