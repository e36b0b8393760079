import { useQuery } from '@tanstack/react-query'
import { describeSystem } from '../api/keyspan.ts'
import { useAsking } from '../shell/place.ts'

/** What serves here, looked at again every few seconds by whoever shows it. */
export function useSystem(everyMs: number | false = false) {
  const asking = useAsking()
  return useQuery({
    // It is the same in each Region.
    queryKey: ['system', asking.credentials.accessKeyId],
    queryFn: () => describeSystem(asking),
    refetchInterval: everyMs,
  })
}
