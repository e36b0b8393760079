/**
 * Limits that AWS documents and that no configuration changes.
 *
 * Lengths are in characters, sizes in bytes, times in days or milliseconds as the name says.
 * Source: AWS KMS API Reference and Developer Guide, "Quotas".
 */

export const DAY_MS = 24 * 60 * 60 * 1000

export const ALIASES_PER_KEY = 50
export const TAGS_PER_KEY = 50
export const KEYS_PER_REGION = 100_000
export const KEY_POLICY_BYTES = 32_768
export const ON_DEMAND_ROTATIONS_PER_KEY = 25
export const GRANTS_PER_KEY = 50_000
/** Pairs of an encryption context in a grant's constraints, and characters of each value. */
export const GRANT_CONSTRAINT_PAIRS = 8
export const GRANT_CONSTRAINT_CHARACTERS = 384

/** A deletion waits at least this long. AWS's model allows 1 to 365; the service allows 7 to 30. */
export const MIN_DELETION_WINDOW_DAYS = 7
export const MAX_DELETION_WINDOW_DAYS = 30
export const DEFAULT_DELETION_WINDOW_DAYS = 30

export const MIN_ROTATION_PERIOD_DAYS = 90
export const MAX_ROTATION_PERIOD_DAYS = 2560
export const DEFAULT_ROTATION_PERIOD_DAYS = 365
