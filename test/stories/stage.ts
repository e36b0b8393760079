import {
  CreatePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetUserPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { CreateGrantCommand, CreateKeyCommand, GetKeyPolicyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms'
import { DescribePolicyCommand, OrganizationsClient, UpdatePolicyCommand } from '@aws-sdk/client-organizations'
import type { Explained, ExplainedPermission, PolicyRemedy, Remedy } from '../../src/kernel/explain/explained.ts'
import { kmsClient } from '../clients/kms-client.ts'
import { policyOf, principalsOf } from '../clients/principals.ts'
import { askControl, createAccount } from '../control.ts'
import { holdToPage } from './page.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'

export const OWNER = '111122223333'
export const GUEST = '444455556666'

/** What is read of a refusal. */
export interface Story {
  /** AWS's message. */
  readonly message: string
  readonly text: string
  readonly explained: Explained
}

/** A server with two accounts, and somebody who reads explanations and does what they say. */
export interface Stage extends AsyncDisposable {
  readonly server: TestServer
  /** Provokes a refusal, and reads why. */
  refused(request: Promise<unknown>): Promise<Story>
  /**
   * Applies the first remedy of every step, as printed.
   *
   * @returns the remedies that are for the request itself or its session to follow
   */
  apply(story: Story): Promise<readonly Remedy[]>
  /** Applies one of the remedies of its first permission. */
  applyOne(story: Story, remedy: Remedy): Promise<void>
  /** Holds a text to the page that shows it, under the name of its story. */
  show(name: string, story: Story): Promise<void>
  /** A key of an account, left to its policies; its ARN. */
  keyOf(account: string): Promise<string>
  /** Lets somebody take on a role. */
  trust(RoleName: string, principal: string): Promise<void>
}

export async function openStage(flags: Readonly<Record<string, unknown>> = {}): Promise<Stage> {
  const server = await startTestServer({ regions: `${HOME},${AWAY}`, ...flags })
  await createAccount(server, GUEST)
  return {
    server,
    async refused(request) {
      const error: unknown = await request.then(
        () => null,
        (reason: unknown) => reason,
      )
      if (!(error instanceof Error)) throw new Error('The request was not refused.')
      const { $metadata } = error as { $metadata?: { requestId?: string } }
      const told = await askControl(server, '/explain', { id: $metadata?.requestId })
      const story = { message: error.message, ...(told as Pick<Story, 'text' | 'explained'>) }
      if (process.env['KEYSPAN_SHOW'] === '1') console.log(`${story.message}\n\n${story.text}\n`)
      return story
    },
    async apply({ explained }) {
      const left: Remedy[] = []
      for (const permission of explained.permissions) {
        for (const { remedies } of permission.steps) {
          const [first] = remedies
          if (first !== undefined && !(await applyRemedy(server, permission, first))) left.push(first)
        }
      }
      return left
    },
    async applyOne({ explained: { permissions } }, remedy) {
      const [first] = permissions
      if (first === undefined || !(await applyRemedy(server, first, remedy))) throw new Error('It cannot be applied.')
    },
    show: (name, { text }) => holdToPage(name, text),
    async keyOf(account) {
      const kms = await kmsClient(server, HOME, account)
      return (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? ''
    },
    async trust(RoleName, principal) {
      const { iam } = await principalsOf(server, HOME)
      const PolicyDocument = policyOf({ Effect: 'Allow', Principal: { AWS: principal }, Action: 'sts:AssumeRole' })
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }))
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function applyRemedy(server: TestServer, permission: ExplainedPermission, remedy: Remedy): Promise<boolean> {
  switch (remedy.kind) {
    case 'policy':
      return applyToPolicy(server, permission, remedy)
    case 'put-again': {
      const { name, of = '' } = remedy.policy
      const renamed = (text: string) =>
        Object.entries(remedy.names).reduce((shown, [id, arn]) => shown.replaceAll(id, arn), text)
      if (name === 'key policy') await changeKeyPolicy(server, of, renamed)
      else await changeTrustPolicy(server, of, renamed)
      return true
    }
    case 'grant': {
      const kms = await clientFor(server, String(remedy.grant['KeyId']))
      const { KeyId, GranteePrincipal, Operations, Constraints } = remedy.grant as {
        KeyId: string
        GranteePrincipal: string
        Operations: ['Encrypt']
        Constraints?: { EncryptionContextSubset?: Record<string, string> }
      }
      await kms.send(new CreateGrantCommand({ KeyId, GranteePrincipal, Operations, Constraints }))
      return true
    }
    default:
      return false
  }
}

async function applyToPolicy(
  server: TestServer,
  { caller, resource }: ExplainedPermission,
  remedy: PolicyRemedy,
): Promise<boolean> {
  const { layer, name, of = '', arn, id } = remedy.policy
  const change = (text: string) => withStatement(text, remedy)
  if (layer === 'session') return false
  if (layer === 'resource') {
    await (name === 'key policy'
      ? changeKeyPolicy(server, of, change)
      : changeTrustPolicy(server, resource ?? '', change))
    return true
  }
  if (id !== undefined) {
    const credentials = await server.credentials()
    const organizations = new OrganizationsClient({ region: HOME, endpoint: server.url, credentials })
    const { Policy } = await organizations.send(new DescribePolicyCommand({ PolicyId: id }))
    await organizations.send(new UpdatePolicyCommand({ PolicyId: id, Content: change(Policy?.Content ?? '') }))
    return true
  }
  const { iam } = await principalsOf(server, HOME, accountOf(arn ?? caller))
  if (arn !== undefined) {
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }))
    const version = { PolicyArn: arn, VersionId: Policy?.DefaultVersionId }
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand(version))
    const PolicyDocument = change(decodeURIComponent(PolicyVersion?.Document ?? ''))
    await iam.send(new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument, SetAsDefault: true }))
    return true
  }
  if (name === null) {
    const fresh = { PolicyName: `remedy-${Math.random()}`, PolicyDocument: policyOf(remedy.statement) }
    const [, kind, who = ''] = /:(user|assumed-role)\/([^/]+)/.exec(caller) ?? []
    await (kind === 'user'
      ? iam.send(new PutUserPolicyCommand({ UserName: who, ...fresh }))
      : iam.send(new PutRolePolicyCommand({ RoleName: who, ...fresh })))
    return true
  }
  const UserName = of.replace(/^user /, '')
  const { PolicyDocument } = await iam.send(new GetUserPolicyCommand({ UserName, PolicyName: name }))
  const changed = { PolicyName: name, PolicyDocument: change(decodeURIComponent(PolicyDocument ?? '')) }
  await iam.send(new PutUserPolicyCommand({ UserName, ...changed }))
  return true
}

