import { useQueries, useQuery } from '@tanstack/react-query'
import type { Drill } from '../../api/drills.ts'
import { asApiError } from '../../api/errors.ts'
import { describeFamily, type KeyFamily } from '../../api/family.ts'
import { kms, type KeyMetadata } from '../../api/kms.ts'
import { useAsking } from '../../shell/place.ts'

/** How often keys are looked at, in milliseconds. Each look is recorded. */
const LOOK_MS = 2000

/** A multi-Region key that can be watched. */
export interface Choice {
  readonly id: string
  readonly aliases: readonly string[]
}

/** The multi-Region keys of the Regions that answer: of each, the first thousand keys. */
export function useChoices({ Regions }: Drill) {
  const { credentials } = useAsking()
  const regions = Regions.flatMap(({ Region, Down }) => (Down ? [] : [Region]))
  return useQuery({
    queryKey: ['families', credentials.accessKeyId, regions],
    async queryFn() {
      const found = new Map<string, { aliases: Set<string>; regions: number }>()
      for (const region of regions) {
        const { Keys } = await kms({ credentials, region }, 'ListKeys', { Limit: 1000 })
        for (const { KeyId } of Keys) {
          if (!KeyId.startsWith('mrk-')) continue
          const { aliases, regions: before } = found.get(KeyId) ?? { aliases: new Set(), regions: 0 }
          found.set(KeyId, { aliases, regions: before + 1 })
        }
        const { Aliases } = await kms({ credentials, region }, 'ListAliases', { Limit: 100 })
        for (const { AliasName, TargetKeyId = '' } of Aliases)
          found.get(TargetKeyId)?.aliases.add(AliasName.slice('alias/'.length))
      }
      // Those first by which most is seen.
      const keys = [...found].toSorted(([, one], [, other]) => other.regions - one.regions)
      return keys.map(([id, { aliases }]): Choice => ({ id, aliases: [...aliases] }))
    },
    placeholderData: (before) => before,
  })
}

/** A key as one Region sees it; without an answer, the code of why. */
export interface Member {
  readonly region: string
  readonly metadata: KeyMetadata | null
  readonly code: string | null
}

/** The same key in every Region, each asked by itself, again and again. */
export function useMembers({ Regions }: Drill, KeyId: string): readonly Member[] {
  const { credentials } = useAsking()
  const answers = useQueries({
    queries: Regions.map(({ Region: region }) => ({
      queryKey: ['drilled-key', region, credentials.accessKeyId, KeyId],
      queryFn: async () => (await kms({ credentials, region }, 'DescribeKey', { KeyId })).KeyMetadata,
      refetchInterval: LOOK_MS,
      // It is asked again soon: that there is no answer is what is to be seen.
      retry: false,
    })),
  })
  return Regions.map(({ Region: region }, index) => {
    const { data = null, error = null } = answers[index] ?? {}
    return { region, metadata: error === null ? data : null, code: error === null ? null : asApiError(error).code }
  })
}

/** What is under way between the Regions of a key, asked where it is; undefined for whoever may not ask. */
export function useUnderWay(KeyId: string, region: string | undefined): KeyFamily | undefined {
  const { credentials } = useAsking()
  const { data } = useQuery({
    queryKey: ['drilled-family', credentials.accessKeyId, KeyId, region],
    queryFn: () => describeFamily({ credentials, region: region ?? '' }, KeyId),
    enabled: region !== undefined,
    refetchInterval: LOOK_MS,
    retry: false,
    placeholderData: (before) => before,
  })
  return data
}
