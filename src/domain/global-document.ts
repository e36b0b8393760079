import type { DeletedPrincipal, Group, ManagedPolicy, Role, User } from './identity.ts'
import type {
  AccountCreation,
  ControlPolicy,
  Invitation,
  Organization,
  OrganizationalUnit,
  OrganizationMember,
} from './organization.ts'
import type { ContactInformation } from './contact.ts'
import type { Region } from './region.ts'
import type { Trail } from './trail/trail.ts'
import type { TrailDelivery } from './trail/delivery.ts'

/**
 * Documents that belong to no Region, by their kind. Each service that keeps some adds its kinds here.
 *
 * A document is found by account, kind and name; a kind whose names differ in case only by mistake is filed under
 * its names in lower case.
 */
export interface GlobalDocuments {
  /** What an account is, beside its id. Filed under its id. */
  readonly account: Account
  /** Filed under their names in lower case; their ids are unique. */
  readonly user: User
  readonly group: Group
  readonly role: Role
  /** Filed by type, name and id, as `role/app/AROA...`, for those who look for either; its id is unique. */
  readonly 'deleted-principal': DeletedPrincipal
  readonly policy: ManagedPolicy
  /** Filed under its id, in no account. */
  readonly organization: Organization
  /**
   * Units, members, policies and the like are filed under their ids, and in their organization: its id stands for
   * the account. A member's unique id is `member/` and the account's.
   */
  readonly 'organizational-unit': OrganizationalUnit
  readonly 'organization-member': OrganizationMember
  readonly 'control-policy': ControlPolicy
  readonly 'account-creation': AccountCreation
  /** Its id is unique. */
  readonly invitation: Invitation
  /** Filed as `enabled`: the Regions to which an account has opted in. */
  readonly 'region-opt-in': { readonly enabled: readonly Region[] }
  /** Filed as `primary`. */
  readonly contact: ContactInformation
  /** Filed under its home Region and its name, as `us-east-1/security`. */
  readonly trail: Trail
  /** A trail that was deleted, until all that it has to deliver is delivered. Filed under its id. */
  readonly 'ended-trail': Trail
  /** How far a trail is delivered. Filed under its id. */
  readonly 'trail-delivery': TrailDelivery
}

/** An account. The name and the address are those it was made with, if any. */
export interface Account {
  readonly createdAt: number
  readonly name?: string
  readonly email?: string
}

/** A kind of document. */
export type DocumentKind = keyof GlobalDocuments

/** Where a document lies. */
export interface DocumentKey<Kind extends DocumentKind = DocumentKind> {
  readonly kind: Kind
  /** The account or the organization that it belongs to; empty for what belongs to neither. */
  readonly account: string
  readonly name: string
}
