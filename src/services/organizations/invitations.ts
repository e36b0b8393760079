import type { Invitation } from '../../domain/organization.ts'
import type { Call } from '../../kernel/call.ts'
import type { GlobalReads, GlobalWrites } from '../../storage/global-store.ts'
import { accountByEmail } from './accounts.ts'
import { stateOf } from './answers.ts'
import { errors } from './errors.ts'

/** An invitation that concerns an account: one that it sent, or that was sent to it. Others do not exist for it. */
export async function findInvitation(reads: GlobalReads, id: string, account: string): Promise<Invitation> {
  const found = (await reads.documentById('invitation', id))?.content
  if (found === undefined || (found.account !== account && found.managementAccount !== account)) {
    throw errors.HandshakeNotFoundException()
  }
  return found
}

/** The account that was invited, or the one that invited it. */
export type InvitationSide = 'account' | 'managementAccount'

/**
 * An invitation for the side that alone may do what is asked.
 *
 * @throws HandshakeNotFoundException, AccessDeniedException
 */
export async function findInvitationOf(
  side: InvitationSide,
  id: string,
  { caller }: Call,
  reads: GlobalReads,
): Promise<Invitation> {
  const invitation = await findInvitation(reads, id, caller.account)
  if (invitation[side] === caller.account) return invitation
  const who = side === 'account' ? 'the account that was invited' : 'the account that invited'
  throw errors.AccessDeniedException(
    undefined,
    {},
    {
      why: `That is for ${who}, ${invitation[side]}.`,
      remedy: `Ask with credentials of account ${invitation[side]}.`,
      resource: id,
      owner: null,
    },
  )
}

/**
 * Ends an invitation in one way or another, once.
 *
 * @throws HandshakeAlreadyInStateException where it has ended in this way
 * @throws InvalidHandshakeTransitionException where it has ended in another
 */
export async function endInvitation(
  writes: GlobalWrites,
  invitation: Invitation,
  state: Exclude<Invitation['state'], 'OPEN'>,
  now: number,
): Promise<Invitation> {
  if (invitation.state === state) throw errors.HandshakeAlreadyInStateException()
  if (stateOf(invitation, now) !== 'OPEN') throw errors.InvalidHandshakeTransitionException()
  const ended = { ...invitation, state }
  await putInvitation(writes, ended)
  return ended
}

/**
 * Cuts a listing of handshakes down to what is asked for. All are invitations, and none of them has a parent.
 */
export function filterInvitations(
  invitations: readonly Invitation[],
  filter: { readonly ActionType?: string | undefined; readonly ParentHandshakeId?: string | undefined } = {},
): readonly Invitation[] {
  const { ActionType = 'INVITE', ParentHandshakeId } = filter
  return ActionType === 'INVITE' && ParentHandshakeId === undefined ? invitations : []
}

/** Keeps an invitation. */
export async function putInvitation(writes: GlobalWrites, invitation: Invitation): Promise<void> {
  const { id, organization } = invitation
  await writes.putDocument({ kind: 'invitation', account: organization, name: id }, invitation, id)
}

/**
 * The account that is to be invited: by its id or by its address.
 *
 * @throws InvalidInputException where this deployment has no such account: there is nobody to ask
 */
export async function findInvited(
  reads: GlobalReads,
  { Id: id, Type: type }: { readonly Id: string; readonly Type: string },
): Promise<string> {
  if (type === 'EMAIL') {
    const account = await accountByEmail(reads, id)
    if (account !== null) return account
  }
  if (type === 'ACCOUNT' && (await reads.document({ kind: 'account', account: id, name: id })) !== null) return id
  throw errors.InvalidInputException(`This deployment has no account to invite under "${id}".`, {
    Reason: type === 'ORGANIZATION' ? 'INVALID_PARTY_TYPE_TARGET' : 'INVALID_PATTERN_TARGET_ID',
  })
}
