import { CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam'
import { PutRolePolicyCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { KMSClient } from '@aws-sdk/client-kms'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { randomUUID } from 'node:crypto'
import type { TestServer } from '../server.ts'

/** Somebody with credentials of their own. */
export interface TestPrincipal {
  readonly name: string
  /** Of a role, the role's; its session's is what refusals print. */
  readonly arn: string
  readonly credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  /** AWS's own client for a Region, with these credentials. */
  kms(region: string): KMSClient
}

/** Makes users and roles in one account of a test server. */
export interface TestPrincipals {
  readonly iam: IAMClient
  /** A user, with a policy of its own where `PolicyDocument` gives one. */
  user(PolicyDocument?: string): Promise<TestPrincipal>
  /** A session of a new role of this name, with a policy of its own where `PolicyDocument` gives one. */
  role(RoleName: string, PolicyDocument?: string): Promise<TestPrincipal>
}

/** Works as the root user of `account`. */
export async function principalsOf(server: TestServer, region: string, account?: string): Promise<TestPrincipals> {
  const shared = { region, endpoint: server.url, maxAttempts: 1 }
  const iam = new IAMClient({ ...shared, credentials: await server.credentials(account) })

  async function user(PolicyDocument?: string) {
    const UserName = `user-${randomUUID()}`
    const { User } = await iam.send(new CreateUserCommand({ UserName }))
    if (PolicyDocument !== undefined) {
      await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'inline', PolicyDocument }))
    }
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
    const credentials = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
    const kms = (where: string) => new KMSClient({ ...shared, region: where, credentials })
    return { name: UserName, arn: User?.Arn ?? '', credentials, kms }
  }

  async function role(RoleName: string, PolicyDocument?: string) {
    const holder = await user(policyOf({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }))
    const trust = { Effect: 'Allow', Principal: { AWS: holder.arn }, Action: 'sts:AssumeRole' }
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policyOf(trust) }))
    if (PolicyDocument !== undefined) {
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'inline', PolicyDocument }))
    }
    const sts = new STSClient({ ...shared, credentials: holder.credentials })
    const { Credentials: given } = await sts.send(
      new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'session' }),
    )
    const credentials = {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    }
    const kms = (where: string) => new KMSClient({ ...shared, region: where, credentials })
    return { name: RoleName, arn: Role?.Arn ?? '', credentials, kms }
  }

  return { iam, user, role }
}

/** A policy of these statements, as text. */
export function policyOf(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}
