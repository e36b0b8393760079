import type { KeyRecord } from '../../domain/key.ts'
import type { WritePowers } from '../../kernel/operation.ts'
import { isUnsettled } from '../../replication/seat.ts'

/** Writes a change of what a key has of its own in this Region. */
export function changeKey({ writes }: WritePowers, key: KeyRecord): Promise<void> {
  return writes.putKey(key, isUnsettled(key))
}
