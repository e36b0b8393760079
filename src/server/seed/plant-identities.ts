import { rootArn } from '../../domain/arn.ts'
import { policyArn as ownPolicyArn } from '../../domain/identity-arn.ts'
import { policyArn } from '../user-maker.ts'
import { forEachAt } from './for-each-at.ts'
import { plantAccessKeys } from './plant-access-keys.ts'
import type { Planter } from './planter.ts'
import type { SeedPath } from './read.ts'
import type { SeedAccount } from './schema.ts'

type Listed<Name extends 'Groups' | 'Policies' | 'Roles' | 'Users'> = NonNullable<SeedAccount[Name]>[number]

/** Asks IAM as the root user of one account. */
type AskIam = (path: SeedPath, name: string, input: Readonly<Record<string, unknown>>) => Promise<unknown>

/** Makes the policies, groups, users and roles of all accounts. */
export async function plantIdentities(accounts: readonly SeedAccount[], planter: Planter): Promise<void> {
  const each = async (work: (account: SeedAccount, path: SeedPath, ask: AskIam) => Promise<void>): Promise<void> => {
    for (const [index, account] of accounts.entries()) {
      const ask: AskIam = (path, name, input) =>
        planter.ask(path, { service: 'iam', name, input, account: account.AccountId })
      await work(account, ['Accounts', index], ask)
    }
  }
  await each((account, path, ask) =>
    forEachAt(account.Policies, [...path, 'Policies'], (policy, place) => makePolicy(policy, place, ask)),
  )
  await each((account, path, ask) =>
    forEachAt(account.Groups, [...path, 'Groups'], (group, place) => makeGroup(group, account, place, ask)),
  )
  await each((account, path, ask) =>
    forEachAt(account.Users, [...path, 'Users'], (user, place) => makeUser(user, account, place, ask, planter)),
  )
  await each((account, path, ask) =>
    forEachAt(account.Roles, [...path, 'Roles'], (role, place) => makeRole(role, account, place, ask)),
  )
  // A trust policy may name a role that is made after its own.
  await each((account, path, ask) =>
    forEachAt(account.Roles, [...path, 'Roles'], async ({ RoleName, AssumeRolePolicyDocument }, place) => {
      const input = { RoleName, PolicyDocument: AssumeRolePolicyDocument }
      await ask([...place, 'AssumeRolePolicyDocument'], 'UpdateAssumeRolePolicy', input)
    }),
  )
}

async function makePolicy(policy: Listed<'Policies'>, path: SeedPath, ask: AskIam): Promise<void> {
  await ask(path, 'CreatePolicy', policy)
}

async function makeGroup(group: Listed<'Groups'>, account: SeedAccount, path: SeedPath, ask: AskIam): Promise<void> {
  const { GroupName, Path } = group
  await ask(path, 'CreateGroup', { GroupName, ...(Path !== undefined && { Path }) })
  await givePolicies('Group', GroupName, group, { account, path, ask })
}

async function makeUser(
  user: Listed<'Users'>,
  account: SeedAccount,
  path: SeedPath,
  ask: AskIam,
  planter: Planter,
): Promise<void> {
  const { UserName, Groups, AccessKeys = [], ManagedPolicyArns: _arns, Policies: _policies, ...members } = user
  await ask(path, 'CreateUser', { UserName, ...withBoundary(members, account) })
  await givePolicies('User', UserName, user, { account, path, ask })
  await forEachAt(Groups, [...path, 'Groups'], async (GroupName, place) => {
    await ask(place, 'AddUserToGroup', { GroupName, UserName })
  })
  await plantAccessKeys(account.AccountId, UserName, AccessKeys, [...path, 'AccessKeys'], planter)
}

async function makeRole(role: Listed<'Roles'>, account: SeedAccount, path: SeedPath, ask: AskIam): Promise<void> {
  const { RoleName, ManagedPolicyArns: _arns, Policies: _policies, ...members } = role
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: rootArn(account.AccountId) }, Action: 'sts:AssumeRole' }],
  })
  await ask(path, 'CreateRole', { RoleName, ...withBoundary(members, account), AssumeRolePolicyDocument })
  await givePolicies('Role', RoleName, role, { account, path, ask })
}

function withBoundary<Members extends { readonly PermissionsBoundary?: string | undefined }>(
  { PermissionsBoundary, ...others }: Members,
  account: SeedAccount,
) {
  if (PermissionsBoundary === undefined) return others
  return { ...others, PermissionsBoundary: policyNamed(PermissionsBoundary, account) }
}

async function givePolicies(
  kind: 'Group' | 'Role' | 'User',
  name: string,
  { ManagedPolicyArns, Policies }: Pick<Listed<'Users'>, 'ManagedPolicyArns' | 'Policies'>,
  { account, path, ask }: { readonly account: SeedAccount; readonly path: SeedPath; readonly ask: AskIam },
): Promise<void> {
  const owner = { [`${kind}Name`]: name }
  await forEachAt(ManagedPolicyArns, [...path, 'ManagedPolicyArns'], async (policy, place) => {
    await ask(place, `Attach${kind}Policy`, { ...owner, PolicyArn: policyNamed(policy, account) })
  })
  await forEachAt(Policies, [...path, 'Policies'], async (policy, place) => {
    await ask(place, `Put${kind}Policy`, { ...owner, ...policy })
  })
}

/** The ARN of a managed policy by its ARN or its name: of AWS, or else of the account. */
function policyNamed(policy: string, { AccountId, Policies = [] }: SeedAccount): string {
  const arn = policyArn(policy, AccountId)
  const own = Policies.find(({ PolicyName }) => PolicyName === policy)
  if (own === undefined || arn !== ownPolicyArn(AccountId, { path: '/', name: policy })) return arn
  return ownPolicyArn(AccountId, { path: own.Path ?? '/', name: policy })
}
