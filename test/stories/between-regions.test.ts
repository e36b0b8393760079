import { CreateGrantCommand, ReplicateKeyCommand, type KMSClient } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, untilState } from '../clients/kms-client.ts'
import { policyOf, principalsOf, type TestPrincipals } from '../clients/principals.ts'
import { AWAY, HOME } from '../server.ts'
import { allow, byAccount, createKey, describeKey, encrypt } from './scene.ts'
import { openStage, type Stage } from './stage.ts'

let stage: Stage
let owner: TestPrincipals
let home: KMSClient

beforeAll(async () => {
  stage = await openStage()
  owner = await principalsOf(stage.server, HOME)
  home = await kmsClient(stage.server, HOME)
})
afterAll(() => stage[Symbol.asyncDispose]())

/** A key and its replica, whose policy leaves it to the account. */
async function family(...statements: readonly object[]): Promise<{ key: string; replica: string }> {
  const key = await createKey(stage.server, { MultiRegion: true, Policy: policyOf(byAccount, ...statements) })
  await home.send(new ReplicateKeyCommand({ KeyId: key, ReplicaRegion: AWAY, Policy: policyOf(byAccount) }))
  const replica = key.replace(HOME, AWAY)
  await untilState(await kmsClient(stage.server, AWAY), replica, 'Enabled')
  return { key, replica }
}

describe('The remedy that is printed', () => {
  it('makes a grant in the Region that is asked', async () => {
    const user = await owner.user()
    const { key, replica } = await family()
    const grant = { KeyId: key, GranteePrincipal: user.arn, Operations: ['Encrypt' as const, 'Decrypt' as const] }
    const Constraints = { EncryptionContextSubset: { team: 'payments' } }
    await home.send(new CreateGrantCommand({ ...grant, Constraints }))
    const story = await stage.refused(encrypt(user.kms(AWAY), replica, { team: 'payments' }))
    await stage.show('a grant in another Region', story)
    expect(await stage.apply(story)).toEqual([])
    await encrypt(user.kms(AWAY), replica, { team: 'payments' })
    await stage.refused(encrypt(user.kms(AWAY), replica))
  })

  it('puts the statement of the related key into the policy here, as much of it as is asked', async () => {
    const user = await owner.user()
    const Principal = { AWS: user.arn }
    const Condition = { StringEquals: { 'kms:EncryptionContext:team': 'payments' } }
    const { key, replica } = await family({
      Sid: 'App',
      ...allow(['kms:Encrypt', 'kms:Decrypt'], { Principal, Condition }),
    })
    await encrypt(user.kms(HOME), key, { team: 'payments' })
    const story = await stage.refused(encrypt(user.kms(AWAY), replica, { team: 'payments' }))
    await stage.show('a replica that has drifted', story)
    expect(await stage.apply(story)).toEqual([])
    await encrypt(user.kms(AWAY), replica, { team: 'payments' })
    await stage.refused(encrypt(user.kms(AWAY), replica))
    await stage.refused(describeKey(user.kms(AWAY), replica))
  })
})
