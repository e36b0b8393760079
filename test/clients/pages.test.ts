import {
  CreateAliasCommand,
  CreateKeyCommand,
  ListAliasesCommand,
  ListKeyPoliciesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAccount } from '../control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { kmsClient, refusalOf, refusalsOf } from './kms-client.ts'

const GUEST = '444455556666'

let server: TestServer
let kms: KMSClient
let KeyId: string
let Marker: string

const firstPage = async () => (await kms.send(new ListAliasesCommand({ KeyId, Limit: 1 }))).NextMarker ?? ''

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  await createAccount(server, GUEST)
  kms = await kmsClient(server, HOME)
  const Tags = [1, 2, 3].map((number) => ({ TagKey: `tag${number}`, TagValue: '' }))
  KeyId = (await kms.send(new CreateKeyCommand({ Tags }))).KeyMetadata?.KeyId ?? ''
  for (const AliasName of ['alias/one', 'alias/two']) {
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }))
  }
  Marker = await firstPage()
})
afterAll(() => server[Symbol.asyncDispose]())

const refused = { name: 'InvalidMarkerException', status: 400 }

describe('A marker', () => {
  it('leads on to the rest of its listing, also when it is used again', async () => {
    for (let time = 0; time < 2; time += 1) {
      const { Aliases, Truncated } = await kms.send(new ListAliasesCommand({ KeyId, Marker }))
      expect(Aliases?.map(({ AliasName }) => AliasName)).toEqual(['alias/two'])
      expect(Truncated).toBe(false)
    }
  })

  it('leads on after the server was started again', async () => {
    await server.restart()
    kms = await kmsClient(server, HOME)
    expect((await kms.send(new ListAliasesCommand({ KeyId, Marker }))).Aliases).toHaveLength(1)
  })

  it('leads through the tags of a key', async () => {
    const page = await kms.send(new ListResourceTagsCommand({ KeyId, Limit: 2 }))
    const rest = await kms.send(new ListResourceTagsCommand({ KeyId, Marker: page.NextMarker ?? '' }))
    expect([...(page.Tags ?? []), ...(rest.Tags ?? [])].map(({ TagKey }) => TagKey)).toEqual(['tag1', 'tag2', 'tag3'])
  })

  it('says nothing, and is another each time', async () => {
    expect(Buffer.from(Marker, 'base64').toString('latin1')).not.toMatch(/alias|List/)
    expect(await firstPage()).not.toBe(Marker)
  })

  it('is of no use to another operation, account or Region', async () => {
    const guest = await kmsClient(server, HOME, GUEST)
    const away = await kmsClient(server, AWAY)
    for (const refusal of await refusalsOf([
      kms.send(new ListKeysCommand({ Marker })),
      kms.send(new ListResourceTagsCommand({ KeyId, Marker })),
      kms.send(new ListKeyPoliciesCommand({ KeyId, Marker })),
      guest.send(new ListAliasesCommand({ Marker })),
      away.send(new ListAliasesCommand({ Marker })),
    ])) {
      expect(refusal).toMatchObject(refused)
    }
  })

  it('is refused once it is changed', async () => {
    const changed = `${Marker.startsWith('A') ? 'B' : 'A'}${Marker.slice(1)}`
    for (const wrong of [changed, Marker.slice(1), `${Marker} `]) {
      expect(await refusalOf(kms.send(new ListAliasesCommand({ Marker: wrong })))).toMatchObject(refused)
    }
  })
})
