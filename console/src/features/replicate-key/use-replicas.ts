import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { asApiError, type ApiError } from '../../api/errors.ts'
import { kms } from '../../api/kms.ts'
import { aliasName } from '../../parts/key-wizard/labels.ts'
import { useAsking } from '../../shell/place.ts'
import { replicateInput, type Draft, type Primary } from './draft.ts'

/** How long until a replica is looked at again, in milliseconds. */
const LOOK_MS = 500

/** How far a replica is: it is asked for, comes, is given its alias, and is there. */
export interface Progress {
  readonly stage: 'asking' | 'coming' | 'naming' | 'there'
  /** Why it is not further; null where it goes on. */
  readonly refusal: ApiError | null
}

/** Makes replicas, each by itself: where one is refused, the others are made. */
export function useReplicas(primary: Primary) {
  const asking = useAsking()
  const queries = useQueryClient()
  const [progress, setProgress] = useState<Readonly<Record<string, Progress>>>({})
  const isGone = useRef(false)
  useEffect(() => {
    isGone.current = false
    return () => {
      isGone.current = true
    }
  }, [])

  const note = (region: string, stage: Progress['stage'], refusal: ApiError | null = null): void =>
    setProgress((before) => ({ ...before, [region]: { stage, refusal } }))

  /** Waits for a replica to come, as long as somebody looks. */
  async function untilThere(region: string): Promise<void> {
    while (!isGone.current) {
      const there = await kms({ ...asking, region }, 'DescribeKey', { KeyId: primary.key.KeyId }).catch(notYet)
      if (there !== null && there.KeyMetadata.KeyState !== 'Creating') return
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }

  async function make(region: string, draft: Draft, from: Progress['stage'] = 'asking'): Promise<void> {
    let stage = from
    try {
      note(region, stage)
      if (stage === 'asking') await kms(asking, 'ReplicateKey', replicateInput(primary, draft, region))
      if (stage !== 'naming') note(region, (stage = 'coming'))
      await untilThere(region)
      note(region, (stage = 'naming'))
      const name = { AliasName: aliasName(draft.labels), TargetKeyId: primary.key.KeyId }
      await kms({ ...asking, region }, 'CreateAlias', name)
      note(region, 'there')
    } catch (error) {
      note(region, stage, asApiError(error))
    }
    await queries.invalidateQueries({ queryKey: ['key'] })
  }

  return { progress, make, forget: () => setProgress({}) }
}

/** A replica that was not heard of in its Region is on its way. */
function notYet(error: unknown): null {
  if (asApiError(error).code === 'NotFoundException') return null
  throw error
}
