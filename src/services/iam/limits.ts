/**
 * Quotas of IAM, at AWS's defaults unless the name says otherwise (IAM User Guide, "IAM and AWS STS quotas").
 *
 * Sizes are in characters, without white space.
 */

export const ACCESS_KEYS_PER_USER = 2
export const GROUPS_PER_USER = 10
export const TAGS_PER_ENTITY = 50
export const VERSIONS_PER_POLICY = 5
export const MANAGED_POLICY_SIZE = 6144
/** The most that inline policies have together: those of a role. */
export const INLINE_POLICY_SIZE = 10_240
/** Of all policies that a simulation tries, by our own choice: AWS's limit for one. */
export const TRIED_POLICIES_SIZE = 131_072
export const TRUST_POLICY_SIZE = 2048

export const USERS_PER_ACCOUNT = 5000
export const GROUPS_PER_ACCOUNT = 300
export const ROLES_PER_ACCOUNT = 1000
export const POLICIES_PER_ACCOUNT = 1500
