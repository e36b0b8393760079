import { rootArn } from './arn.ts'
import type { Region } from './region.ts'

/** A service of AWS that protects an account's data with a key that AWS manages, unless it is told another. */
export interface AwsService {
  /** Behind `alias/aws/`. */
  readonly name: string
  /** As the key's description says it. */
  readonly protects: string
  /** As the key's policy says it. */
  readonly title: string
  /** What stands before the Region in `kms:ViaService`. */
  readonly endpoint: string
  /** Whether it works with grants. */
  readonly grants: boolean
}

const PREFIX = 'alias/aws/'

function service(name: string, protects: string, title: string, more: Partial<AwsService> = {}): AwsService {
  return { name, protects, title, endpoint: name, grants: true, ...more }
}

/** The services whose aliases every account has in every Region, by ascending name. */
const AWS_SERVICES: readonly AwsService[] = [
  service('acm', 'ACM private keys', 'ACM'),
  service('backup', 'Backup data', 'Backup'),
  service('dynamodb', 'DynamoDB data', 'Amazon DynamoDB'),
  service('ebs', 'EBS volumes', 'EBS', { endpoint: 'ec2' }),
  service('elasticfilesystem', 'EFS filesystems', 'EFS'),
  service('es', 'Elasticsearch data', 'Elasticsearch'),
  service('glue', 'Glue data', 'Glue'),
  service('kinesis', 'Kinesis data', 'Kinesis'),
  service('kinesisvideo', 'kinesis video data', 'Kinesis Video Streams'),
  service('lambda', 'Lambda functions', 'AWS Lambda'),
  service('rds', 'RDS database volumes', 'RDS'),
  service('redshift', 'Redshift clusters', 'Redshift'),
  service('s3', 'S3 objects', 'S3', { grants: false }),
  service('secretsmanager', 'Secrets Manager data', 'AWS Secrets Manager'),
  service('sns', 'SNS data', 'SNS'),
  service('sqs', 'SQS messages', 'SQS'),
  service('ssm', 'SSM parameters', 'SSM'),
  service('xray', 'X-Ray data', 'X-Ray'),
]

const BY_ALIAS = new Map(AWS_SERVICES.map((each) => [awsAlias(each), each]))

/** The aliases that AWS has set aside in every account, by ascending name. */
export const AWS_ALIASES: readonly string[] = [...BY_ALIAS.keys()]

/** Says whether a name is one that only AWS gives. */
export function isReservedAlias(name: string): boolean {
  return name.startsWith(PREFIX)
}

/** The alias of the key that AWS manages for a service. */
export function awsAlias({ name }: AwsService): string {
  return `${PREFIX}${name}`
}

/** The service whose key an alias names; null where it is none that AWS has set aside. */
export function serviceOfAlias(name: string): AwsService | null {
  return BY_ALIAS.get(name) ?? null
}

/** The description of the key that AWS manages for a service. */
export function awsKeyDescription({ protects }: AwsService): string {
  return `Default key that protects my ${protects} when no other key is defined`
}

const actions = (names: readonly string[]) => names.map((name) => `"kms:${name}"`).join(', ')

/**
 * The policy of a key that AWS manages (AWS KMS Developer Guide, "AWS managed keys"): the service uses it for those
 * whom it serves in the account, and the account may look at it.
 */
export function awsKeyPolicy({ name, title, endpoint, grants }: AwsService, account: string, region: Region): string {
  const uses = [
    'Encrypt',
    'Decrypt',
    'ReEncrypt*',
    'GenerateDataKey*',
    ...(grants ? ['CreateGrant'] : []),
    'DescribeKey',
  ]
  const views = ['Describe*', 'Get*', 'List*', ...(grants ? ['RevokeGrant'] : [])]
  return `{
  "Version" : "2012-10-17",
  "Id" : "auto-${name}-2",
  "Statement" : [ {
    "Sid" : "Allow access through ${title} for all principals in the account that are authorized to use ${title}",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : [ ${actions(uses)} ],
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "${account}",
        "kms:ViaService" : "${endpoint}.${region}.amazonaws.com"
      }
    }
  }, {
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "${rootArn(account)}"
    },
    "Action" : [ ${actions(views)} ],
    "Resource" : "*"
  } ]
}`
}
