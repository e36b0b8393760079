import { errorKind } from '../../kernel/errors.ts'

const refusal = (code: string, meaning: string) => errorKind(code, 400, meaning)

/** Every error that an operation of CloudTrail declares: AWS's codes, and what each means. */
export const errors = {
  CloudTrailARNInvalidException: refusal('CloudTrailARNInvalidException', 'The text is no ARN of a trail.'),
  CloudWatchLogsDeliveryUnavailableException: refusal(
    'CloudWatchLogsDeliveryUnavailableException',
    'There is no CloudWatch Logs here.',
  ),
  InsightNotEnabledException: refusal('InsightNotEnabledException', 'The trail has no insights.'),
  InsufficientS3BucketPolicyException: refusal(
    'InsufficientS3BucketPolicyException',
    'Nothing can be written to the bucket.',
  ),
  InvalidEventSelectorsException: refusal('InvalidEventSelectorsException', 'The event selectors cannot be.'),
  InvalidHomeRegionException: refusal(
    'InvalidHomeRegionException',
    'A trail is changed in its home Region, and nowhere else.',
  ),
  InvalidKmsKeyIdException: refusal('InvalidKmsKeyIdException', 'Files are not encrypted under a key of KMS here.'),
  InvalidLookupAttributesException: refusal(
    'InvalidLookupAttributesException',
    'Events can be looked up by one attribute at a time.',
  ),
  InvalidMaxResultsException: refusal('InvalidMaxResultsException', 'A page has 1 to 50 events.'),
  InvalidNextTokenException: refusal(
    'InvalidNextTokenException',
    'The token was not given here, or for other parameters.',
  ),
  InvalidParameterCombinationException: refusal(
    'InvalidParameterCombinationException',
    'The parameters cannot be given together.',
  ),
  InvalidS3BucketNameException: refusal('InvalidS3BucketNameException', 'The text is no name of a bucket.'),
  InvalidS3PrefixException: refusal('InvalidS3PrefixException', 'The text is no prefix of objects.'),
  InvalidSnsTopicNameException: refusal('InvalidSnsTopicNameException', 'There is no SNS here.'),
  InvalidTagParameterException: refusal('InvalidTagParameterException', 'The tags cannot be put on a trail.'),
  InvalidTimeRangeException: refusal('InvalidTimeRangeException', 'The time ends before it begins.'),
  InvalidTokenException: refusal('InvalidTokenException', 'The token was not given here.'),
  InvalidTrailNameException: refusal('InvalidTrailNameException', 'The text is no name of a trail.'),
  MaximumNumberOfTrailsExceededException: refusal(
    'MaximumNumberOfTrailsExceededException',
    'A Region has as many trails as it can have.',
  ),
  ResourceNotFoundException: refusal('ResourceNotFoundException', 'There is no such trail.'),
  ResourceTypeNotSupportedException: refusal(
    'ResourceTypeNotSupportedException',
    'Of what has tags in CloudTrail, only trails are here.',
  ),
  S3BucketDoesNotExistException: refusal('S3BucketDoesNotExistException', 'There is no such bucket.'),
  ServiceUnavailableException: errorKind('ServiceUnavailableException', 503, 'The index is being made: ask again.'),
  TagsLimitExceededException: refusal('TagsLimitExceededException', 'A trail has 50 tags at most.'),
  ThrottlingException: refusal('ThrottlingException', 'The trail was changed too often in too short a time.'),
  TrailAlreadyExistsException: refusal('TrailAlreadyExistsException', 'There is a trail of that name.'),
  TrailNotFoundException: refusal('TrailNotFoundException', 'There is no such trail.'),
  UnsupportedOperationException: refusal('UnsupportedOperationException', 'This server does not do that.'),
} as const
