import { skipToken, useIsFetching, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Asking } from '../../api/client.ts'
import { ApiError } from '../../api/errors.ts'
import { kms, type KeyMetadata } from '../../api/kms.ts'
import { inTurns } from '../../parts/in-turns.ts'
import { useAsking } from '../../shell/place.ts'

/** What a key is told as: hidden from whoever asks, or there no more. */
export type Told = KeyMetadata | 'hidden' | 'gone'

/** How often a list that is being filled is shown anew, in milliseconds. */
const SHOW_MS = 1000

const NOTHING: ReadonlyMap<string, Told> = new Map()

/** What is told of the keys that were asked for until now, by their ids. */
export function useTold(): ReadonlyMap<string, Told> {
  const { data } = useQuery<ReadonlyMap<string, Told>>({
    queryKey: toldKey(useAsking()),
    queryFn: skipToken,
    structuralSharing: false,
  })
  return data ?? NOTHING
}

/**
 * Has some keys told, and again when something has changed. Each is a request, and each request is recorded: it is asked
 * of the keys that are shown.
 *
 * @returns why that has failed, if it has
 */
export function useTelling(ids: readonly string[]): Error | null {
  const asking = useAsking()
  const client = useQueryClient()
  const { error } = useQuery({
    queryKey: ['keys', asking.region, asking.credentials.accessKeyId, ids],
    queryFn: () => tell(asking, ids, (more) => client.setQueryData(toldKey(asking), added(more))),
    enabled: ids.length > 0,
    refetchOnWindowFocus: false,
  })
  return error
}

/**
 * Has every key told that is not told yet; and every key again, where that is asked for.
 *
 * @param ids null where only what is shown is wanted
 * @returns whether it is under way, and why it has failed, if it has
 */
export function useTellingAll(ids: readonly string[] | null) {
  const asking = useAsking()
  const client = useQueryClient()
  const { isFetching, error } = useQuery({
    queryKey: ['all-keys', asking.region, asking.credentials.accessKeyId, ids?.length],
    async queryFn({ queryKey }) {
      const isAgain = client.getQueryData(queryKey) !== undefined
      const told = client.getQueryData<ReadonlyMap<string, Told>>(toldKey(asking)) ?? NOTHING
      const missing = (ids ?? []).filter((id) => isAgain || !told.has(id))
      return tell(asking, missing, (more) => client.setQueryData(toldKey(asking), added(more)))
    },
    enabled: ids !== null && ids.length > 0,
    refetchOnWindowFocus: false,
    staleTime: Infinity,
  })
  return { isFetching, error }
}

/** What the list is loaded by: queries begin with it. */
export const LOADED = ['keys', 'all-keys'] as const

/** Whether anything of the list is under way. */
export function useIsLoading(): boolean {
  return useIsFetching({ predicate: ({ queryKey: [what] }) => LOADED.some((each) => each === what) }) > 0
}

function toldKey({ region, credentials }: Asking): readonly string[] {
  return ['told-keys', region, credentials.accessKeyId]
}

function added(more: ReadonlyMap<string, Told>) {
  return (before: ReadonlyMap<string, Told> = NOTHING): ReadonlyMap<string, Told> => new Map([...before, ...more])
}

async function tell(
  asking: Asking,
  ids: readonly string[],
  show: (more: ReadonlyMap<string, Told>) => void,
): Promise<number> {
  let more = new Map<string, Told>()
  let shownAt = performance.now()
  await inTurns(ids, async (id) => {
    more.set(id, await toldOf(asking, id))
    if (performance.now() - shownAt < SHOW_MS) return
    show(more)
    more = new Map()
    shownAt = performance.now()
  })
  show(more)
  return ids.length
}

/** One that is hidden, or gone, hides no other. */
async function toldOf(asking: Asking, id: string): Promise<Told> {
  try {
    return (await kms(asking, 'DescribeKey', { KeyId: id })).KeyMetadata
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.code === 'NotFoundException') return 'gone'
    if (error.code === 'AccessDeniedException') return 'hidden'
    throw error
  }
}
