import type { QuotaOf } from '../../kernel/throttle.ts'

/** How often an account may look events up in a Region, in requests a second (AWS CloudTrail API Reference). */
const LOOKUPS_PER_SECOND = 2

/** The request quota of an operation of CloudTrail. */
export const cloudTrailQuota: QuotaOf = (operation) =>
  operation === 'LookupEvents' ? { name: 'LookupEvents', perSecond: LOOKUPS_PER_SECOND } : null
