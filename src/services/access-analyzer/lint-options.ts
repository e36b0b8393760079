import { isCommercialRegion, isOtherPartition } from '../../domain/region.ts'
import type { LintedKind, LintOptions } from '../../policy/lint/lint.ts'
import { quotaOf } from './limits.ts'

/** What a policy of a kind is looked through with. */
export function lintOptions(kind: LintedKind): LintOptions {
  const quota = quotaOf(kind)
  return { isRegion, ...(quota !== undefined && { quota }) }
}

function isRegion(name: string): boolean {
  return isCommercialRegion(name) || isOtherPartition(name)
}
