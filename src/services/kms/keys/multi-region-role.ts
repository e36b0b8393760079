import { roleArn } from '../../../domain/identity-arn.ts'
import { recordCall } from '../../../kernel/audit.ts'
import type { AheadPowers } from '../../../kernel/operation.ts'
import { need, type Need } from '../../../kernel/access/need.ts'
import type { Call } from '../../../kernel/call.ts'
import {
  MULTI_REGION_PATH,
  MULTI_REGION_ROLE,
  MULTI_REGION_SERVICE,
  multiRegionRole,
} from '../../iam/service-linked-role.ts'

/** The ARN of the role by which KMS keeps an account's multi-Region keys alike. */
export function multiRegionRoleArn(account: string): string {
  return roleArn(account, { path: MULTI_REGION_PATH, name: MULTI_REGION_ROLE })
}

/**
 * The permission to have that role made with an account's first multi-Region key. IAM is global: it is asked for in
 * us-east-1 (AWS KMS Developer Guide, "Authorizing AWS KMS to synchronize multi-Region keys").
 */
export function needMultiRegionRole({ caller }: Call): Need {
  const context = { 'iam:AWSServiceName': MULTI_REGION_SERVICE }
  return need('iam:CreateServiceLinkedRole', multiRegionRoleArn(caller.account), 'us-east-1', context)
}

/** Makes the role, unless somebody has meanwhile. A role without keys does no harm: it is kept if the key fails. */
export async function makeMultiRegionRole({ global, random }: AheadPowers, call: Call): Promise<void> {
  if (global.home !== null) return global.home.makeMultiRegionRole(call)
  const { account } = call.caller
  await global.journal.transaction(async (writes, note) => {
    const key = { kind: 'role', account, name: MULTI_REGION_ROLE.toLowerCase() } as const
    if ((await writes.document(key)) !== null) return
    const role = multiRegionRole(random, call.now)
    await writes.putDocument(key, role, role.id)
    const event = { eventSource: 'iam.amazonaws.com', eventName: 'CreateServiceLinkedRole', readOnly: false }
    const requestParameters = { aWSServiceName: MULTI_REGION_SERVICE }
    for (const record of recordCall({ ...call, ...event, requestParameters, resources: [], error: null })) {
      await note(record)
    }
  })
}
