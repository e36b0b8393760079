import { parseArn } from '../domain/arn.ts'
import { beginSession, type SessionKey } from '../services/sts/begin-session.ts'
import type { Deployment } from './data/deployment.ts'

/** A hundred years: whatever the clock is moved to, the session lives. */
const SECONDS = 100 * 365 * 86_400

/**
 * Lets a key stand for a session of a role, whatever the role's trust policy says.
 *
 * @param arn the role's
 * @returns false where there is no such role
 */
export async function actAsRole(
  { store, secrets }: Deployment,
  arn: string,
  key: SessionKey,
  now: number,
): Promise<boolean> {
  const { account = '', resource = '' } = parseArn(arn) ?? {}
  const name = resource.split('/').at(-1) ?? ''
  return store.transaction(async (writes) => {
    const role = await writes.document({ kind: 'role', account, name: name.toLowerCase() })
    if (role === null || resource !== `role${role.path}${role.name}`) return false
    const session = {
      kind: 'role',
      roleId: role.id,
      sessionName: 'keyspan',
      policies: [],
      policyArns: [],
      tags: [],
      transitiveTagKeys: [],
      sourceIdentity: null,
    } as const
    await beginSession({ writes, secrets }, account, role.id, session, SECONDS, now, key)
    return true
  })
}
