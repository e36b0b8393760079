import { z } from 'zod'
import type { Region } from '../../../domain/region.ts'
import { isSeenIn, trailArn, type Trail, type TrailSettings } from '../../../domain/trail/trail.ts'
import type { Call } from '../../../kernel/call.ts'
import type { CheckBucket } from '../bucket-check.ts'
import { errors } from '../errors.ts'
import { requireBucketName, requirePrefix } from './names.ts'

/** How many trails an account sees in a Region (AWS CloudTrail User Guide, "Quotas"). */
const TRAILS_PER_REGION = 5

/** The members of an input that say what a trail is, but for its name. */
export const settingsInput = {
  S3BucketName: z.string().optional(),
  S3KeyPrefix: z.string().optional(),
  SnsTopicName: z.string().optional(),
  IncludeGlobalServiceEvents: z.boolean().optional(),
  IsMultiRegionTrail: z.boolean().optional(),
  EnableLogFileValidation: z.boolean().optional(),
  CloudWatchLogsLogGroupArn: z.string().optional(),
  CloudWatchLogsRoleArn: z.string().optional(),
  KmsKeyId: z.string().optional(),
  IsOrganizationTrail: z.boolean().optional(),
}
const settings = z.object(settingsInput)
type GivenSettings = z.infer<typeof settings>

/**
 * What is asked for of a trail, but for what stays as it is.
 *
 * @throws for what cannot be, and for what this server does not do
 */
export function acceptSettings(given: GivenSettings): Partial<Omit<TrailSettings, 'selectors'>> {
  refuseElsewhere(given)
  const { S3BucketName, S3KeyPrefix } = given
  if (S3BucketName !== undefined) requireBucketName(S3BucketName)
  if (S3KeyPrefix !== undefined) requirePrefix(S3KeyPrefix)
  return {
    ...(S3BucketName !== undefined && { bucket: S3BucketName }),
    ...(S3KeyPrefix !== undefined && { prefix: S3KeyPrefix === '' ? null : S3KeyPrefix }),
    ...(given.IsMultiRegionTrail !== undefined && { isMultiRegion: given.IsMultiRegionTrail }),
    ...(given.IncludeGlobalServiceEvents !== undefined && { includesGlobal: given.IncludeGlobalServiceEvents }),
    ...(given.EnableLogFileValidation !== undefined && { isValidated: given.EnableLogFileValidation }),
  }
}

/** Refuses what leads to services that are not here: a trail that only seems to do it would be worse than none. */
function refuseElsewhere(given: GivenSettings): void {
  if (given.SnsTopicName) {
    throw errors.InvalidSnsTopicNameException(
      `There is no SNS here to tell "${given.SnsTopicName}" of deliveries: leave SnsTopicName out.`,
    )
  }
  if (given.CloudWatchLogsLogGroupArn || given.CloudWatchLogsRoleArn) {
    throw errors.CloudWatchLogsDeliveryUnavailableException(
      'There is no CloudWatch Logs here: leave CloudWatchLogsLogGroupArn and CloudWatchLogsRoleArn out.',
    )
  }
  if (given.KmsKeyId) {
    throw errors.InvalidKmsKeyIdException(
      `Files are delivered as they are, and not encrypted under "${given.KmsKeyId}": leave KmsKeyId out, and let the ` +
        'bucket encrypt what it keeps.',
    )
  }
  if (given.IsOrganizationTrail === true) {
    throw errors.UnsupportedOperationException(
      'There are no organization trails here: leave IsOrganizationTrail out, and make a trail in each account.',
    )
  }
}

/** @throws InvalidParameterCombinationException */
export function requireTogether({ isMultiRegion, includesGlobal }: TrailSettings): void {
  if (!isMultiRegion || includesGlobal) return
  throw errors.InvalidParameterCombinationException(
    'A multi-Region trail must include global service events: set IncludeGlobalServiceEvents, or not IsMultiRegionTrail.',
  )
}

/** @throws S3BucketDoesNotExistException, InsufficientS3BucketPolicyException */
export async function requireBucket(
  check: CheckBucket,
  { bucket, prefix }: Pick<TrailSettings, 'bucket' | 'prefix'>,
  { caller: { account } }: Call,
): Promise<void> {
  const trouble = await check(bucket, prefix, account)
  if (trouble === null) return
  const kind = trouble.isMissing ? errors.S3BucketDoesNotExistException : errors.InsufficientS3BucketPolicyException
  throw kind(trouble.text)
}

/** Refuses more trails than are seen in any one Region. @throws MaximumNumberOfTrailsExceededException */
export function requireRoom(others: readonly Trail[], added: Trail): void {
  const regions: readonly Region[] = [...others, added].map(({ homeRegion }) => homeRegion)
  const full = regions.find((region) => {
    const seen = others.filter((each) => isSeenIn(each, region)).length
    return isSeenIn(added, region) && seen >= TRAILS_PER_REGION
  })
  if (full === undefined) return
  throw errors.MaximumNumberOfTrailsExceededException(
    `User: ${added.account} already has ${TRAILS_PER_REGION} trails in ${full}, which is as many as can be: delete one.`,
  )
}

/** The settings of a trail as the API spells them. */
export function wireSettings(trail: Trail) {
  const { bucket, prefix, isMultiRegion, includesGlobal, isValidated } = trail.settings
  return {
    Name: trail.name,
    S3BucketName: bucket,
    ...(prefix !== null && { S3KeyPrefix: prefix }),
    IncludeGlobalServiceEvents: includesGlobal,
    IsMultiRegionTrail: isMultiRegion,
    TrailARN: trailArn(trail),
    LogFileValidationEnabled: isValidated,
    IsOrganizationTrail: false,
  }
}

/** A trail as GetTrail and DescribeTrails show it. */
export function wireTrail(trail: Trail) {
  return {
    ...wireSettings(trail),
    HomeRegion: trail.homeRegion,
    HasCustomEventSelectors: trail.isSelective,
    HasInsightSelectors: false,
  }
}
