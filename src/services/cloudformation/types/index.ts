import { cdkMetadata } from './cdk-metadata.ts'
import { iamAccessKey } from './iam-access-key.ts'
import { iamGroup } from './iam-group.ts'
import { iamInlinePolicy } from './iam-inline-policy.ts'
import { iamManagedPolicy } from './iam-managed-policy.ts'
import { iamPolicy } from './iam-policy.ts'
import { iamRole } from './iam-role.ts'
import { iamServiceLinkedRole } from './iam-service-linked-role.ts'
import { iamUserToGroupAddition } from './iam-user-to-group-addition.ts'
import { iamUser } from './iam-user.ts'
import { kmsAlias } from './kms-alias.ts'
import { kmsKey } from './kms-key.ts'
import { kmsReplicaKey } from './kms-replica-key.ts'
import type { ResourceType } from './resource-type.ts'

/** Every resource type that this server makes, by name. */
export const RESOURCE_TYPES: ReadonlyMap<string, ResourceType> = new Map(
  [
    cdkMetadata,
    iamAccessKey,
    iamGroup,
    iamInlinePolicy('Group'),
    iamManagedPolicy,
    iamPolicy,
    iamRole,
    iamInlinePolicy('Role'),
    iamServiceLinkedRole,
    iamUser,
    iamInlinePolicy('User'),
    iamUserToGroupAddition,
    kmsAlias,
    kmsKey,
    kmsReplicaKey,
  ].map((type) => [type.name, type]),
)

/** Finds a resource type by its name. */
export function findType(name: string): ResourceType | undefined {
  return RESOURCE_TYPES.get(name)
}
