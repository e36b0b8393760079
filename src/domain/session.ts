import type { Tag } from './tags.ts'

/** What a temporary access key stands for. It is kept beside the key, until it expires. */
export type Session = {
  /** SHA-256 of the session token, in hex: the token itself is kept by its holder only. */
  readonly tokenHash: string
  readonly issuedAt: number
} & (
  | {
      readonly kind: 'role'
      readonly roleId: string
      readonly sessionName: string
      /** Policies given with the session, as texts; together with `policyArns` they limit it. */
      readonly policies: readonly string[]
      readonly policyArns: readonly string[]
      readonly tags: readonly Tag[]
      /** Keys of tags that go on into sessions that are begun from this one. */
      readonly transitiveTagKeys: readonly string[]
      readonly sourceIdentity: string | null
    }
  | {
      readonly kind: 'federated'
      /** The id of the user who began it; null for the root user. */
      readonly userId: string | null
      readonly name: string
      readonly policies: readonly string[]
      readonly policyArns: readonly string[]
      readonly tags: readonly Tag[]
    }
  /** The same user, or the root user, with a temporary key. */
  | { readonly kind: 'user'; readonly userId: string | null }
  /** The same, signed in to the console. */
  | { readonly kind: 'console'; readonly userId: string | null }
)

/** What a caller is made from. With it, whoever acts for the caller later makes the same caller anew. */
export interface CallerOrigin {
  readonly account: string
  readonly accessKeyId: string
  /** The unique id of the user or role; null for the root user. */
  readonly owner: string | null
  readonly session: Session | null
}
