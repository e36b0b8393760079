import type { Region } from '../region.ts'

/** How far a trail is delivered. Times are epoch milliseconds. */
export interface TrailDelivery {
  /** Of each log that it reads, by name, what is behind it: a file and how many of its bytes. */
  readonly places: Readonly<Record<string, Place>>
  /** What is being delivered; after a kill it is delivered again, under the same names and with the same bytes. */
  readonly plan: Plan | null
  /** The digests of each Region in which files are to be validated. */
  readonly chains: Readonly<Record<Region, Chain>>
  readonly status: DeliveryStatus
}

interface Place {
  readonly file: string
  readonly offset: number
}

/** What is delivered at once. */
export type Plan = FilesPlan | DigestPlan

/** Files with what a part of a log holds. */
export interface FilesPlan {
  readonly kind: 'files'
  readonly log: string
  readonly from: Place
  readonly to: Place
  readonly files: readonly PlannedFile[]
}

/** The digest of a Region's files. */
export interface DigestPlan {
  readonly kind: 'digest'
  readonly region: Region
  readonly endsAt: number
  readonly bucket: string
  readonly object: string
  /** Whether the chain ends with it. */
  readonly isLast: boolean
}

/** A file of one Region, in one bucket. */
export interface PlannedFile {
  readonly region: Region
  readonly bucket: string
  readonly prefix: string | null
  readonly object: string
  /** Since when it is listed in digests; null where it is not. */
  readonly validatedSince: number | null
}

/** The digests of one Region, of which each names the one before. */
export interface Chain {
  /** When the last one ended, or the first one began. */
  readonly since: number
  /** What the next one lists. */
  readonly files: readonly DigestedFile[]
  readonly previous: PreviousDigest | null
}

/** A file as a digest lists it. */
export interface DigestedFile {
  readonly bucket: string
  readonly object: string
  /** SHA-256 of the file before it was compressed, in hex. */
  readonly hash: string
  /** In seconds since 1970. */
  readonly oldest: number
  readonly newest: number
}

/** A digest as the next one names it. */
export interface PreviousDigest {
  readonly bucket: string
  readonly object: string
  readonly hash: string
  /** In hex. */
  readonly signature: string
}

/** What GetTrailStatus tells. */
export interface DeliveryStatus {
  readonly attemptedAt: number | null
  readonly deliveredAt: number | null
  /** Why the last attempt failed; null where it did not. */
  readonly error: string | null
  readonly digestedAt: number | null
  readonly digestError: string | null
}

/** A trail of which nothing is delivered yet. */
export const NOTHING_DELIVERED: TrailDelivery = {
  places: {},
  plan: null,
  chains: {},
  status: { attemptedAt: null, deliveredAt: null, error: null, digestedAt: null, digestError: null },
}
