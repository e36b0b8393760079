import { z } from 'zod'
import { GRANT_OPERATIONS } from '../../domain/grant.ts'
import { isKeyId } from '../../domain/key-id.ts'
import { AWS_KEY_SPECS, KEY_USAGES } from '../../domain/key-spec.ts'
import { isCommercialRegion } from '../../domain/region.ts'
import { CONTROL_POLICY_TYPES } from '../../domain/organization.ts'

const text = z.string()
const accountId = text.regex(/^\d{12}$/, { error: 'An account id has 12 digits.' })
const region = text.refine(isCommercialRegion, { error: 'This is not a commercial AWS Region, such as us-east-1.' })

/** A document may be written out, or be a text in JSON. It is kept as text. */
const policy = z
  .union([text, z.record(text, z.unknown())], { error: 'A policy is written out, or is a text in JSON.' })
  .transform((given, context) => {
    try {
      return typeof given === 'string' ? given : JSON.stringify(given)
    } catch {
      context.addIssue('This cannot be written as JSON: it has itself as a part, or is nested too deeply.')
      return z.NEVER
    }
  })

/** IAM's tags, and those of AWS Organizations. */
const tags = z.array(z.strictObject({ Key: text, Value: text }))
const keyTags = z.array(z.strictObject({ TagKey: text, TagValue: text }))

const accessKey = z.strictObject({
  AccessKeyId: text.regex(/^\w{1,128}$/, { error: 'An access key id has letters, digits and _, up to 128 of them.' }),
  SecretAccessKey: text.min(1, { error: 'A secret access key has at least one character.' }),
  Status: z.enum(['Active', 'Inactive']).optional(),
})

const identity = {
  Path: text.optional(),
  /** ARNs, or the names of AWS's policies or the account's. */
  ManagedPolicyArns: z.array(text).optional(),
  Policies: z.array(z.strictObject({ PolicyName: text, PolicyDocument: policy })).optional(),
}

const group = z.strictObject({ GroupName: text, ...identity })

const user = z.strictObject({
  UserName: text,
  ...identity,
  Groups: z.array(text).optional(),
  PermissionsBoundary: text.optional(),
  Tags: tags.optional(),
  AccessKeys: z.array(accessKey).max(2, { error: 'A user has at most two access keys.' }).optional(),
})

const role = z.strictObject({
  RoleName: text,
  AssumeRolePolicyDocument: policy,
  Description: text.optional(),
  // IAM's protocol has texts only.
  MaxSessionDuration: z.int().transform(String).optional(),
  ...identity,
  PermissionsBoundary: text.optional(),
  Tags: tags.optional(),
})

const managedPolicy = z.strictObject({
  PolicyName: text,
  PolicyDocument: policy,
  Path: text.optional(),
  Description: text.optional(),
  Tags: tags.optional(),
})

const pairs = z.record(text, text)
const grant = z.strictObject({
  GrantId: text.regex(/^[0-9a-f]{64}$/, { error: 'The id of a grant has 64 lowercase hexadecimal digits.' }).optional(),
  Name: text.optional(),
  GranteePrincipal: text,
  RetiringPrincipal: text.optional(),
  Operations: z.array(z.enum(GRANT_OPERATIONS)),
  Constraints: z
    .strictObject({ EncryptionContextEquals: pairs.optional(), EncryptionContextSubset: pairs.optional() })
    .optional(),
  /** Whose the grant is, where another account has made it. */
  IssuingAccount: accountId.optional(),
})

/** What related keys each have of their own. */
const ownOfKey = {
  Description: text.optional(),
  Policy: policy.optional(),
  Tags: keyTags.optional(),
  Aliases: z
    .array(text.regex(/^alias\/(?!aws\/)./, { error: 'An alias begins with alias/, and not with alias/aws/.' }))
    .optional(),
  Grants: z.array(grant).optional(),
  Enabled: z.boolean().optional(),
  PendingWindowInDays: z.int().optional(),
}

