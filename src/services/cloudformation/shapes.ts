import { z } from 'zod'
import { integerText, list as listOf, pattern, structure } from '../../kernel/parse.ts'

/**
 * The members that operations share, with the limits of AWS's model (AWS CloudFormation API Reference).
 *
 * The query protocol sends text only: `flag`, `integerText` and `list` make of it what the model says.
 */

/** An empty list is sent as empty text. */
export const list = <Item extends z.ZodType>(item: Item, max: number) =>
  z.preprocess((value) => (value === '' ? [] : value), listOf(item, max))

export const flag = z.enum(['true', 'false']).transform((text) => text === 'true')
export const newStackName = z
  .string()
  .min(1)
  .max(128)
  .regex(...pattern('[a-zA-Z][-a-zA-Z0-9]*'))
/** The name or the ARN of a stack. */
export const stackName = z
  .string()
  .min(1)
  .max(2048)
  .regex(...pattern('([a-zA-Z][-a-zA-Z0-9]*)|(arn:\\b(aws|aws-us-gov|aws-cn)\\b:[-a-zA-Z0-9:/._+]*)'))
export const newChangeSetName = z
  .string()
  .min(1)
  .max(128)
  .regex(...pattern('[a-zA-Z][-a-zA-Z0-9]*'))
/** The name or the ARN of a change set. */
export const changeSetName = z
  .string()
  .min(1)
  .max(1600)
  .regex(...pattern('[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/]*'))
export const logicalId = z.string().min(1).max(255)
export const token = z
  .string()
  .min(1)
  .max(128)
  .regex(...pattern('[a-zA-Z0-9][-a-zA-Z0-9]*'))
export const templateBody = z.string().min(1)
export const templateUrl = z.string().min(1).max(5120)
export const roleArn = z.string().min(20).max(2048)
export const parameters = list(
  structure({
    ParameterKey: z.string().optional(),
    ParameterValue: z.string().optional(),
    UsePreviousValue: flag.optional(),
    ResolvedValue: z.string().optional(),
  }),
  200,
)
export const tags = list(structure({ Key: z.string().min(1).max(128), Value: z.string().min(1).max(256) }), 50)
export const capabilities = list(z.enum(['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND']), 3)
export const onFailure = z.enum(['DO_NOTHING', 'ROLLBACK', 'DELETE'])
export const notificationArns = list(z.string(), 5)
export const nextToken = z.string().min(1).max(1024)
export const pageSize = (max: number) => integerText(1, max)

/** How long the creation of a stack may take. */
export const minutes = integerText(1, 525_600)
export const stackPolicy = z.string().min(1).max(16_384)

/** What a template can come from. */
export const source = {
  TemplateBody: templateBody.optional(),
  TemplateURL: templateUrl.optional(),
}

/** What CreateStack, UpdateStack and CreateChangeSet take alike. */
export const making = {
  ...source,
  Parameters: parameters.default([]),
  Capabilities: capabilities.default([]),
  ResourceTypes: list(z.string().min(1).max(256), 500).optional(),
  RoleARN: roleArn.optional(),
  NotificationARNs: notificationArns.optional(),
  RollbackConfiguration: z.unknown().optional(),
}
