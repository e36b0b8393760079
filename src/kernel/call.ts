import type { KeyObject } from 'node:crypto'
import type { Region } from '../domain/region.ts'
import type { Span } from '../domain/tracing/span.ts'
import type { Tag } from '../domain/tags.ts'
import type { Caller } from './identities/caller.ts'
import type { NewAccessKey } from './identities/new-access-key.ts'

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
  /** What it is traced as; absent where it is not. */
  readonly span?: Span
  /** INVARIANT: it never comes over the wire. */
  readonly chosen?: Chosen
}

/** What a seed chooses for what a call makes, in place of chance. */
export interface Chosen {
  readonly keyId?: string
  readonly material?: KeyObject
  readonly grantId?: string
  /** Whose a grant is. */
  readonly issuingAccount?: string
  readonly accessKey?: NewAccessKey
}
