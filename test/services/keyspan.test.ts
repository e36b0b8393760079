import { CreateKeyCommand, EncryptCommand, KMSServiceException } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient } from '../clients/kms-client.ts'
import { createAccount } from '../control.ts'
import { HOME, startTestServer, type TestServer } from '../server.ts'
import { send, signRequest } from '../signed-request.ts'

const GUEST = '444455556666'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({ regions: HOME })
  await createAccount(server, GUEST)
})
afterAll(() => server[Symbol.asyncDispose]())

async function ask(RequestId: string, account?: string) {
  const request = await signRequest({
    url: server.url,
    credentials: await server.credentials(account),
    service: 'keyspan',
    path: '/explain',
    body: JSON.stringify({ RequestId }),
  })
  const { status, text } = await send(server.url, request)
  return { status, answer: JSON.parse(text) as { Text?: string; message?: string } }
}

/** The guest asks for the owner's key, and is refused. */
async function refusedRequest(): Promise<string> {
  const owner = await kmsClient(server, HOME)
  const guest = await kmsClient(server, HOME, GUEST)
  const { KeyMetadata } = await owner.send(new CreateKeyCommand({}))
  try {
    await guest.send(new EncryptCommand({ KeyId: KeyMetadata?.Arn, Plaintext: Buffer.from('x') }))
  } catch (error) {
    if (error instanceof KMSServiceException) return error.$metadata.requestId ?? ''
  }
  throw new Error('The guest was not refused.')
}

describe('POST /explain', () => {
  it('tells the account whose key was asked for why another was refused', async () => {
    const { status, answer } = await ask(await refusedRequest())
    expect(status).toBe(200)
    expect(answer.Text).toContain('REFUSED  kms:Encrypt')
    expect(answer.Text).toContain(`arn:aws:iam::${GUEST}:root`)
  })

  it('tells the other account nothing: it would read the key’s policy', async () => {
    const { status, answer } = await ask(await refusedRequest(), GUEST)
    expect(status).toBe(404)
    expect(answer.message).toContain('No refusal of request')
    expect(await ask('unknown')).toMatchObject({ status: 404 })
  })
})
