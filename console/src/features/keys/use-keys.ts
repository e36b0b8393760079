import { useQuery } from '@tanstack/react-query'
import type { Asking } from '../../api/client.ts'
import { ApiError } from '../../api/errors.ts'
import { kms, type Alias, type KeyMetadata } from '../../api/kms.ts'
import { inTurns } from '../../parts/in-turns.ts'
import { useAsking } from '../../shell/place.ts'

/** A key of the list. */
export interface ListedKey {
  readonly id: string
  readonly aliases: readonly string[]
  readonly manager: 'AWS' | 'CUSTOMER'
  /** Null where it is not told: not yet, or not to whoever asks. */
  readonly metadata: KeyMetadata | null
  /** Whether whoever asks may see no more of the key than that it is there. */
  readonly isHidden: boolean
}

/** A key of which all is told. */
export interface DescribedKey extends ListedKey {
  readonly metadata: KeyMetadata
}

/** Whether all is told of a key. */
export function isDescribed(key: ListedKey): key is DescribedKey {
  return key.metadata !== null
}

/** How often a list that is being filled is shown anew, in milliseconds. */
const SHOW_MS = 1000

/**
 * Every key of the Region, with its aliases. The first time they are listed as soon as their ids are known, and filled
 * with what is told of each: that is a request a key, and each is recorded.
 */
export function useKeys() {
  const asking = useAsking()
  return useQuery({
    queryKey: ['keys', asking.region, asking.credentials.accessKeyId],
    queryFn: ({ client, queryKey }) => {
      const isFirst = client.getQueryData(queryKey) === undefined
      return loadKeys(asking, isFirst ? (keys) => client.setQueryData(queryKey, keys) : () => {})
    },
    refetchOnWindowFocus: false,
    // To compare thousands of keys takes longer than to draw those of a page.
    structuralSharing: false,
  })
}

async function loadKeys(asking: Asking, show: (keys: readonly ListedKey[]) => void): Promise<readonly ListedKey[]> {
  const [ids, aliases] = await Promise.all([listKeys(asking), listAliases(asking)])
  const byKey = Map.groupBy(aliases, ({ TargetKeyId }) => TargetKeyId)
  const keys: (ListedKey | null)[] = ids.map((id) => undescribed(id, byKey.get(id) ?? []))
  const found = (): readonly ListedKey[] => keys.filter((key) => key !== null)
  let shownAt = 0
  await inTurns([...keys.entries()], async ([index, key]) => {
    if (performance.now() - shownAt > SHOW_MS) {
      show(found())
      shownAt = performance.now()
    }
    if (key !== null) keys[index] = await described(asking, key)
  })
  return found()
}

function undescribed(id: string, aliases: readonly Alias[]): ListedKey {
  const names = aliases.map(({ AliasName }) => AliasName.replace(/^alias\//, ''))
  const manager = names.some((name) => name.startsWith('aws/')) ? 'AWS' : 'CUSTOMER'
  return { id, aliases: names, manager, metadata: null, isHidden: false }
}

/** A key with what is told of it; null where it is there no more. One that is hidden hides no other. */
async function described(asking: Asking, key: ListedKey): Promise<ListedKey | null> {
  try {
    const { KeyMetadata: metadata } = await kms(asking, 'DescribeKey', { KeyId: key.id })
    return { ...key, manager: metadata.KeyManager, metadata }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.code === 'NotFoundException') return null
    if (error.code === 'AccessDeniedException') return { ...key, isHidden: true }
    throw error
  }
}

async function listKeys(asking: Asking): Promise<readonly string[]> {
  const found: string[] = []
  for (let Marker: string | undefined; ;) {
    const page = await kms(asking, 'ListKeys', { Limit: 1000, Marker })
    found.push(...page.Keys.map(({ KeyId }) => KeyId))
    if (page.Truncated !== true) return found
    Marker = page.NextMarker
  }
}

async function listAliases(asking: Asking): Promise<readonly Alias[]> {
  const found: Alias[] = []
  for (let Marker: string | undefined; ;) {
    const page = await kms(asking, 'ListAliases', { Limit: 100, Marker })
    found.push(...page.Aliases)
    if (page.Truncated !== true) return found
    Marker = page.NextMarker
  }
}
