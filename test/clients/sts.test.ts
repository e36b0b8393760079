import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOME, startTestServer, type TestServer } from '../server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({ regions: HOME })
})
afterAll(() => server[Symbol.asyncDispose]())

describe('GetCallerIdentity', () => {
  it('names the root user of the account', async () => {
    const credentials = await server.credentials()
    const sts = new STSClient({ region: HOME, endpoint: server.url, credentials })
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '111122223333',
      UserId: '111122223333',
      Arn: 'arn:aws:iam::111122223333:root',
    })
  })
})
