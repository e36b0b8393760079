import { policyArn } from '../../domain/identity-arn.ts'
import type { Role } from '../../domain/identity.ts'
import { uniqueId } from './ids.ts'

/** The service that keeps multi-Region keys alike. */
export const MULTI_REGION_SERVICE = 'mrk.kms.amazonaws.com'

/** The name of the role that KMS has in an account that has multi-Region keys. */
export const MULTI_REGION_ROLE = 'AWSServiceRoleForKeyManagementServiceMultiRegionKeys'

/** Where that role lies. */
export const MULTI_REGION_PATH = pathOf(MULTI_REGION_SERVICE)

/** Where the roles of a service lie. */
export function pathOf(service: string): string {
  return `/aws-service-role/${service}/`
}

/** The role by which KMS keeps multi-Region keys alike (AWS KMS Developer Guide). */
export function multiRegionRole(random: (bytes: number) => Buffer, now: number): Role {
  return {
    ...serviceLinkedRole(MULTI_REGION_SERVICE, MULTI_REGION_ROLE, random, now),
    attachedPolicies: [
      policyArn('aws', { path: '/aws-service-role/', name: 'AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy' }),
    ],
    description: 'Enables access to AWS services and resources required for AWS KMS Multi-Region Keys',
  }
}

/** A role that only a service takes on. */
export function serviceLinkedRole(service: string, name: string, random: (bytes: number) => Buffer, now: number): Role {
  return {
    id: uniqueId('AROA', random),
    name,
    path: pathOf(service),
    createdAt: now,
    inlinePolicies: {},
    attachedPolicies: [],
    trustPolicy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    }),
    trustPrincipals: {},
    description: '',
    maxSessionDuration: 3600,
    boundary: null,
    tags: [],
    serviceLinkedTo: service,
  }
}

/** Says whether a service-linked role can be deleted: KMS keeps its own (AWS KMS Developer Guide, "Service-linked roles"). */
export function isDeletable(role: Role): boolean {
  return role.serviceLinkedTo !== MULTI_REGION_SERVICE
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
