import { z } from 'zod'
import { userArn } from '../../../domain/identity-arn.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { detailsOf } from '../access-keys.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { needIn } from '../subject.ts'

/** Says when, where and for which service an access key of the account was used last. */
export const GetAccessKeyLastUsed = globalReadOperation({
  name: 'GetAccessKeyLastUsed',
  errors: [errors.NoSuchEntity],
  input: z.object({ AccessKeyId: shape.accessKeyId }),
  async load({ AccessKeyId }, { caller: { account } }, reads) {
    const key = await reads.accessKey(AccessKeyId)
    if (key === null || key.account !== account || key.expiresAt !== null) return null
    const owner = key.owner === null ? null : await reads.documentById('user', key.owner)
    return { key, owner: owner?.content ?? null }
  },
  requires: (_input, found, { caller }) => [
    needIn('GetAccessKeyLastUsed', found?.owner ? userArn(caller.account, found.owner) : '*'),
  ],
  run({ AccessKeyId }, found) {
    if (found === null) throw errors.NoSuchEntity(`The Access Key with id ${AccessKeyId} cannot be found.`)
    const { lastUsed } = detailsOf(found.key)
    const AccessKeyLastUsed =
      lastUsed === null
        ? { Region: 'N/A', ServiceName: 'N/A' }
        : { LastUsedDate: new Date(lastUsed.at), Region: lastUsed.region, ServiceName: lastUsed.service }
    return { ...(found.owner !== null && { UserName: found.owner.name }), AccessKeyLastUsed }
  },
  record: (input) => recordOf(input),
})
