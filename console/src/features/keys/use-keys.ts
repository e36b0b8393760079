import { useQuery } from '@tanstack/react-query'
import type { Asking } from '../../api/client.ts'
import { kms, type Alias, type KeyMetadata } from '../../api/kms.ts'
import { useAsking } from '../../shell/place.ts'
import type { Told } from './use-told.ts'

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

/** Every key of the Region by its id, with its aliases: AWS's ListKeys tells no more. */
export function useKeys() {
  const asking = useAsking()
  return useQuery({
    queryKey: ['keys', asking.region, asking.credentials.accessKeyId],
    queryFn: () => loadKeys(asking),
    refetchOnWindowFocus: false,
    // To compare thousands of keys takes longer than to draw those of a page.
    structuralSharing: false,
  })
}

async function loadKeys(asking: Asking): Promise<readonly ListedKey[]> {
  const [ids, aliases] = await Promise.all([listKeys(asking), listAliases(asking)])
  const byKey = Map.groupBy(aliases, ({ TargetKeyId }) => TargetKeyId)
  return ids.map((id) => {
    const names = (byKey.get(id) ?? []).map(({ AliasName }) => AliasName.replace(/^alias\//, ''))
    const manager = names.some((name) => name.startsWith('aws/')) ? 'AWS' : 'CUSTOMER'
    return { id, aliases: names, manager, metadata: null, isHidden: false }
  })
}

/** The keys with what is told of them, without those that are there no more. */
export function withTold(keys: readonly ListedKey[], told: ReadonlyMap<string, Told>): readonly ListedKey[] {
  return keys.flatMap((key) => {
    const of = told.get(key.id)
    return of === undefined ? key : of === 'gone' ? [] : described(key, of)
  })
}

/** Of thousands of keys few change at a time: what has not stays the same object. */
const known = new WeakMap<ListedKey, { readonly of: Told; readonly key: ListedKey }>()

function described(key: ListedKey, of: Exclude<Told, 'gone'>): ListedKey {
  const before = known.get(key)
  if (before?.of === of) return before.key
  const made = of === 'hidden' ? { ...key, isHidden: true } : { ...key, manager: of.KeyManager, metadata: of }
  known.set(key, { of, key: made })
  return made
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
