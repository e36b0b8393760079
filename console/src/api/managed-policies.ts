import { askQuery, type Asking } from './client.ts'

const IAM = { service: 'iam', version: '2010-05-08' }
/** How many versions a policy can have (AWS IAM User Guide, "IAM and AWS STS quotas"). */
const MOST_VERSIONS = 5

/** A managed policy of the customer's, and whom it is of. */
export interface ManagedPolicy {
  /** Of its default version. */
  readonly text: string
  /** How many users, groups and roles it is attached to, and of how many it is the boundary. */
  readonly attachments: number
  readonly boundaries: number
  /** The version that must go before there is room for another; null where there is room. */
  readonly oldest: string | null
}

/** @throws ApiError */
export async function getManagedPolicy(asking: Asking, PolicyArn: string): Promise<ManagedPolicy> {
  const [policy, versions] = await Promise.all([
    askQuery(asking, IAM, 'GetPolicy', { PolicyArn }),
    askQuery(asking, IAM, 'ListPolicyVersions', { PolicyArn }),
  ])
  const text = (name: string): string => policy.querySelector(name)?.textContent ?? ''
  const VersionId = text('DefaultVersionId')
  const version = await askQuery(asking, IAM, 'GetPolicyVersion', { PolicyArn, VersionId })
  const ids = [...versions.querySelectorAll('VersionId')].map(({ textContent }) => textContent ?? '')
  const [oldest = null] = ids.filter((id) => id !== VersionId).toSorted((one, other) => numberOf(one) - numberOf(other))
  return {
    text: decodeURIComponent(version.querySelector('Document')?.textContent ?? ''),
    attachments: Number(text('AttachmentCount')),
    boundaries: Number(text('PermissionsBoundaryUsageCount')),
    oldest: ids.length < MOST_VERSIONS ? null : oldest,
  }
}

/**
 * Gives a managed policy another default version.
 *
 * @param oldest the version that goes for it; null where there is room
 * @throws ApiError
 */
export async function putManagedPolicy(
  asking: Asking,
  PolicyArn: string,
  PolicyDocument: string,
  oldest: string | null,
): Promise<void> {
  if (oldest !== null) await askQuery(asking, IAM, 'DeletePolicyVersion', { PolicyArn, VersionId: oldest })
  await askQuery(asking, IAM, 'CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault: 'true' })
}

/** `v12` is later than `v9`. */
function numberOf(version: string): number {
  return Number(version.slice(1))
}
