import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { kms, type Alias, type Grant, type KmsAnswers, type Rotation, type Tag } from '../../api/kms.ts'
import { tell } from '../../shell/notifications.ts'
import { useAsking } from '../../shell/place.ts'

/** How often a key is looked at that changes, in milliseconds. */
const LOOK_MS = 2000

/**
 * What an operation that looks at one key answers. Every change of the key has it asked again.
 *
 * @param isUnderWay whether the answer changes by itself, and soon
 */
export function useKeyRead<Operation extends keyof KmsAnswers>(
  operation: Operation,
  KeyId: string,
  more: object = {},
  isUnderWay: (answer: KmsAnswers[Operation] | undefined) => boolean = () => false,
) {
  const asking = useAsking()
  return useQuery({
    queryKey: ['key', asking.region, asking.credentials.accessKeyId, KeyId, operation, more],
    queryFn: () => kms(asking, operation, { KeyId, ...more }),
    refetchInterval: ({ state }) => (isUnderWay(state.data) ? LOOK_MS : false),
  })
}

/** What the listings of a key list. */
interface Listed {
  readonly ListAliases: Alias
  readonly ListGrants: Grant
  readonly ListKeyRotations: Rotation
  readonly ListResourceTags: Tag
}

const ITEMS: { readonly [Operation in keyof Listed]: (page: KmsAnswers[Operation]) => readonly Listed[Operation][] } = {
  ListAliases: ({ Aliases }) => Aliases,
  ListGrants: ({ Grants }) => Grants,
  ListKeyRotations: ({ Rotations }) => Rotations,
  ListResourceTags: ({ Tags }) => Tags,
}

/** A listing of a key, page by page. Every change of the key has it asked again. */
export function useKeyList<Operation extends keyof Listed>(operation: Operation, KeyId: string, more: object = {}) {
  const asking = useAsking()
  const { data, ...listing } = useInfiniteQuery({
    queryKey: ['key', asking.region, asking.credentials.accessKeyId, KeyId, operation, 'pages', more],
    queryFn: ({ pageParam: Marker }) => kms(asking, operation, { KeyId, Marker, ...more }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ Truncated, NextMarker }) => (Truncated === true ? NextMarker : undefined),
  })
  const items = (data?.pages ?? []).flatMap((page) => ITEMS[operation](page))
  return { ...listing, items, counter: `(${items.length}${listing.hasNextPage ? '+' : ''})` }
}

/** The key itself. While something is under way with it, and the page is seen, it is looked at again: each look is recorded. */
export function useKey(KeyId: string) {
  const asking = useAsking()
  return useQuery({
    queryKey: ['key', asking.region, asking.credentials.accessKeyId, KeyId, 'DescribeKey'],
    queryFn: async () => (await kms(asking, 'DescribeKey', { KeyId })).KeyMetadata,
    refetchInterval: ({ state }) => (isChanging(state.data?.KeyState) ? LOOK_MS : false),
  })
}

/** Whether a key goes on to another state by itself, and soon. */
export function isChanging(state: string | undefined): boolean {
  return state === 'Creating' || state === 'Updating'
}

/** Asks for an operation that changes something, has what is shown asked again, and tells that it was done. */
export function useKeyChange<Operation extends keyof KmsAnswers>(operation: Operation, done: string) {
  const asking = useAsking()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (input: object) => kms(asking, operation, input),
    async onSuccess() {
      tell(done)
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['key'] }),
        queries.invalidateQueries({ queryKey: ['keys'] }),
      ])
    },
  })
}
