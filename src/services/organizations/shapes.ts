import { z } from 'zod'
import { integer, list, pattern, structure } from '../../kernel/parse.ts'

/**
 * The members that operations share, with the limits of AWS's model (AWS Organizations API Reference).
 */

const id = (max: number, model: string) =>
  z
    .string()
    .max(max)
    .regex(...pattern(model))

export const accountId = id(12, '^\\d{12}$')
export const rootId = id(34, '^r-[0-9a-z]{4,32}$')
export const unitId = id(68, '^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$')
export const parentId = id(100, '^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$')
export const childId = id(100, '^(\\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$')
export const targetId = id(100, '^(r-[0-9a-z]{4,32})|(\\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$')
export const taggableId = id(
  130,
  '^(r-[0-9a-z]{4,32})|(\\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})|(^p-[0-9a-zA-Z_]{8,128})|' +
    '(^rp-[0-9a-zA-Z_]{4,128})|(^rt-[0-9a-zA-Z_]{8,32})$',
)
export const policyId = id(130, '^p-[0-9a-zA-Z_]{8,128}$')
export const handshakeId = id(34, '^h-[0-9a-z]{8,32}$')
export const creationId = id(36, '^car-[a-z0-9]{8,32}$')

export const email = z
  .string()
  .min(6)
  .max(64)
  .regex(...pattern('[^\\s@]+@[^\\s@]+\\.[^\\s@]+'))
export const accountName = z
  .string()
  .min(1)
  .max(50)
  .regex(...pattern('[\\u0020-\\u007E]+'))
export const roleName = z
  .string()
  .min(1)
  .max(64)
  .regex(...pattern('[\\w+=,.@-]{1,64}'))
export const name = z.string().min(1).max(128)
export const description = z.string().max(512)
export const content = z.string().min(1).max(1_000_000)
/** Every type of AWS's model; `requirePolicyType` refuses those that this server does not have. */
export const policyType = z.enum([
  'SERVICE_CONTROL_POLICY',
  'RESOURCE_CONTROL_POLICY',
  'TAG_POLICY',
  'BACKUP_POLICY',
  'AISERVICES_OPT_OUT_POLICY',
  'CHATBOT_POLICY',
  'DECLARATIVE_POLICY_EC2',
  'SECURITYHUB_POLICY',
  'INSPECTOR_POLICY',
  'UPGRADE_ROLLOUT_POLICY',
  'BEDROCK_POLICY',
  'S3_POLICY',
  'NETWORK_SECURITY_DIRECTOR_POLICY',
])

const TAG = pattern('^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$', 'u')
export const tagKey = z
  .string()
  .min(1)
  .max(128)
  .regex(...TAG)
/** AWS's model has no such limit; a resource has 50 tags, and more are refused by an error of their own. */
const TAGS_AT_ONCE = 200
export const tags = list(
  structure({
    Key: tagKey,
    Value: z
      .string()
      .max(256)
      .regex(...TAG),
  }),
  TAGS_AT_ONCE,
)
export const tagKeys = list(tagKey, TAGS_AT_ONCE)

/** The members of every listing. */
export const page = { MaxResults: integer(1, 20).optional(), NextToken: z.string().max(100_000).optional() }

/** Which handshakes a listing tells of; this server has invitations only. */
export const handshakeFilter = structure({
  ActionType: z
    .enum([
      'INVITE',
      'ENABLE_ALL_FEATURES',
      'APPROVE_ALL_FEATURES',
      'ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE',
      'TRANSFER_RESPONSIBILITY',
    ])
    .optional(),
  ParentHandshakeId: handshakeId.optional(),
})
