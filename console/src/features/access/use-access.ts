import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { keyspan } from '../../api/access.ts'
import { useAsking, useSignedIn } from '../../shell/place.ts'
import type { RemedyChange } from './remedy-change.ts'

/** Who may do what with a key in a Region, page by page. */
export function useWhoCan(keyArn: string, region: string, filter: string) {
  const asking = useAsking()
  const Principals = filter === '' ? [] : [`*${filter}*`]
  return useInfiniteQuery({
    // What changes the key has it asked again.
    queryKey: ['key', asking.credentials.accessKeyId, 'WhoCan', keyArn, region, filter],
    queryFn: ({ pageParam: NextToken }) =>
      keyspan(asking, 'WhoCan', { KeyId: keyArn, Regions: [region], Principals, NextToken }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ NextToken }) => NextToken,
    placeholderData: keepPreviousData,
  })
}

/** The newest refusals in this Region that the account may know of: of a key, or all. */
export function useRefusals(keyArn: string | undefined) {
  const asking = useAsking()
  return useInfiniteQuery({
    queryKey: ['refusals', asking.region, asking.credentials.accessKeyId, keyArn],
    queryFn: ({ pageParam: NextToken }) =>
      keyspan(asking, 'ListRefusals', { KeyId: keyArn, Region: asking.region, NextToken }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ NextToken }) => NextToken,
  })
}

/** Why a request was refused. */
export function useExplanation(RequestId: string) {
  const asking = useAsking()
  return useQuery({
    queryKey: ['refusal', asking.credentials.accessKeyId, RequestId],
    queryFn: async () => (await keyspan(asking, 'ExplainRefusal', { RequestId })).Explanation,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** Asks what would become of a request. */
export function useSimulation() {
  const asking = useAsking()
  return useMutation({ mutationFn: (input: object) => keyspan(asking, 'SimulateRequest', input) })
}

/** Whether the session may make a change of KMS; true where that is not known before it is tried. */
export function useMayApply(change: RemedyChange | null): boolean {
  const asking = useAsking()
  const { arn } = useSignedIn()
  const request = change === null ? null : requestOf(change)
  const { data } = useQuery({
    enabled: request !== null,
    queryKey: ['key', asking.credentials.accessKeyId, 'SimulateRequest', request],
    queryFn: () => keyspan(asking, 'SimulateRequest', { Principal: arn, ...request }),
    retry: false,
  })
  return data?.Allowed !== false
}

/** The request of KMS that a change is; null for those of other services. */
function requestOf(change: RemedyChange): object | null {
  if (change.kind === 'grant') return { Operation: 'CreateGrant', Region: change.region, Input: change.grant }
  if (change.kind !== 'key policy') return null
  return { Operation: 'PutKeyPolicy', KeyId: change.keyArn, Region: change.keyArn.split(':')[3] }
}
