import { useQuery } from '@tanstack/react-query'
import { describeFamily, type KeyFamily } from '../../../api/family.ts'
import { useAsking } from '../../../shell/place.ts'
import { isMoving } from './links.ts'

/** How often it is looked at again while something moves, and while it cannot, in milliseconds: each look is recorded. */
const LOOK_MS = { moving: 2000, held: 5000 }

/** A key in all of its Regions; looked at again while something moves and the page is seen. */
export function useFamily(KeyId: string) {
  const asking = useAsking()
  return useQuery({
    // Every change of the key has it asked again.
    queryKey: ['key', asking.region, asking.credentials.accessKeyId, KeyId, 'DescribeFamily'],
    queryFn: () => describeFamily(asking, KeyId),
    refetchInterval: ({ state }) => againIn(state.data),
    refetchIntervalInBackground: false,
    refetchOnWindowFocus: true,
  })
}

function againIn(family: KeyFamily | undefined): number | false {
  if (family === undefined || !isMoving(family)) return false
  return family.Unheard.some(({ Connected }) => !Connected) ? LOOK_MS.held : LOOK_MS.moving
}

/** How the policies of a key's Regions differ; asked for where somebody looks at it. */
export function usePolicyDifferences(KeyId: string) {
  const asking = useAsking()
  return useQuery({
    queryKey: ['key', asking.region, asking.credentials.accessKeyId, KeyId, 'DescribeFamily', 'policies'],
    queryFn: async () => (await describeFamily(asking, KeyId, true)).PolicyDifferences,
  })
}
