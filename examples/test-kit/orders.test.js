// node --test
import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { startKeyspan } from 'keyspan/testing'
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'

const seed = new URL('seed.yaml', import.meta.url)
let keyspan

before(async () => {
  keyspan = await startKeyspan({ seed })
})
after(() => keyspan.stop())
beforeEach(() => keyspan.reset())

const encrypt = (Plaintext) => new EncryptCommand({ KeyId: 'alias/orders', Plaintext: Buffer.from(Plaintext) })

test('what was written in one Region is read in another', async () => {
  const writer = keyspan.client(KMSClient, { as: 'writer' })
  const reader = keyspan.client(KMSClient, { as: 'reader', region: 'eu-west-1' })
  const { CiphertextBlob } = await writer.send(encrypt('an order'))
  const { Plaintext } = await reader.send(new DecryptCommand({ CiphertextBlob }))
  assert.equal(Buffer.from(Plaintext).toString(), 'an order')
})

test('who writes cannot read', async () => {
  const writer = keyspan.client(KMSClient, { as: 'writer' })
  const { CiphertextBlob } = await writer.send(encrypt('an order'))
  await assert.rejects(writer.send(new DecryptCommand({ CiphertextBlob })), { name: 'AccessDeniedException' })
  const { explained } = await keyspan.explainLast()
  assert.equal(explained.permissions[0].action, 'kms:Decrypt')
})
