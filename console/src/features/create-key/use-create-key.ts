import { useMutation, useQueryClient } from '@tanstack/react-query'
import { asApiError } from '../../api/errors.ts'
import { kms } from '../../api/kms.ts'
import { aliasName } from '../../parts/key-wizard/labels.ts'
import { useAsking, useSignedIn } from '../../shell/place.ts'
import { createKeyInput, type Draft } from './draft.ts'

/** Makes a key and its alias. The key is there also where its alias was refused, and then it is said why. */
export function useCreateKey() {
  const asking = useAsking()
  const { account } = useSignedIn()
  const queries = useQueryClient()
  return useMutation({
    async mutationFn(draft: Draft) {
      const { KeyMetadata: key } = await kms(asking, 'CreateKey', createKeyInput(account, draft))
      const name = { AliasName: aliasName(draft.labels), TargetKeyId: key.KeyId }
      const aliasRefusal = await kms(asking, 'CreateAlias', name).then(() => null, asApiError)
      return { key, aliasRefusal }
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['keys'] }),
  })
}
