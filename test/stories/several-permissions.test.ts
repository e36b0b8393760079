import {
  CreateAliasCommand,
  CreateKeyCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ReplicateKeyCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, untilState } from '../clients/kms-client.ts'
import { policyOf, principalsOf, type TestPrincipals } from '../clients/principals.ts'
import { AWAY, HOME } from '../server.ts'
import { allow, byAccount, createKey, describeKey, encrypt } from './scene.ts'
import { openStage, OWNER, type Stage } from './stage.ts'

let stage: Stage
let owner: TestPrincipals

beforeAll(async () => {
  stage = await openStage()
  owner = await principalsOf(stage.server, HOME)
})
afterAll(() => stage[Symbol.asyncDispose]())

describe('The remedy that is printed', () => {
  it('is for all that the first multi-Region key of an account takes', async () => {
    const user = await owner.user()
    const create = () => user.kms(HOME).send(new CreateKeyCommand({ MultiRegion: true }))
    const story = await stage.refused(create())
    expect(story.explained.permissions.map(({ action }) => action)).toEqual([
      'kms:CreateKey',
      'iam:CreateServiceLinkedRole',
    ])
    expect(await stage.apply(story)).toEqual([])
    const { KeyMetadata } = await create()
    await stage.refused(describeKey(user.kms(HOME), KeyMetadata?.Arn ?? ''))
  })

  it('is for both permissions of CreateAlias', async () => {
    const user = await owner.user()
    const TargetKeyId = await createKey(stage.server)
    const create = (name: string) =>
      user.kms(HOME).send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId }))
    const story = await stage.refused(create('new'))
    await stage.show('CreateAlias', story)
    expect(await stage.apply(story)).toEqual([])
    await create('new')
    await stage.refused(create('other'))
  })

  it('is for both Regions of UpdatePrimaryRegion', async () => {
    const user = await owner.user()
    const key = await createKey(stage.server, { MultiRegion: true })
    await (await kmsClient(stage.server, HOME)).send(new ReplicateKeyCommand({ KeyId: key, ReplicaRegion: AWAY }))
    const away = await kmsClient(stage.server, AWAY)
    await untilState(away, key.replace(HOME, AWAY), 'Enabled')
    const update = () => user.kms(HOME).send(new UpdatePrimaryRegionCommand({ KeyId: key, PrimaryRegion: AWAY }))
    const story = await stage.refused(update())
    await stage.show('UpdatePrimaryRegion', story)
    expect(story.explained.permissions.map(({ region }) => region)).toEqual([HOME, AWAY])
    expect(await stage.apply(story)).toEqual([])
    await update()
    await stage.refused(describeKey(user.kms(HOME), key))
  })

  it('is for both keys of ReEncrypt', async () => {
    const user = await owner.user()
    const [from, to] = [await createKey(stage.server), await createKey(stage.server)]
    const { CiphertextBlob } = await encrypt(await kmsClient(stage.server, HOME), from)
    const again = (DestinationKeyId: string) =>
      user.kms(HOME).send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId }))
    const story = await stage.refused(again(to))
    await stage.show('ReEncrypt', story)
    expect(await stage.apply(story)).toEqual([])
    await again(to)
    await stage.refused(again(from))
  })

  it('is for the key here and the key to be made there, of ReplicateKey', async () => {
    const user = await owner.user()
    const KeyId = await createKey(stage.server, { MultiRegion: true })
    const replicate = () => user.kms(HOME).send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    const story = await stage.refused(replicate())
    expect(story.explained.permissions.map(({ action, region }) => `${action} ${region}`)).toEqual([
      `kms:ReplicateKey ${HOME}`,
      `kms:CreateKey ${AWAY}`,
    ])
    expect(await stage.apply(story)).toEqual([])
    await replicate()
    await stage.refused(describeKey(user.kms(HOME), KeyId))
  })

  it('says which principal of a policy is not there, and why', async () => {
    const absent = `arn:aws:iam::${OWNER}:role/Nobody`
    const key = await createKey(stage.server)
    const kms = await kmsClient(stage.server, HOME)
    const Policy = policyOf(byAccount, allow('kms:Encrypt', { Principal: { AWS: absent } }))
    const story = await stage.refused(kms.send(new PutKeyPolicyCommand({ KeyId: key, Policy })))
    await stage.show('a principal that is not there', story)
    expect(story.text).toContain(absent)
    await owner.role('Nobody')
    await kms.send(new PutKeyPolicyCommand({ KeyId: key, Policy }))
  })

  it('says which statement a policy lacks that locks its caller out', async () => {
    const user = await owner.user(policyOf(allow('kms:*')))
    const key = await createKey(stage.server)
    const put = (...statements: readonly object[]) =>
      user.kms(HOME).send(new PutKeyPolicyCommand({ KeyId: key, Policy: policyOf(...statements) }))
    const mine = allow('kms:Encrypt', { Principal: { AWS: user.arn } })
    const story = await stage.refused(put(mine))
    const [remedy] = story.explained.permissions[0]?.steps[0]?.remedies ?? []
    expect(remedy).toMatchObject({ kind: 'policy', change: 'replace', index: 0 })
    if (remedy?.kind === 'policy') await put(remedy.statement)
  })
})
