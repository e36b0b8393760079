import { useQuery } from '@tanstack/react-query'
import { describeSystem } from '../api/keyspan.ts'
import { useAsking } from '../shell/place.ts'

/** How often it is looked whether a drill is over, in milliseconds. */
const DRILL_MS = 5000

/** What serves here, looked at again while a drill is under way. */
export function useSystem() {
  const asking = useAsking()
  return useQuery({
    queryKey: systemKey(asking.credentials.accessKeyId),
    queryFn: () => describeSystem(asking),
    refetchInterval: ({ state }) => (state.data?.Faults.length ?? 0) > 0 && DRILL_MS,
  })
}

/** By which it is kept: it is the same in each Region. */
export function systemKey(accessKeyId: string): readonly string[] {
  return ['system', accessKeyId]
}
