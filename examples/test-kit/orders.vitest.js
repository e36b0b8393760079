// npx vitest run orders.vitest.js
import { DescribeKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms'
import { startKeyspan } from 'keyspan/testing'
import { expect, test } from 'vitest'

const seed = new URL('seed.yaml', import.meta.url)
const KeyId = 'mrk-1234abcd12ab34cd56ef1234567890ab'

test.concurrent('a key is deleted when its time has come', async () => {
  await using keyspan = await startKeyspan({ seed })
  const kms = keyspan.client(KMSClient, { region: 'eu-west-1' })
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  await keyspan.clock.advance('7d')
  await expect(kms.send(new DescribeKeyCommand({ KeyId }))).rejects.toThrow(/does not exist/)
})

test.concurrent('a description stays while a Region is cut off', async () => {
  await using keyspan = await startKeyspan({ seed })
  await keyspan.partition('us-east-1', 'eu-west-1')
  const kms = keyspan.client(KMSClient, { region: 'eu-west-1' })
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }))
  expect(KeyMetadata.MultiRegionConfiguration.PrimaryKey.Region).toBe('us-east-1')
})
