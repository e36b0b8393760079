import { federatedUserArn, parseArn, rootArn, sessionArn } from '../../domain/arn.ts'
import { roleArn, userArn } from '../../domain/identity-arn.ts'
import type { Role, User } from '../../domain/identity.ts'
import type { CallerOrigin, Session } from '../../domain/session.ts'
import { isSameTagKey, overlayTags, type Tag } from '../../domain/tags.ts'
import type { PolicyLayers, PolicySource } from '../../policy/authorize.ts'
import type { ConditionValue } from '../../policy/context.ts'
import type { PolicyKind } from '../../policy/parse/document.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { managedPolicyText, policiesOfRole, policiesOfUser } from '../../storage/identity-reads.ts'
import { enabledRegions } from '../../storage/region-opt-in.ts'
import { rootCaller, type Caller, type CallerSession } from './caller.ts'
import type { OrganizationLayers } from './organization-layers.ts'
import type { PolicyShelf } from './policy-shelf.ts'
import { principalId } from './principal-id.ts'

/** A caller, but for what its account has enabled and what follows from its session alone. */
type Person = Omit<Caller, 'optedIn' | 'session' | 'origin'>

/** What a caller is made from. */
interface Making {
  readonly reads: GlobalReads
  readonly account: string
  readonly accessKeyId: string
  readonly organization: OrganizationLayers | null
  readonly shelf: PolicyShelf
}

/** The caller of an origin; null where its user or role is no more. */
export async function callerOf(
  reads: GlobalReads,
  origin: CallerOrigin,
  organization: OrganizationLayers | null,
  shelf: PolicyShelf,
): Promise<Caller | null> {
  const { account, accessKeyId, owner, session } = origin
  const making: Making = { reads, account, accessKeyId, organization, shelf }
  const person = await makeCaller(making, owner, session)
  if (person === null) return null
  const caller = { ...person, session: callerSession(session), origin }
  const optedIn = await enabledRegions(reads, account)
  if (organization === null) return { ...caller, optedIn }
  const { id, paths } = organization
  return { ...caller, optedIn, keys: { ...caller.keys, 'aws:PrincipalOrgID': id, 'aws:PrincipalOrgPaths': paths } }
}

/**
 * The caller that a root user, user or role would be, by its ARN; a role as a session that nothing limits. Null where
 * there is none.
 */
export async function callerNamed(
  reads: GlobalReads,
  arn: string,
  organization: OrganizationLayers | null,
  shelf: PolicyShelf,
): Promise<Caller | null> {
  const account = parseArn(arn)?.account ?? ''
  const origin = { account, accessKeyId: 'none', owner: null, session: null }
  if (arn === rootArn(account)) return callerOf(reads, origin, organization, shelf)
  const id = await principalId(reads, arn)
  if (id === null) return null
  if (id.startsWith('AIDA')) return callerOf(reads, { ...origin, owner: id }, organization, shelf)
  const [roleId = '', sessionName = 'any'] = id.split(':')
  const limits = { policies: [], policyArns: [], tags: [], transitiveTagKeys: [], sourceIdentity: null }
  const session = { kind: 'role', roleId, sessionName, ...limits, tokenHash: '', issuedAt: 0 } as const
  return callerOf(reads, { ...origin, session }, organization, shelf)
}

async function makeCaller(making: Making, owner: string | null, session: Session | null): Promise<Person | null> {
  if (session === null || session.kind === 'user' || session.kind === 'console') {
    const user = owner === null ? null : await userById(making, owner)
    if (owner !== null && user === null) return null
    const person =
      user === null ? rootCaller(making.account, making.accessKeyId, controls(making)) : await userCaller(making, user)
    if (session === null) return person
    const record = { ...person.record, sessionContext: sessionContext(session) }
    return { ...person, keys: { ...person.keys, ...sessionKeys(session) }, record }
  }
  return session.kind === 'role' ? roleCaller(making, session) : federatedCaller(making, session)
}

async function userCaller(making: Making, user: User): Promise<Person> {
  const { account, accessKeyId } = making
  const arn = userArn(account, user)
  return {
    type: 'user',
    account,
    arn,
    accessKeyId,
    forms: [{ kind: 'user', id: user.id }],
    hasBoundary: user.boundary !== null,
    layers: { ...controls(making), ...(await layersOfUser(making, user)) },
    keys: {
      'aws:PrincipalAccount': account,
      'aws:PrincipalArn': arn,
      'aws:PrincipalType': 'User',
      'aws:userid': user.id,
      'aws:username': user.name,
      ...tagKeys(user.tags),
    },
    record: { type: 'IAMUser', principalId: user.id, userName: user.name },
  }
}

async function roleCaller(making: Making, session: Extract<Session, { kind: 'role' }>): Promise<Person | null> {
  const { account, accessKeyId, reads, shelf } = making
  const found = await reads.documentById('role', session.roleId)
  if (found === null || found.account !== account) return null
  const role = found.content
  const id = `${role.id}:${session.sessionName}`
  const issuer = roleArn(account, role)
  const identity = await shelf.sources('identity', await policiesOfRole(reads, role))
  return {
    type: 'role',
    account,
    arn: sessionArn(account, role.name, session.sessionName),
    accessKeyId,
    forms: [
      { kind: 'role', id: role.id },
      { kind: 'session', id },
    ],
    hasBoundary: role.boundary !== null,
    layers: {
      // Organization policies do not apply to service-linked roles.
      ...(role.serviceLinkedTo === null && controls(making)),
      identity,
      ...(await boundaryOf(making, role)),
      ...(isLimited(session) && { session: await sessionPolicies(making, session) }),
    },
    keys: {
      'aws:PrincipalAccount': account,
      'aws:PrincipalArn': issuer,
      'aws:PrincipalType': 'AssumedRole',
      'aws:userid': id,
      ...tagKeys(overlayTags(role.tags, session.tags)),
      ...sessionKeys(session),
      ...(session.sourceIdentity !== null && { 'aws:SourceIdentity': session.sourceIdentity }),
    },
    record: {
      type: 'AssumedRole',
      principalId: id,
      sessionContext: {
        sessionIssuer: { type: 'Role', principalId: role.id, arn: issuer, accountId: account, userName: role.name },
        ...sessionContext(session),
        ...(session.sourceIdentity !== null && { sourceIdentity: session.sourceIdentity }),
      },
    },
  }
}