/** A policy with the statement of a remedy in its place. */
function withStatement(text: string, { index, statement }: PolicyRemedy): string {
  const document = JSON.parse(text) as { Statement: unknown }
  const statements = [document.Statement].flat()
  statements[index] = statement
  return JSON.stringify({ ...document, Statement: statements })
}

function accountOf(arn: string): string | undefined {
  const account = arn.split(':')[4]
  return account === OWNER ? undefined : account
}

async function clientFor(server: TestServer, arn: string) {
  return kmsClient(server, arn.split(':')[3] ?? '', accountOf(arn))
}

async function changeKeyPolicy(server: TestServer, KeyId: string, change: (text: string) => string): Promise<void> {
  const kms = await clientFor(server, KeyId)
  const { Policy = '' } = await kms.send(new GetKeyPolicyCommand({ KeyId }))
  await kms.send(new PutKeyPolicyCommand({ KeyId, Policy: change(Policy), BypassPolicyLockoutSafetyCheck: true }))
}

async function changeTrustPolicy(server: TestServer, role: string, change: (text: string) => string): Promise<void> {
  const { iam } = await principalsOf(server, HOME, accountOf(role))
  const RoleName = role.replace(/^.*\//, '')
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }))
  const PolicyDocument = change(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''))
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }))
}
