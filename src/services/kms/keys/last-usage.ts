import type { KeyRecord } from '../../../domain/key.ts'
import type { LastUse } from '../../../domain/last-use.ts'
import { DAY_MS } from '../../../domain/limits.ts'
import type { LastUses } from '../../../kernel/keys/last-uses.ts'
import type { Need } from '../../../kernel/access/need.ts'

/** The last use of a key; null where none is known. */
export async function lastUsageOf(
  { account, id, createdAt }: KeyRecord,
  uses: Pick<LastUses, 'lastUse'>,
): Promise<LastUse | null> {
  const use = await uses.lastUse(account, id)
  // A replica may have been there before under the same id, and was another key.
  return use !== null && use.at >= createdAt ? use : null
}

/** `kms:TrailingDaysWithoutKeyUsage`: whole days since the last use. Absent where none is known. */
export function trailingDays(use: LastUse | null, now: number): Need['context'] {
  if (use === null) return {}
  return { 'kms:TrailingDaysWithoutKeyUsage': String(Math.max(0, Math.floor((now - use.at) / DAY_MS))) }
}
