import { z } from 'zod'
import { parseArn, sessionArn } from '../../../domain/arn.ts'
import type { Role } from '../../../domain/identity.ts'
import { denyRole } from '../../../kernel/access/denial.ts'
import { common, type PrivateReason } from '../../../kernel/errors.ts'
import { globalWriteOperation, type RecordDetails } from '../../../kernel/operation.ts'
import { need, type Need } from '../../../kernel/access/need.ts'
import type { Call } from '../../../kernel/call.ts'
import { list } from '../../../kernel/parse.ts'
import { whyNoPrincipal } from '../../../kernel/identities/principal-fate.ts'
import { roleFacts } from '../../../kernel/identities/role-facts.ts'
import { beginSession } from '../begin-session.ts'
import { errors } from '../errors.ts'
import { recordSession } from '../record.ts'
import { acceptSessionPolicies } from '../session-policy.ts'
import { acceptSessionTags, sessionTagKeys } from '../session-tags.ts'
import * as shape from '../shapes.ts'

const DEFAULT_SECONDS = 3600
/** A session that is begun from a session lasts at most an hour. */
const CHAINED_SECONDS = 3600

const input = z.object({
  RoleArn: shape.arn,
  RoleSessionName: shape.sessionName,
  Policy: shape.policy.optional(),
  PolicyArns: shape.policyArns,
  DurationSeconds: shape.duration(43_200).optional(),
  ExternalId: shape.externalId.optional(),
  Tags: shape.tags,
  TransitiveTagKeys: list(z.string().min(1).max(128), 50).default([]),
  SourceIdentity: shape.sessionName.optional(),
  SerialNumber: z.string().optional(),
  TokenCode: z.string().optional(),
})
type Input = z.infer<typeof input>

/** Begins a session of a role, for whoever its trust policy and the caller's own policies let. */
export const AssumeRole = globalWriteOperation({
  name: 'AssumeRole',
  errors: [
    errors.AccessDenied,
    errors.InvalidParameterValue,
    errors.MalformedPolicyDocument,
    errors.PackedPolicyTooLarge,
    errors.ValidationError,
  ],
  input,
  async load(given, call, reads) {
    const { RoleArn } = given
    const { session, type } = call.caller
    const arn = parseArn(RoleArn)
    if (arn === null || arn.service !== 'iam' || !arn.resource.startsWith('role/')) {
      throw errors.ValidationError(`${RoleArn} is invalid`)
    }
    if (type === 'root')
      throw errors.AccessDenied('Roles may not be assumed by root accounts.', {}, rootAssumes(RoleArn, arn.account))
    const { account } = arn
    const tagging = acceptSessionTags(given, session)
    const name = arn.resource.replace(/^.*\//, '').toLowerCase()
    const role = await reads.document({ kind: 'role', account, name })
    // Whether a role exists is told to nobody who may not take it on.
    if (role === null || arn.resource !== `role${role.path}${role.name}`) {
      throw denyRole(RoleArn, call, await whyNoPrincipal(reads, RoleArn, 'to assume', call))
    }
    return { account, role, facts: roleFacts(account, role), tagging }
  },
  requires(given, { facts, tagging }, { caller, region }) {
    const sourceIdentity = caller.session?.sourceIdentity ?? given.SourceIdentity
    const context = contextOf(given, sourceIdentity)
    const actions = ['sts:AssumeRole']
    if (tagging.tags.length > 0) actions.push('sts:TagSession')
    if (sourceIdentity !== undefined) actions.push('sts:SetSourceIdentity')
    return actions.map((action) => need(action, facts, region, context))
  },
  async run(given, { account, role, tagging }, call, powers) {
    const sourceIdentity = sourceIdentityOf(given, call)
    if (given.SerialNumber !== undefined || given.TokenCode !== undefined) {
      throw errors.ValidationError(
        'Multi-factor authentication is not supported. Leave SerialNumber and TokenCode out.',
      )
    }
    const seconds = durationOf(given, role, call.caller.type === 'role')
    const policies = await acceptSessionPolicies(given, account, powers.reads)
    const session = {
      kind: 'role',
      roleId: role.id,
      sessionName: given.RoleSessionName,
      ...policies,
      ...tagging,
      sourceIdentity,
    } as const
    return {
      Credentials: await beginSession(powers, account, role.id, session, seconds, call.now),
      AssumedRoleUser: {
        AssumedRoleId: `${role.id}:${given.RoleSessionName}`,
        Arn: sessionArn(account, role.name, given.RoleSessionName),
      },
      SourceIdentity: sourceIdentity ?? undefined,
    }
  },
  record: recordAssumption,
})

function rootAssumes(role: string, owner: string): PrivateReason {
  return {
    why: 'The root user of an account can take on no role, whatever policies say.',
    remedy: 'Ask with the credentials of a user or role.',
    resource: role,
    owner,
  }
}

function recordAssumption(
  given: Input,
  _found: unknown,
  output: Parameters<typeof recordSession>[1],
  { caller: { session } }: Call,
): RecordDetails {
  const asked = { ...given, SourceIdentity: given.SourceIdentity ?? session?.sourceIdentity }
  const details = recordSession(asked, output, [given.RoleArn])
  const inherited = session?.transitiveTags ?? []
  if (inherited.length === 0) return details
  const incomingTransitiveTags = Object.fromEntries(inherited.map(({ key, value }) => [key, value]))
  return { ...details, requestParameters: { incomingTransitiveTags, ...details.requestParameters } }
}

/**
 * The source identity of the new session: the one that the caller's session has, or else the one that is given.
 *
 * @throws AccessDenied where they are not the same
 */
function sourceIdentityOf({ RoleArn, SourceIdentity }: Input, call: Call): string | null {
  const inherited = call.caller.session?.sourceIdentity ?? null
  if (inherited === null || SourceIdentity === undefined || SourceIdentity === inherited) {
    return inherited ?? SourceIdentity ?? null
  }
  throw common.AccessDeniedException(
    `User: ${call.caller.arn} is not authorized to perform: sts:SetSourceIdentity on resource: ${RoleArn}: the source ` +
      `identity of this session is ${inherited} and cannot be changed. Leave SourceIdentity out.`,
  )
}

/** @param sourceIdentity that the new session shall have: inherited, or given */
function contextOf(given: Input, sourceIdentity: string | undefined): Need['context'] {
  return {
    'sts:RoleSessionName': given.RoleSessionName,
    ...(given.ExternalId !== undefined && { 'sts:ExternalId': given.ExternalId }),
    ...(sourceIdentity !== undefined && { 'sts:SourceIdentity': sourceIdentity }),
    ...sessionTagKeys(given),
  }
}

function durationOf({ DurationSeconds }: Input, role: Role, isChained: boolean): number {
  const seconds = DurationSeconds ?? DEFAULT_SECONDS
  if (isChained && seconds > CHAINED_SECONDS) {
    throw errors.ValidationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    )
  }
  if (seconds > role.maxSessionDuration) {
    throw errors.ValidationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
  }
  return seconds
}
