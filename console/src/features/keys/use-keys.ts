import { useQuery } from '@tanstack/react-query'
import type { Asking } from '../../api/client.ts'
import { kms, type Alias, type KeyMetadata } from '../../api/kms.ts'
import { inTurns } from '../../parts/in-turns.ts'
import { useAsking } from '../../shell/place.ts'

/** A key of the list. */
export interface ListedKey {
  readonly id: string
  readonly arn: string
  readonly aliases: readonly string[]
  readonly metadata: KeyMetadata
}

/** Every key of the Region, with its aliases. */
export function useKeys() {
  const asking = useAsking()
  return useQuery({
    queryKey: ['keys', asking.region, asking.credentials.accessKeyId],
    queryFn: () => loadKeys(asking),
  })
}

async function loadKeys(asking: Asking): Promise<readonly ListedKey[]> {
  const [keys, aliases] = await Promise.all([listKeys(asking), listAliases(asking)])
  const byKey = Map.groupBy(aliases, ({ TargetKeyId }) => TargetKeyId)
  const described = await inTurns(keys, ({ KeyId }) => kms(asking, 'DescribeKey', { KeyId }))
  return described.map(({ KeyMetadata: metadata }) => ({
    id: metadata.KeyId,
    arn: metadata.Arn,
    aliases: (byKey.get(metadata.KeyId) ?? []).map(({ AliasName }) => AliasName.replace(/^alias\//, '')),
    metadata,
  }))
}

async function listKeys(asking: Asking) {
  const found: { readonly KeyId: string }[] = []
  for (let Marker: string | undefined; ;) {
    const page = await kms(asking, 'ListKeys', { Limit: 1000, Marker })
    found.push(...page.Keys)
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
