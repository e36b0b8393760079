/** Why nothing can be written to a bucket. */
export interface BucketTrouble {
  readonly isMissing: boolean
  /** A sentence, with what to do. */
  readonly text: string
}

/** Tries whether an account's files can be written to a bucket, below a prefix; null where they can. */
export type CheckBucket = (bucket: string, prefix: string | null, account: string) => Promise<BucketTrouble | null>
