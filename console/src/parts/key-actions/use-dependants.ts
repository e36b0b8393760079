import { useQuery } from '@tanstack/react-query'
import { kms, type Grant, type KeyLastUsage } from '../../api/kms.ts'
import { useAsking } from '../../shell/place.ts'

/** Whoever misses a key when it is deleted, as far as the server knows. */
export interface Dependants {
  readonly usage: KeyLastUsage
  readonly grants: readonly Grant[]
  /** Whether there are more grants than these. */
  readonly hasMoreGrants: boolean
}

/** Asks when a key was last used here, and who was given its use. */
export function useDependants(KeyId: string) {
  const asking = useAsking()
  return useQuery({
    queryKey: ['key', asking.region, asking.credentials.accessKeyId, KeyId, 'dependants'],
    async queryFn(): Promise<Dependants> {
      const [usage, { Grants: grants, Truncated }] = await Promise.all([
        kms(asking, 'GetKeyLastUsage', { KeyId }),
        kms(asking, 'ListGrants', { KeyId }),
      ])
      return { usage, grants, hasMoreGrants: Truncated === true }
    },
  })
}
