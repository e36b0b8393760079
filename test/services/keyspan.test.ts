import {
  CreateKeyCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSServiceException,
  type CreateKeyCommandOutput,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient } from '../clients/kms-client.ts'
import { policyOf, principalsOf } from '../clients/principals.ts'
import { createAccount } from '../control.ts'
import { HOME, startTestServer, type TestServer } from '../server.ts'
import { send, signRequest } from '../signed-request.ts'

const GUEST = '444455556666'
const OTHER = '777788889999'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({ regions: HOME })
  await createAccount(server, GUEST)
  await createAccount(server, OTHER)
})
afterAll(() => server[Symbol.asyncDispose]())

async function ask(RequestId: string, account?: string) {
  const request = await signRequest({
    url: server.url,
    credentials: await server.credentials(account),
    service: 'keyspan',
    path: '/explain',
    body: JSON.stringify({ RequestId, Verbose: true }),
  })
  const { status, text } = await send(server.url, request)
  return { status, answer: JSON.parse(text) as { Text?: string; message?: string } }
}

const encryptWith = ({ KeyMetadata }: CreateKeyCommandOutput) =>
  new EncryptCommand({ KeyId: KeyMetadata?.Arn, Plaintext: Buffer.from('x') })

/** Under this a refusal is remembered. */
async function refusedId(request: Promise<unknown>): Promise<string> {
  const error: unknown = await request.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof KMSServiceException) return error.$metadata.requestId ?? ''
  throw new Error('The request was not refused.')
}

/** The guest asks for the owner's key, and is refused. */
async function refusedRequest(): Promise<string> {
  const owner = await kmsClient(server, HOME)
  const guest = await kmsClient(server, HOME, GUEST)
  const created = await owner.send(new CreateKeyCommand({}))
  return refusedId(guest.send(encryptWith(created)))
}

describe('POST /explain', () => {
  it('tells the account whose key was asked for why another was refused', async () => {
    const { status, answer } = await ask(await refusedRequest())
    expect(status).toBe(200)
    expect(answer.Text).toContain('REFUSED  kms:Encrypt')
    expect(answer.Text).toContain(`arn:aws:iam::${GUEST}:root`)
  })

  it('shows it nothing of the other account’s own side', async () => {
    const owner = await kmsClient(server, HOME)
    const guests = await principalsOf(server, HOME, GUEST)
    const secretive = await guests.user(
      policyOf({ Sid: 'Secret', Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*' }),
    )
    const byAccount = (account: string) => ({
      Effect: 'Allow',
      Principal: { AWS: account },
      Action: 'kms:*',
      Resource: '*',
    })
    const closed = await owner.send(new CreateKeyCommand({}))
    const open = await owner.send(
      new CreateKeyCommand({ Policy: policyOf(byAccount('111122223333'), byAccount(GUEST)) }),
    )
    const asked = await refusedId(secretive.kms(HOME).send(encryptWith(closed)))
    const byKey = (await ask(asked)).answer.Text ?? ''
    expect(byKey).toContain('Identity-based policies: of another account, and not shown')
    expect(byKey).toContain('Remedy:  Add this statement to the key policy:')
    expect(byKey).not.toContain('Secret')
    const described = await refusedId(
      secretive.kms(HOME).send(new DescribeKeyCommand({ KeyId: open.KeyMetadata?.Arn })),
    )
    const byCaller = (await ask(described)).answer.Text ?? ''
    expect(byCaller).toContain(`Account ${GUEST} does not let it, and what its side says is not shown.`)
    expect(byCaller).not.toContain('identity-based policy allows')
    expect(byCaller).not.toContain('Secret')
  })

  it('tells the other account how far it goes itself, and nothing of the key’s policy', async () => {
    const { status, answer } = await ask(await refusedRequest(), GUEST)
    expect(status).toBe(200)
    expect(answer.Text).toContain(`arn:aws:iam::${GUEST}:root may do this.`)
    expect(answer.Text).not.toContain('statement 0')
  })

  it('tells a third account nothing', async () => {
    const { status, answer } = await ask(await refusedRequest(), OTHER)
    expect(status).toBe(404)
    expect(answer.message).toContain('No refusal of request')
  })
})
