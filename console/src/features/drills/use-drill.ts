import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { changeDrill, describeDrill, type DrillStep } from '../../api/drills.ts'
import type { SystemDescription } from '../../api/keyspan.ts'
import { systemKey } from '../../parts/use-system.ts'
import { tell } from '../../shell/notifications.ts'
import { useAsking } from '../../shell/place.ts'

/** How often it is looked at, in milliseconds. Each look is recorded. */
const LOOK_MS = 2000

/** How the Regions are to each other, as it is now. */
export function useDrill() {
  const asking = useAsking()
  const queries = useQueryClient()
  const { accessKeyId } = asking.credentials
  return useQuery({
    queryKey: ['drill', accessKeyId],
    async queryFn() {
      const drill = await describeDrill(asking)
      // What is told above every page is not behind what this page shows.
      queries.setQueryData<SystemDescription>(
        systemKey(accessKeyId),
        (system) => system && { ...system, Faults: drill.Faults },
      )
      return drill
    },
    refetchInterval: LOOK_MS,
  })
}

/** Something that is done, and what is told when it was. */
export interface ToldStep {
  readonly step: DrillStep
  readonly told: string
}

/** Does steps; what is shown, on this page and around it, is what is then. */
export function useDrillStep() {
  const asking = useAsking()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ step }: ToldStep) => changeDrill(asking, step),
    async onSuccess(drill, { told }) {
      tell(told)
      queries.setQueryData(['drill', asking.credentials.accessKeyId], drill)
      await queries.invalidateQueries({ queryKey: ['system'] })
    },
  })
}
