import type { Region } from '../domain/region.ts'
import type { Tag } from '../domain/tags.ts'
import type { Caller } from './identities/caller.ts'

/** The facts of one request. */
export interface Call {
  readonly requestId: string
  /** The server's clock, in epoch milliseconds. */
  readonly now: number
  readonly region: Region
  readonly caller: Caller
  readonly sourceIp: string
  readonly userAgent: string
  /** Whether it came over TLS. */
  readonly secure: boolean
  /** The services that ask for the caller, such as `cloudformation.amazonaws.com`, the first one first. */
  readonly via?: readonly string[]
  /** The tags that such a service puts on what is made for it; nobody else can give or take them. */
  readonly systemTags?: readonly Tag[]
}
