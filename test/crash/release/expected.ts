import type { KeyMetadata } from '@aws-sdk/client-kms'

/** An access key, as the AWS SDK takes it. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A text that a key was used on; bytes are in base64. */
export interface Used {
  readonly keyId: string
  /** Where it must open, or be verified. */
  readonly regions: readonly string[]
  readonly kind: 'ciphertext' | 'mac' | 'signature'
  readonly text: string
  readonly bytes: string
}

/** What a release has promised of its data. */
export interface Expected {
  readonly regions: readonly string[]
  readonly root: Credentials
  readonly other: Credentials
  /** A user who may decrypt with one key by a grant, and encrypt by its own policy. */
  readonly user: Credentials & { readonly keyId: string }
  /** By Region, as DescribeKey gave it; without dates. */
  readonly keys: Readonly<Record<string, readonly KeyMetadata[]>>
  readonly used: readonly Used[]
  /** By Region, every alias of the first account's own and its key. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly grants: readonly { readonly region: string; readonly keyId: string; readonly grantId: string }[]
  readonly tags: { readonly keyId: string; readonly region: string; readonly value: string }
  readonly users: readonly string[]
  readonly roles: readonly string[]
  readonly organization: string
  /** By log, the event ids of every record, in the file or pending. */
  readonly records: Readonly<Record<string, readonly string[]>>
}

/** A description of a key without what time changes. */
export function lasting(metadata: KeyMetadata): KeyMetadata {
  return JSON.parse(
    JSON.stringify(metadata, (name, value: unknown) => (/Date$|^ValidTo$/.test(name) ? undefined : value)),
  ) as KeyMetadata
}
