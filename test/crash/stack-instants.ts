import {
  CreateStackCommand,
  DeleteStackCommand,
  ListStacksCommand,
  UpdateStackCommand,
  type CloudFormationClient,
} from '@aws-sdk/client-cloudformation'
import { IAMClient, ListRolesCommand, ListUsersCommand } from '@aws-sdk/client-iam'
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { readConfig } from '../../src/server/config/config.ts'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { startServer } from '../../src/server/start.ts'
import { aliasResource, keyResource, stacksOf, type TestStacks } from '../clients/stacks.ts'
import { copyInstants } from './instants.ts'

const HERE = 'us-east-1'
const AWAY = 'eu-west-1'
const StackName = 'killed'

/** What there is in the account, in the stack's Region. None of it was made but by the stack. */
type Inventory = Readonly<Record<'keys' | 'aliases' | 'roles' | 'users', readonly string[]>>

const NOTHING: Inventory = { keys: [], aliases: [], roles: [], users: [] }

const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'sts:AssumeRole' }],
}

/** Things in the stack's own store, in the one that belongs to no Region, and in another Region's, one after the other. */
function templateOf(name: string, primary: string, more: object = {}): object {
  const { Properties } = keyResource()
  return {
    Resources: {
      Key: keyResource({ Description: name, EnableKeyRotation: true }),
      Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust }, DependsOn: 'Key' },
      Alias: { ...aliasResource(`alias/${name}`), DependsOn: 'Role' },
      Replica: {
        Type: 'AWS::KMS::ReplicaKey',
        Properties: { ...(Properties as object), PrimaryKeyArn: primary },
        DependsOn: 'Alias',
      },
      User: { Type: 'AWS::IAM::User', DependsOn: 'Replica' },
      ...more,
    },
  }
}

const bad = { Bad: { ...aliasResource('alias/aws/never'), DependsOn: 'User' } }

/** What is asked for one after the other, and how the stack may stand after a kill: as before, or as it is to be. */
const PHASES: readonly {
  readonly what: string
  readonly ask: (client: CloudFormationClient, primary: string) => Promise<unknown>
  readonly ends: readonly string[]
}[] = [
  {
    what: 'made',
    ask: (client, primary) => client.send(new CreateStackCommand(inputOf(templateOf('one', primary)))),
    ends: ['none', 'CREATE_COMPLETE'],
  },
  {
    what: 'undone',
    ask: (client, primary) => client.send(new UpdateStackCommand(inputOf(templateOf('two', primary, bad)))),
    ends: ['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'],
  },
  {
    what: 'changed',
    ask: (client, primary) => client.send(new UpdateStackCommand(inputOf(templateOf('three', primary)))),
    ends: ['UPDATE_ROLLBACK_COMPLETE', 'UPDATE_COMPLETE'],
  },
  {
    what: 'deleted',
    ask: (client) => client.send(new DeleteStackCommand({ StackName })),
    ends: ['UPDATE_COMPLETE', 'DELETE_COMPLETE'],
  },
]

function inputOf(template: object) {
  const Capabilities: 'CAPABILITY_NAMED_IAM'[] = ['CAPABILITY_NAMED_IAM']
  return { StackName, TemplateBody: JSON.stringify(template), Capabilities }
}

/** A server, as the clients of its first account see it. */
interface Clients {
  readonly stacks: TestStacks
  readonly kms: KMSClient
  readonly away: KMSClient
  readonly iam: IAMClient
}

async function serve<Result>(data: string, work: (clients: Clients) => Promise<Result>): Promise<Result> {
  const config = readConfig({ data, port: 0, dev: true }, {})
  const server = await startServer(config, pino({ level: 'silent' }))
  try {
    const text = await readFile(dataDirectory(data).credentials, 'utf8')
    const [, accessKeyId = '', secretAccessKey = ''] = /key_id = (.*)\n.*access_key = (.*)\n/.exec(text) ?? []
    const credentials = { accessKeyId, secretAccessKey }
    const shared = { endpoint: server.url, credentials, maxAttempts: 1 }
    return await work({
      stacks: stacksOf(server, HERE, credentials),
      kms: new KMSClient({ ...shared, region: HERE }),
      away: new KMSClient({ ...shared, region: AWAY }),
      iam: new IAMClient({ ...shared, region: HERE }),
    })
  } finally {
    await server.stop()
  }
}

