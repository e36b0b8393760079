import { parseArn } from '../../domain/arn.ts'
import { roleArn, userArn } from '../../domain/identity-arn.ts'
import { deletedPrincipal, lastOfName } from '../../storage/deleted-principals.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import type { PrivateReason } from '../errors.ts'
import type { Call } from '../call.ts'

/** What became of the user or role that has a unique id. */
export type PrincipalFate =
  /** It is there, perhaps under another name than it had. */
  | { readonly kind: 'here'; readonly arn: string }
  /** When, in epoch milliseconds, and the ARN that it had. */
  | { readonly kind: 'deleted'; readonly arn: string; readonly at: number }
  /** Only the last 1,000 that an account has deleted are known. */
  | { readonly kind: 'unknown' }

/** @param principal a unique id, or that of a role's session */
export async function principalFate(reads: GlobalReads, principal: string): Promise<PrincipalFate> {
  const [id = ''] = principal.split(':')
  const user = await reads.documentById('user', id)
  if (user !== null) return { kind: 'here', arn: userArn(user.account, user.content) }
  const role = await reads.documentById('role', id)
  if (role !== null) return { kind: 'here', arn: roleArn(role.account, role.content) }
  const deleted = await deletedPrincipal(reads, id)
  return deleted === null ? { kind: 'unknown' } : { kind: 'deleted', arn: deleted.arn, at: deleted.deletedAt }
}

/** A moment as people read it in an explanation: `2026-11-25 12:00 UTC`. */
export function momentOf(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** Says why there is no unique id behind a principal: it was deleted, never was, or has another ARN. */
async function absence(reads: GlobalReads, principal: string): Promise<{ why: string; account: string | null }> {
  const arn = parseArn(principal)
  if (arn === null) {
    const fate = await principalFate(reads, principal)
    if (fate.kind !== 'deleted') return { why: `There is nobody with the unique id ${principal}.`, account: null }
    const why = `The unique id ${principal} is that of ${fate.arn}, which was deleted on ${momentOf(fate.at)}.`
    return { why, account: parseArn(fate.arn)?.account ?? null }
  }
  const { account } = arn
  const [type = '', ...names] = arn.resource.split('/')
  const kind = type === 'user' ? 'user' : 'role'
  const name = (type === 'assumed-role' ? names[0] : names.at(-1)) ?? ''
  const bearer = await reads.document({ kind, account, name: name.toLowerCase() })
  if (bearer !== null) {
    const is = kind === 'user' ? userArn(account, bearer) : roleArn(account, bearer)
    return { why: `There is no ${principal}, but ${is}: the path and the capitals of a name count.`, account }
  }
  const last = await lastOfName(reads, kind, account, name)
  const past =
    last === null
      ? 'none of that name is known to have been deleted'
      : `it was deleted on ${momentOf(last.deletedAt)}, and its unique id was ${last.id}`
  return { why: `There is no ${kind} ${principal} now: ${past}.`, account }
}

/** What somebody wants with a principal that is not there: to name it in a policy, or to take it on. */
export type Wanted = 'in a policy' | 'to assume'

/** Why a principal is not there; that it was deleted is told to no account but its own. */
export async function whyNoPrincipal(
  reads: GlobalReads,
  principal: string,
  wanted: Wanted,
  { caller }: Call,
): Promise<PrivateReason> {
  const { why, account } = await absence(reads, principal)
  const reason = { why, remedy: REMEDIES[wanted], resource: principal, owner: account }
  if (account === caller.account) return reason
  if (wanted === 'to assume') {
    return { ...reason, toCaller: { action: 'sts:AssumeRole', arn: principal, owner: account } }
  }
  // It has no part in this: nothing of it was asked for.
  return { ...reason, owner: null, toCaller: { why: `There is no ${principal} now.`, remedy: REMEDIES[wanted] } }
}

const REMEDIES: Readonly<Record<Wanted, string>> = {
  'in a policy':
    'Leave it out of the policy, or name somebody who is there. One that is made again under the same name is another: ' +
    'put the policy after that.',
  'to assume': 'Make the role, with a trust policy that names the caller, or ask for one that is there.',
}
