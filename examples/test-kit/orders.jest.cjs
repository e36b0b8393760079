// npx jest --testMatch '**/*.jest.cjs'
const { EncryptCommand, KMSClient } = require('@aws-sdk/client-kms')
const { startKeyspan } = require('keyspan/testing')

let keyspan
beforeAll(async () => {
  keyspan = await startKeyspan({ seed: `${__dirname}/seed.yaml` })
})
afterAll(() => keyspan.stop())
beforeEach(() => keyspan.reset())

test('who reads cannot write', async () => {
  const reader = keyspan.client(KMSClient, { as: 'reader' })
  const encrypt = new EncryptCommand({ KeyId: 'alias/orders', Plaintext: Buffer.from('an order') })
  await expect(reader.send(encrypt)).rejects.toThrow('not authorized to perform: kms:Encrypt')
})
