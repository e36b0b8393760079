import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSServiceException } from '@aws-sdk/client-kms'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { auditLog } from '../audit-log.ts'
import { createAccount } from '../control.ts'
import { AWAY, HOME, startTestServer } from '../server.ts'
import { kmsClient, refusalOf } from './kms-client.ts'

const GUEST = '444455556666'
const TIMES = 40

const throttled = {
  name: 'ThrottlingException',
  message: 'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
  status: 400,
}

/** The names of the errors of many requests at once. */
async function sendOften(send: () => Promise<unknown>): Promise<readonly string[]> {
  const results = await Promise.allSettled(Array.from({ length: TIMES }, send))
  return results.flatMap((result) =>
    result.status === 'rejected' && result.reason instanceof KMSServiceException ? [result.reason.name] : [],
  )
}

describe('A server with the request quotas of AWS', () => {
  it('refuses an account that asks too often, until it has waited', async () => {
    await using server = await startTestServer({ regions: `${HOME},${AWAY}`, throttle: 'aws' })
    await createAccount(server, GUEST)
    const kms = await kmsClient(server, HOME)
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? ''
    const disable = () => kms.send(new DisableKeyCommand({ KeyId }))
    const refused = await sendOften(disable)
    expect(new Set(refused)).toEqual(new Set([throttled.name]))
    expect(TIMES - refused.length).toBeGreaterThanOrEqual(5)
    // One more is let through only where a fifth of a second has passed.
    const [, last] = await Promise.allSettled([disable(), refusalOf(disable())])
    expect(last).toMatchObject({ status: 'fulfilled', value: throttled })

    // Not another operation, and nobody and nowhere else.
    await kms.send(new EnableKeyCommand({ KeyId }))
    for (const client of [await kmsClient(server, HOME, GUEST), await kmsClient(server, AWAY)]) {
      const request = client.send(new DisableKeyCommand({ KeyId }))
      expect((await refusalOf(request)).name).not.toBe(throttled.name)
    }
    await setTimeout(400)
    await disable()

    expect(await auditLog(server, HOME)).toContain('"errorCode":"ThrottlingException"')
  })
})

describe('A server as it comes', () => {
  it('has no request quotas', async () => {
    await using server = await startTestServer({ regions: HOME })
    const kms = await kmsClient(server, HOME)
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? ''
    expect(await sendOften(() => kms.send(new DisableKeyCommand({ KeyId })))).toEqual([])
  })
})
