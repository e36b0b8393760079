import { z } from 'zod'
import { parseArn, sessionArn } from '../../../domain/arn.ts'
import type { Role } from '../../../domain/identity.ts'
import { common } from '../../../kernel/errors.ts'
import { globalWriteOperation, need, type Need } from '../../../kernel/operation.ts'
import { list } from '../../../kernel/parse.ts'
import { roleFacts } from '../../../kernel/role-facts.ts'
import { beginSession } from '../begin-session.ts'
import { errors } from '../errors.ts'
import { recordSession } from '../record.ts'
import { acceptSessionPolicies } from '../session-policy.ts'
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
  errors: [errors.AccessDenied, errors.MalformedPolicyDocument, errors.PackedPolicyTooLarge, errors.ValidationError],
  input,
  async load({ RoleArn }, call, reads) {
    const arn = parseArn(RoleArn)
    if (arn === null || arn.service !== 'iam' || !arn.resource.startsWith('role/')) {
      throw errors.ValidationError(`${RoleArn} is invalid`)
    }
    if (call.caller.type === 'root') throw errors.AccessDenied('Roles may not be assumed by root accounts.')
    const name = arn.resource.replace(/^.*\//, '').toLowerCase()
    const role = await reads.document({ kind: 'role', account: arn.account, name })
    // Whether a role exists is told to nobody who may not take it on.
    if (role === null || arn.resource !== `role${role.path}${role.name}`) {
      throw common.AccessDeniedException(
        `User: ${call.caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
      )
    }
    return { account: arn.account, role, facts: roleFacts(arn.account, role) }
  },
  requires(given, { facts }, { region }) {
    const context = contextOf(given)
    const actions = ['sts:AssumeRole']
    if (given.Tags.length > 0) actions.push('sts:TagSession')
    if (given.SourceIdentity !== undefined) actions.push('sts:SetSourceIdentity')
    return actions.map((action) => need(action, facts, region, context))
  },
  async run(given, { account, role }, call, powers) {
    if (given.SerialNumber !== undefined || given.TokenCode !== undefined) {
      throw errors.ValidationError(
        'Multi-factor authentication is not supported. Leave SerialNumber and TokenCode out.',
      )
    }
    const seconds = durationOf(given, role, call.caller.type === 'role')
    const policies = await acceptSessionPolicies(given, powers.reads)
    const session = {
      kind: 'role',
      roleId: role.id,
      sessionName: given.RoleSessionName,
      ...policies,
      tags: given.Tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
      transitiveTagKeys: given.TransitiveTagKeys,
      sourceIdentity: given.SourceIdentity ?? null,
    } as const
    return {
      Credentials: await beginSession(powers, account, role.id, session, seconds, call.now),
      AssumedRoleUser: {
        AssumedRoleId: `${role.id}:${given.RoleSessionName}`,
        Arn: sessionArn(account, role.name, given.RoleSessionName),
      },
      SourceIdentity: given.SourceIdentity,
    }
  },
  record: recordAssumption,
})

function recordAssumption(given: Input, _found: unknown, output: Parameters<typeof recordSession>[1]) {
  return recordSession(given, output)
}

function contextOf(given: Input): Need['context'] {
  return {
    'sts:RoleSessionName': given.RoleSessionName,
    ...(given.ExternalId !== undefined && { 'sts:ExternalId': given.ExternalId }),
    ...(given.SourceIdentity !== undefined && { 'sts:SourceIdentity': given.SourceIdentity }),
    ...(given.Tags.length > 0 && { 'aws:TagKeys': given.Tags.map(({ Key }) => Key) }),
    ...(given.TransitiveTagKeys.length > 0 && { 'sts:TransitiveTagKeys': given.TransitiveTagKeys }),
    ...Object.fromEntries(given.Tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
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
