import type { Group, ManagedPolicy, Role, User } from './identity.ts'

/**
 * Documents that belong to no Region, by their kind. Each service that keeps some adds its kinds here.
 *
 * A document is found by account, kind and name; a kind whose names differ in case only by mistake is filed under
 * its names in lower case.
 */
export interface GlobalDocuments {
  /** What an account is, beside its id. Filed under its id. */
  readonly account: { readonly createdAt: number }
  /** Filed under their names in lower case; their ids are unique. */
  readonly user: User
  readonly group: Group
  readonly role: Role
  readonly policy: ManagedPolicy
}

/** A kind of document. */
export type DocumentKind = keyof GlobalDocuments

/** Where a document lies. */
export interface DocumentKey<Kind extends DocumentKind = DocumentKind> {
  readonly kind: Kind
  /** The account that it belongs to; empty for what belongs to the organization as a whole. */
  readonly account: string
  readonly name: string
}
