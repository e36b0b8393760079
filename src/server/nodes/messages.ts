import { z } from 'zod'

const touched = z.object({ account: z.string(), keyId: z.string() })
const news = z.union([
  z.object({ place: z.string(), touched: z.array(touched) }),
  z.object({ place: z.literal('global') }),
  z.object({ place: z.literal('all') }),
])
const lease = z.object({ ms: z.number(), upTo: z.number(), news: z.array(news), offset: z.number() })

/** A lease, with how far the clock of the process that leads was moved, in milliseconds. */
export type GivenLease = z.infer<typeof lease>

/** What a follower begins with: who it is, and which Regions it is to serve; an older version does not say those. */
export const beginning = z.object({ id: z.string(), node: z.string(), regions: z.array(z.string()).optional() })
/** What is answered: a lease, or why there is none now; or the Regions of who leads, where they are others. */
export const begun = z.union([lease, z.object({ refused: z.string() }), z.object({ serves: z.array(z.string()) })])

export const renewal = z.object({ id: z.string(), heard: z.number() })
export const renewed = z.union([lease, z.object({ over: z.literal(true) })])

/** What a request that was passed on has instead of an answer. */
export const noAnswer = z.object({ noAnswer: z.literal(true) })

export const records = z.object({ place: z.string(), texts: z.array(z.string()), isRepeated: z.boolean() })

export const uses = z.object({
  region: z.string(),
  uses: z.array(
    z.object({
      account: z.string(),
      keyId: z.string(),
      operation: z.string(),
      at: z.number(),
      eventId: z.string(),
      requestId: z.string(),
    }),
  ),
})

/** What a follower says of request quotas, and when, by its own monotonic clock. */
export const draws = z.object({
  id: z.string(),
  askedAt: z.number(),
  draws: z.array(z.object({ bucket: z.string(), perSecond: z.number(), asked: z.number(), left: z.number() })),
})
export const drawn = z.object({
  drawn: z.array(z.object({ bucket: z.string(), given: z.number(), isShort: z.boolean() })),
})

export const refusals = z.object({
  refusals: z.array(
    z.object({
      id: z.string(),
      at: z.number(),
      account: z.string(),
      caller: z.string(),
      principal: z.string(),
      operation: z.string(),
      region: z.string(),
      resource: z.string().nullable(),
      owner: z.string().nullable(),
      code: z.string().nullable(),
      explanations: z.unknown(),
    }),
  ),
})
