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
export const TRUST_POLICY_SIZE = 2048

export const USERS_PER_ACCOUNT = 5000
export const GROUPS_PER_ACCOUNT = 300
export const ROLES_PER_ACCOUNT = 1000
export const POLICIES_PER_ACCOUNT = 1500
