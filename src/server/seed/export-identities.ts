import type { Group, ManagedPolicy, Role, User } from '../../domain/identity.ts'
import type { Tag } from '../../domain/tags.ts'
import { allDocuments } from '../../storage/organization-reads.ts'
import { exportAccessKeys } from './export-access-keys.ts'
import type { ExportSources } from './export-sources.ts'
import { present } from './present.ts'
import type { AccountContent } from './schema.ts'

/** What the seed of an account has of IAM. */
type Identities = Required<Pick<AccountContent, 'Groups' | 'Policies' | 'Roles' | 'Users'>>

/** Sessions are made with these seconds where a role does not say otherwise. */
const STANDARD_SESSION = 3600

/** The policies, groups, users and roles of an account; those that a service has made are made by it again. */
export async function exportIdentities(
  account: string,
  sources: ExportSources,
): Promise<{ [Name in keyof Identities]: NonNullable<Identities[Name]> }> {
  const { reads } = sources.global.store
  const groups = await allDocuments(reads, 'group', account)
  const users = await allDocuments(reads, 'user', account)
  const roles = await allDocuments(reads, 'role', account)
  const names = new Map(groups.map(({ name }) => [name.toLowerCase(), name]))
  return {
    Policies: (await allDocuments(reads, 'policy', account)).map(policyOf),
    Groups: groups.map((group) => ({ GroupName: group.name, ...identityOf(group) })),
    Users: await Promise.all(
      users.map(async (user) => ({
        UserName: user.name,
        ...identityOf(user),
        ...present({
          Groups: user.groups.map((name) => names.get(name) ?? name),
          PermissionsBoundary: user.boundary ?? undefined,
          Tags: tagsOf(user),
          AccessKeys: await exportAccessKeys(account, user.id, sources),
        }),
      })),
    ),
    Roles: roles.filter(({ serviceLinkedTo }) => serviceLinkedTo === null).map(roleOf),
  }
}

function policyOf({ name, path, description, versions, defaultVersion, tags }: ManagedPolicy) {
  const version = versions.find(({ id }) => id === defaultVersion)
  if (version === undefined) throw new Error(`INVARIANT: policy ${name} has its default version`)
  const Path = path === '/' ? undefined : path
  return {
    PolicyName: name,
    ...present({ Path, Description: description, Tags: tagsOf({ tags }) }),
    PolicyDocument: documentOf(version.text),
  }
}

function roleOf(role: Role) {
  const { name, description, maxSessionDuration, boundary, trustPolicy } = role
  return {
    RoleName: name,
    ...present({
      Description: description,
      MaxSessionDuration: maxSessionDuration === STANDARD_SESSION ? undefined : maxSessionDuration,
    }),
    AssumeRolePolicyDocument: documentOf(trustPolicy),
    ...identityOf(role),
    ...present({ PermissionsBoundary: boundary ?? undefined, Tags: tagsOf(role) }),
  }
}

function identityOf({ path, attachedPolicies, inlinePolicies }: Group | Role | User) {
  return present({
    Path: path === '/' ? undefined : path,
    ManagedPolicyArns: [...attachedPolicies],
    Policies: Object.entries(inlinePolicies).map(([PolicyName, text]) => ({
      PolicyName,
      PolicyDocument: documentOf(text),
    })),
  })
}

function tagsOf({ tags }: { readonly tags: readonly Tag[] }) {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }))
}

/** A policy written out where that says all of it; else its text, to the letter. */
export function documentOf(text: string): Record<string, unknown> | string {
  const document = JSON.parse(text) as Record<string, unknown>
  return JSON.stringify(document) === text ? document : text
}
