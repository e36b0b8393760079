import { randomUUID } from 'node:crypto'
import type { CallerOrigin } from '../../domain/session.ts'
import type { Stack, StackOperation, StackStatus } from '../../domain/stack.ts'
import { newAccessKey } from '../../kernel/identities/new-access-key.ts'
import type { Reads } from '../../kernel/operation.ts'
import { need, type Need } from '../../kernel/access/need.ts'
import type { Call } from '../../kernel/call.ts'
import type { RegionWrites } from '../../storage/store.ts'
import { errors } from './errors.ts'
import { ofStack, tell } from './events.ts'

/** CloudFormation as a principal, and as whoever asks others for a caller. */
export const CLOUDFORMATION = 'cloudformation.amazonaws.com'

const MINUTE_MS = 60_000

/** What an operation on a stack is asked for with. */
interface Wish {
  readonly token?: string | undefined
  readonly onFailure?: StackOperation['onFailure']
  readonly retainExceptOnCreate?: boolean
  readonly retain?: readonly string[]
  readonly skip?: readonly string[]
  readonly isForced?: boolean
  readonly timeoutMinutes?: number | null
}

/** An operation that begins now. */
export function newOperation(
  kind: StackOperation['kind'],
  origin: CallerOrigin,
  wish: Wish,
  now: number,
): StackOperation {
  const minutes = wish.timeoutMinutes ?? null
  return {
    id: randomUUID(),
    kind,
    token: wish.token ?? null,
    origin,
    startedAt: now,
    onFailure: wish.onFailure ?? 'ROLLBACK',
    retainExceptOnCreate: wish.retainExceptOnCreate ?? false,
    retain: wish.retain ?? [],
    skip: wish.skip ?? [],
    isForced: wish.isForced ?? false,
    timeoutAt: minutes === null ? null : now + minutes * MINUTE_MS,
    isCancelled: false,
    next: null,
    stores: [],
  }
}

/** Lets an operation begin: from the commit on, the worker goes on with it. */
export async function begin(
  writes: RegionWrites,
  stack: Stack,
  status: StackStatus,
  operation: StackOperation,
  now: number,
): Promise<void> {
  const begun = { ...stack, status, statusReason: 'User Initiated', operation }
  await tell(writes, begun, [ofStack(begun)], now)
}

/**
 * As whom the work on a stack is done: as the role that is passed to it, or else as the caller.
 *
 * @throws ValidationError where CloudFormation may not take the role on
 */
export async function workerOf(roleArn: string | null, { caller, now }: Call, reads: Reads): Promise<CallerOrigin> {
  if (roleArn === null) return caller.origin
  const roleId = await reads.roleTrusting(roleArn, CLOUDFORMATION)
  if (roleId === null || (await reads.accountOfPrincipal(roleId)) !== caller.account) {
    throw errors.ValidationError(
      `Role ${roleArn} is invalid or cannot be assumed. It must be a role of this account whose trust policy lets ` +
        `${CLOUDFORMATION} assume it.`,
    )
  }
  return {
    account: caller.account,
    accessKeyId: newAccessKey('ASIA').accessKeyId,
    owner: roleId,
    session: {
      kind: 'role',
      roleId,
      sessionName: 'AWSCloudFormation',
      policies: [],
      policyArns: [],
      tags: [],
      transitiveTagKeys: [],
      sourceIdentity: null,
      tokenHash: '',
      issuedAt: now,
    },
  }
}

/** To hand a role to a stack needs a permission of its own. */
export function needPassRole(roleArn: string | undefined): readonly Need[] {
  return roleArn === undefined
    ? []
    : [need('iam:PassRole', roleArn, 'us-east-1', { 'iam:PassedToService': CLOUDFORMATION })]
}

/**
 * Says whether a request is the repetition of the one that was accepted last.
 *
 * @throws TokenAlreadyExistsException where its token was given with another action
 */
export function isRepeated({ lastRequest }: Stack, action: string, token: string | undefined): boolean {
  if (token === undefined || lastRequest.token !== token) return false
  if (lastRequest.action === action) return true
  throw errors.TokenAlreadyExistsException(
    `The ClientRequestToken ${token} was given with ${lastRequest.action} already. Give another.`,
  )
}