async function federatedCaller(
  making: Making,
  session: Extract<Session, { kind: 'federated' }>,
): Promise<Person | null> {
  const { account, accessKeyId } = making
  const arn = federatedUserArn(account, session.name)
  const user = session.userId === null ? null : await userById(making, session.userId)
  if (session.userId !== null && user === null) return null
  const own = user === null ? {} : await layersOfUser(making, user)
  return {
    type: 'federated',
    account,
    arn,
    accessKeyId,
    forms: [{ kind: 'federated', id: arn }, ...(user === null ? [] : [{ kind: 'user' as const, id: user.id }])],
    hasBoundary: user !== null && user.boundary !== null,
    // Without session policies a federated session has no permissions of its own.
    layers: { ...controls(making), ...own, session: await sessionPolicies(making, session) },
    keys: {
      'aws:PrincipalAccount': account,
      'aws:PrincipalArn': arn,
      'aws:PrincipalType': 'FederatedUser',
      'aws:userid': `${account}:${session.name}`,
      ...tagKeys(session.tags),
      ...sessionKeys(session),
    },
    record: {
      type: 'FederatedUser',
      principalId: `${account}:${session.name}`,
      sessionContext: { sessionIssuer: issuerOf(account, user), ...sessionContext(session) },
    },
  }
}

/** Of a federated session, who began it: a user, or the root user. */
function issuerOf(account: string, user: User | null) {
  if (user === null) return { type: 'Root', principalId: account, arn: rootArn(account), accountId: account }
  return {
    type: 'IAMUser',
    principalId: user.id,
    arn: userArn(account, user),
    accountId: account,
    userName: user.name,
  }
}

async function userById({ reads, account }: Making, id: string): Promise<User | null> {
  const found = await reads.documentById('user', id)
  return found?.account === account ? found.content : null
}

function controls({ organization }: Making): Pick<PolicyLayers, 'scp'> {
  return organization?.scp === undefined ? {} : { scp: organization.scp }
}

async function layersOfUser(making: Making, user: User): Promise<Pick<PolicyLayers, 'identity' | 'boundary'>> {
  const policies = await policiesOfUser(making.reads, making.account, user)
  const identity = await making.shelf.sources('identity', policies)
  return { identity, ...(await boundaryOf(making, user)) }
}

/** A boundary whose policy is gone leaves no layer: with `hasBoundary` that denies, which is what it must do. */
async function boundaryOf(making: Making, { boundary }: User | Role): Promise<Pick<PolicyLayers, 'boundary'>> {
  if (boundary === null) return {}
  const source = await managed(making, 'boundary', boundary)
  return source === null ? {} : { boundary: source }
}

async function sessionPolicies(
  making: Making,
  { policies, policyArns }: { readonly policies: readonly string[]; readonly policyArns: readonly string[] },
): Promise<readonly PolicySource[]> {
  const inline = policies.map((text) =>
    making.shelf.source('session', { name: 'session policy', title: 'the policy of the session', text }),
  )
  const attached = await Promise.all(policyArns.map((arn) => managed(making, 'session', arn)))
  return [...inline, ...attached.filter((source) => source !== null)]
}

async function managed({ reads, shelf }: Making, kind: PolicyKind, arn: string): Promise<PolicySource | null> {
  const text = await managedPolicyText(reads, arn)
  const name = arn.replace(/^.*\//, '')
  return text === null ? null : shelf.source(kind, { name, title: `policy ${name}`, arn, text })
}

function isLimited({ policies, policyArns }: Extract<Session, { kind: 'role' }>): boolean {
  return policies.length + policyArns.length > 0
}

function callerSession(session: Session | null): CallerSession | null {
  if (session === null) return null
  if (session.kind !== 'role') return { kind: session.kind, transitiveTags: [], sourceIdentity: null }
  const { kind, tags, transitiveTagKeys, sourceIdentity } = session
  const transitiveTags = tags.filter(({ key }) => transitiveTagKeys.some((each) => isSameTagKey(each, key)))
  return { kind, transitiveTags, sourceIdentity }
}

/** What every record of a session tells of it. */
function sessionContext({ issuedAt }: Session) {
  return { attributes: { creationDate: new Date(issuedAt).toISOString(), mfaAuthenticated: 'false' } }
}

function sessionKeys({ issuedAt }: Session): Record<string, ConditionValue> {
  return { 'aws:TokenIssueTime': new Date(issuedAt).toISOString(), 'aws:MultiFactorAuthPresent': 'false' }
}

function tagKeys(tags: readonly Tag[]): Record<string, ConditionValue> {
  return Object.fromEntries(tags.map(({ key, value }) => [`aws:PrincipalTag/${key}`, value]))
}
