import {
  CreateKeyCommand,
  DescribeKeyCommand,
  ListKeysCommand,
  ReplicateKeyCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { KEYS_PER_REGION } from '../src/domain/limits.ts'
import { dataDirectory } from '../src/server/data/data-directory.ts'
import { kmsClient, refusalOf } from './clients/kms-client.ts'
import { createAccount } from './control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'

const OWNER = '111122223333'
const GUEST = '444455556666'

/** A server in one of whose Regions an account may have one more key. */
let server: TestServer
let home: KMSClient
let away: KMSClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  await createAccount(server, GUEST)
  home = await kmsClient(server, HOME)
  away = await kmsClient(server, AWAY)
  await away.send(new ListKeysCommand({}))
  // Keys that are only counted: to make them all by CreateKey would take minutes.
  using database = new DatabaseSync(dataDirectory(server.path).region(AWAY))
  database
    .prepare(
      `WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
       INSERT INTO key (account, id, record, unsettled) SELECT ?, 'counted-' || n, '{}', 0 FROM number`,
    )
    .run(KEYS_PER_REGION - 1, OWNER)
})
afterAll(() => server[Symbol.asyncDispose]())

const refusal = {
  name: 'LimitExceededException',
  message: `Account ${OWNER} has ${KEYS_PER_REGION} keys in ${AWAY} already.`,
  status: 400,
}

it('An account has as many keys in a Region as AWS allows, not counting those that AWS manages', async () => {
  await away.send(new DescribeKeyCommand({ KeyId: 'alias/aws/s3' }))
  await away.send(new CreateKeyCommand({}))
  expect(await refusalOf(away.send(new CreateKeyCommand({})))).toEqual(refusal)
  await away.send(new DescribeKeyCommand({ KeyId: 'alias/aws/ebs' }))
  await (await kmsClient(server, AWAY, GUEST)).send(new CreateKeyCommand({}))
})

it('A key is not replicated to a Region where its account has as many', async () => {
  const primary = async (client: KMSClient) =>
    (await client.send(new CreateKeyCommand({ MultiRegion: true }))).KeyMetadata?.KeyId
  const KeyId = await primary(home)
  const ReplicaRegion = AWAY
  expect(await refusalOf(home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion })))).toEqual(refusal)
  const guest = await kmsClient(server, HOME, GUEST)
  await guest.send(new ReplicateKeyCommand({ KeyId: await primary(guest), ReplicaRegion }))
})
