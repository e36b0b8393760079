import { useQuery } from '@tanstack/react-query'
import { describeSystem } from '../api/keyspan.ts'
import { useAsking } from '../shell/place.ts'

/** What serves here. */
export function useSystem() {
  const asking = useAsking()
  return useQuery({
    // It is the same in each Region.
    queryKey: ['system', asking.credentials.accessKeyId],
    queryFn: () => describeSystem(asking),
  })
}
