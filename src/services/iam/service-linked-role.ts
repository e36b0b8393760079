import { policyArn } from '../../domain/identity-arn.ts'
import type { Role } from '../../domain/identity.ts'
import { uniqueId } from './ids.ts'

/** The service that keeps multi-Region keys alike. */
export const MULTI_REGION_SERVICE = 'mrk.kms.amazonaws.com'

/** The name of the role that KMS has in an account that has multi-Region keys. */
export const MULTI_REGION_ROLE = 'AWSServiceRoleForKeyManagementServiceMultiRegionKeys'

/** Where that role lies. */
export const MULTI_REGION_PATH = `/aws-service-role/${MULTI_REGION_SERVICE}/`

/** The role by which KMS keeps multi-Region keys alike (AWS KMS Developer Guide). */
export function multiRegionRole(random: (bytes: number) => Buffer, now: number): Role {
  return {
    id: uniqueId('AROA', random),
    name: MULTI_REGION_ROLE,
    path: MULTI_REGION_PATH,
    createdAt: now,
    inlinePolicies: {},
    attachedPolicies: [
      policyArn('aws', { path: '/aws-service-role/', name: 'AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy' }),
    ],
    trustPolicy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: MULTI_REGION_SERVICE }, Action: 'sts:AssumeRole' }],
    }),
    trustPrincipals: {},
    description: 'Enables access to AWS services and resources required for AWS KMS Multi-Region Keys',
    maxSessionDuration: 3600,
    boundary: null,
    tags: [],
    serviceLinkedTo: MULTI_REGION_SERVICE,
  }
}

/**
 * Why a service-linked role cannot be deleted, or null where it can.
 *
 * Whether an account has multi-Region keys is known in the Regions only; until they are asked, the answer is the
 * safe one.
 */
export function refuseDeletion(role: Role): string | null {
  return role.serviceLinkedTo === MULTI_REGION_SERVICE ? 'Account owns one or more multi-Region keys' : null
}

/** The id of an attempt to delete a service-linked role: it names the role, so that nothing need be kept. */
export function deletionTask({ path, name }: Role, random: (bytes: number) => Buffer): string {
  return `task${path}${name}/${uuid(random(16))}`
}

/** The name of the role in a task's id, or null where the text is none. */
export function roleOfTask(task: string): string | null {
  return /^task\/aws-service-role\/[\w.-]+\/([\w+=,.@-]+)\/[0-9a-f-]{36}$/.exec(task)?.[1] ?? null
}

/** Version 4 (RFC 9562, 5.4). */
function uuid(bytes: Buffer): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
