import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { asApiError } from '../../api/errors.ts'
import { kms } from '../../api/kms.ts'
import { inTurns } from '../../parts/in-turns.ts'
import { OPERATIONS, type KeyAction } from '../../parts/key-actions/actions.ts'
import { noteError } from '../../session/sign-in.ts'
import { useAsking } from '../../shell/place.ts'
import type { DescribedKey } from './use-keys.ts'

/** What became of each key: null where it was done, and else why it was refused. */
export type Outcomes = ReadonlyMap<string, string | null>

/** Does the same to several keys; one that is refused stops no other. */
export function useBulk(action: KeyAction) {
  const asking = useAsking()
  const queries = useQueryClient()
  const [outcomes, setOutcomes] = useState<Outcomes>(new Map())
  const { mutate, isPending } = useMutation({
    async mutationFn({ keys, more }: { readonly keys: readonly DescribedKey[]; readonly more: object }) {
      const tried = await inTurns(keys, async ({ id }) => {
        try {
          await kms(asking, OPERATIONS[action], { KeyId: id, ...more })
          return [id, null] as const
        } catch (error) {
          noteError(error)
          const { code, message } = asApiError(error)
          return [id, `${code}: ${message}`] as const
        }
      })
      setOutcomes((before) => new Map([...before, ...tried]))
      return tried.every(([, refusal]) => refusal === null)
    },
    async onSettled() {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['keys'] }),
        queries.invalidateQueries({ queryKey: ['key'] }),
      ])
    },
  })
  return { run: mutate, isPending, outcomes }
}
