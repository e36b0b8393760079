import { useQuery } from '@tanstack/react-query'
import { describeFamily } from '../../../api/family.ts'
import { useAsking } from '../../../shell/place.ts'
import { isMoving } from './links.ts'

/** How often it is looked at again while something moves, in milliseconds: each look is recorded. */
const LOOK_MS = 2000

/** A key in all of its Regions; looked at again while something moves and the page is seen. */
export function useFamily(KeyId: string) {
  const asking = useAsking()
  return useQuery({
    // Every change of the key has it asked again.
    queryKey: ['key', asking.region, asking.credentials.accessKeyId, KeyId, 'DescribeFamily'],
    queryFn: () => describeFamily(asking, KeyId),
    refetchInterval: ({ state }) => (state.data !== undefined && isMoving(state.data) ? LOOK_MS : false),
    refetchIntervalInBackground: false,
    refetchOnWindowFocus: true,
  })
}

/** How the policies of a key's Regions differ; asked for where somebody looks at it. */
export function usePolicyDifferences(KeyId: string) {
  const asking = useAsking()
  return useQuery({
    queryKey: ['key', asking.region, asking.credentials.accessKeyId, KeyId, 'DescribeFamily', 'policies'],
    queryFn: async () => (await describeFamily(asking, KeyId, true)).PolicyDifferences,
  })
}