/** `HasMaterial` is of imported material: each Region imports for itself. */
const replica = z.strictObject({ Region: region, ...ownOfKey, HasMaterial: z.boolean().optional() })

const key = z.strictObject({
  KeyId: text
    .refine(isKeyId, { error: 'The id of a key is a UUID in lower case, or mrk- and 32 hexadecimal digits.' })
    .optional(),
  Region: region.optional(),
  KeySpec: z.enum(AWS_KEY_SPECS).optional(),
  KeyUsage: z.enum(KEY_USAGES).optional(),
  Origin: z.enum(['AWS_KMS', 'EXTERNAL']).optional(),
  MultiRegion: z.boolean().optional(),
  ...ownOfKey,
  /** The first one, and those to which the key has been rotated since. */
  KeyMaterials: z.array(text).optional(),
  KeyRotationEnabled: z.boolean().optional(),
  RotationPeriodInDays: z.int().optional(),
  Replicas: z.array(replica).optional(),
})

const account = z.strictObject({
  AccountId: accountId,
  /** Those of the root user. */
  AccessKeys: z.array(accessKey).max(2, { error: 'A root user has at most two access keys.' }).optional(),
  EnabledRegions: z.array(region).optional(),
  Policies: z.array(managedPolicy).optional(),
  Groups: z.array(group).optional(),
  Users: z.array(user).optional(),
  Roles: z.array(role).optional(),
  Keys: z.array(key).optional(),
})

const attached = { AttachedPolicies: z.array(text).optional() }

const member = z.strictObject({ AccountId: accountId, ...attached })

/** A unit with what is below it. */
export interface SeedUnit {
  readonly Name: string
  readonly AttachedPolicies?: string[] | undefined
  readonly Accounts?: z.infer<typeof member>[] | undefined
  readonly OrganizationalUnits?: SeedUnit[] | undefined
}

const unit: z.ZodType<SeedUnit, SeedUnit> = z.strictObject({
  Name: text,
  ...attached,
  Accounts: z.array(member).optional(),
  OrganizationalUnits: z.lazy(() => z.array(unit)).optional(),
})

const organization = z.strictObject({
  ManagementAccount: accountId,
  FeatureSet: z.enum(['ALL', 'CONSOLIDATED_BILLING']).optional(),
  PolicyTypes: z.array(z.enum(CONTROL_POLICY_TYPES)).optional(),
  Policies: z
    .array(
      z.strictObject({
        Name: text,
        Type: z.enum(CONTROL_POLICY_TYPES),
        Description: text.optional(),
        Content: policy,
      }),
    )
    .optional(),
  ...attached,
  Accounts: z.array(member).optional(),
  OrganizationalUnits: z.array(unit).optional(),
})

/** What a server is to begin with. Where AWS has a name for something, it is AWS's. */
export const seedSchema = z.strictObject({
  Accounts: z.array(account).min(1, { error: 'A seed has at least one account.' }),
  Organization: organization.optional(),
})

/** A seed that is well formed; whether it can be is seen when it is planted. */
export type Seed = z.infer<typeof seedSchema>
/** An account of a seed. */
export type SeedAccount = Seed['Accounts'][number]
/** A KMS key of a seed. */
export type SeedKey = NonNullable<SeedAccount['Keys']>[number]
/** A related key of a seed. */
export type SeedReplica = NonNullable<SeedKey['Replicas']>[number]
/** The organization of a seed. */
export type SeedOrganization = NonNullable<Seed['Organization']>

/** A seed as it is written: policies may be written out. */
export type SeedContent = z.input<typeof seedSchema>
/** An account of it. */
export type AccountContent = SeedContent['Accounts'][number]
/** A KMS key of it. */
export type KeyContent = NonNullable<AccountContent['Keys']>[number]
/** A related key of it. */
export type ReplicaContent = NonNullable<KeyContent['Replicas']>[number]
/** The organization of it. */
export type OrganizationContent = NonNullable<SeedContent['Organization']>