/**
 * Makes a stack, changes it in vain, changes it, and deletes it, and looks from each instant of that what a start makes
 * of a kill: what was begun is done to its end, once.
 *
 * @param every of so many instants one is looked at
 * @returns how many were
 */
export async function killStacks(every: number): Promise<number> {
  const root = await mkdtemp(join(tmpdir(), 'keyspan-'))
  const path = join(root, 'data')
  try {
    const primary = await serve(path, async ({ away }) => {
      const { KeyMetadata } = await away.send(new CreateKeyCommand({ MultiRegion: true }))
      return KeyMetadata?.Arn ?? ''
    })
    let looked = 0
    for (const [index, { what, ask, ends }] of PHASES.entries()) {
      const work = () =>
        serve(path, async ({ stacks }) => {
          await ask(stacks.client, primary)
          await endOf(stacks)
        })
      // The trees of the audit logs grow beside it, and have tests of their own.
      const isCounted = (file: string) => !file.startsWith(join(path, 'trees'))
      const choice = { every, from: index % every, isCounted }
      const { paths, count } = await copyInstants(path, join(root, String(index)), work, choice)
      assert.ok(count > 20, `only ${count} instants`)
      for (const instant of paths) {
        await look(instant, ends).catch((error: unknown) => {
          throw new Error(`A stack that is ${what}, killed at ${instant}`, { cause: error })
        })
        looked += 1
      }
    }
    return looked
  } finally {
    await rm(root, { recursive: true })
  }
}

/** Looks at what a start makes of what a kill has left. */
async function look(path: string, ends: readonly string[]): Promise<void> {
  await serve(path, async (clients) => {
    const status = await endOf(clients.stacks)
    assert.ok(ends.includes(status), `the stack is in ${status}`)
    const isThere = status !== 'none' && status !== 'DELETE_COMPLETE'
    assert.deepEqual(await inventory(clients), isThere ? await expected(clients, status) : NOTHING)
  })
  const data = dataDirectory(path)
  for (const file of [data.global, data.region(HERE), data.region(AWAY)]) {
    const database = new DatabaseSync(file, { readOnly: true })
    assert.deepEqual(database.prepare('select name from receipt').all(), [], `receipts in ${file}`)
    database.close()
  }
}

/** Waits until nothing is done to the stack, and says how it stands. */
async function endOf(stacks: TestStacks): Promise<string> {
  const { StackSummaries } = await stacks.client.send(new ListStacksCommand({}))
  const [found] = StackSummaries ?? []
  return found?.StackId === undefined ? 'none' : ((await stacks.settled(found.StackId)).StackStatus ?? '')
}

async function expected({ stacks }: Clients, status: string): Promise<Inventory> {
  const { Key = '', Replica = '', Role = '', User = '' } = await stacks.made(StackName)
  return {
    keys: [Key, Replica].toSorted(),
    aliases: [status === 'UPDATE_COMPLETE' ? 'alias/three' : 'alias/one'],
    roles: [Role],
    users: [User],
  }
}

async function inventory({ kms, iam }: Clients): Promise<Inventory> {
  const { Keys } = await kms.send(new ListKeysCommand({}))
  const keys = await Promise.all((Keys ?? []).map(({ KeyId }) => kms.send(new DescribeKeyCommand({ KeyId }))))
  const { Aliases } = await kms.send(new ListAliasesCommand({}))
  const { Roles } = await iam.send(new ListRolesCommand({}))
  const { Users } = await iam.send(new ListUsersCommand({}))
  const named = (Aliases ?? []).filter(({ TargetKeyId }) => TargetKeyId !== undefined)
  return {
    keys: keys.flatMap(({ KeyMetadata: key }) => (key?.KeyState === 'Enabled' ? [key.KeyId ?? ''] : [])).toSorted(),
    aliases: named.map(({ AliasName = '' }) => AliasName),
    roles: (Roles ?? []).filter(({ Path }) => Path === '/').map(({ RoleName = '' }) => RoleName),
    users: (Users ?? []).map(({ UserName = '' }) => UserName),
  }
}
