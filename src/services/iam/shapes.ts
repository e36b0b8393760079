import { z } from 'zod'
import { integerText as integer, list as listOf, pattern, structure } from '../../kernel/parse.ts'

/**
 * The members that operations share, with the limits of AWS's model (IAM API Reference).
 *
 * The query protocol sends text only: `integer`, `flag` and `list` make of it what the model says.
 */

const NAME = pattern('[\\w+=,.@-]+')
const TAG_KEY = pattern('[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+', 'u')
const TAG_VALUE = pattern('[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*', 'u')

/** An empty list is sent as empty text. */
const list = <Item extends z.ZodType>(item: Item, max: number) =>
  z.preprocess((value) => (value === '' ? [] : value), listOf(item, max))

export const flag = z.enum(['true', 'false']).transform((text) => text === 'true')
export const userName = z
  .string()
  .min(1)
  .max(64)
  .regex(...NAME)
export const groupName = z
  .string()
  .min(1)
  .max(128)
  .regex(...NAME)
export const roleName = z
  .string()
  .min(1)
  .max(64)
  .regex(...NAME)
export const policyName = z
  .string()
  .min(1)
  .max(128)
  .regex(...NAME)
/** A name by which something is looked up. */
export const name = z
  .string()
  .min(1)
  .max(128)
  .regex(...NAME)
export const path = z
  .string()
  .min(1)
  .max(512)
  .regex(...pattern('(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)'))
export const pathPrefix = z
  .string()
  .min(1)
  .max(512)
  .regex(...pattern('\\u002F[\\u0021-\\u007F]*'))
export const arn = z.string().min(20).max(2048)
export const policyDocument = z
  .string()
  .min(1)
  .max(131_072)
  .regex(...pattern('[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+'))
export const description = z
  .string()
  .max(1000)
  .regex(...pattern('[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*'))
export const versionId = z.string().regex(...pattern('v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?'))
export const accessKeyId = z
  .string()
  .min(16)
  .max(128)
  .regex(...pattern('[\\w]+'))
export const accessKeyStatus = z.enum(['Active', 'Inactive'])
export const maxSessionDuration = integer(3600, 43_200)
export const serviceName = z
  .string()
  .min(1)
  .max(128)
  .regex(...NAME)
export const tagKey = z
  .string()
  .min(1)
  .max(128)
  .regex(...TAG_KEY)
export const tags = list(
  structure({
    Key: tagKey,
    Value: z
      .string()
      .max(256)
      .regex(...TAG_VALUE),
  }),
  50,
)
export const tagKeys = list(tagKey, 50)
/** How long an answer may be, and where it goes on. */
export const paging = {
  Marker: z.string().min(1).max(2048).optional(),
  MaxItems: integer(1, 1000).default(100),
}

const contextKeyType = z.enum([
  'string',
  'stringList',
  'numeric',
  'numericList',
  'boolean',
  'booleanList',
  'ip',
  'ipList',
  'binary',
  'binaryList',
  'date',
  'dateList',
])

/** What both simulations take. */
export const simulation = {
  ActionNames: list(z.string().min(3).max(128), 1000),
  ResourceArns: list(z.string().min(1).max(2048), 1000).default(['*']),
  PermissionsBoundaryPolicyInputList: list(policyDocument, 1).optional(),
  ResourcePolicy: policyDocument.optional(),
  ResourceOwner: z.string().min(1).max(2048).optional(),
  CallerArn: z.string().min(1).max(2048).optional(),
  ContextEntries: list(
    structure({
      ContextKeyName: z.string().min(5).max(256),
      ContextKeyType: contextKeyType,
      ContextKeyValues: list(z.string(), 1000).default([]),
    }),
    1000,
  ).default([]),
  ResourceHandlingOption: z.string().min(1).max(64).optional(),
  ...paging,
}
/** Policies that are only tried. */
export const policyInputs = list(policyDocument, 100)
/** Not taken apart: whatever it says, no simulation can heed it yet. */
export const organizationPolicies = list(z.unknown(), 1000).optional()
