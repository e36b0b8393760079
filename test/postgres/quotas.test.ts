import { KMSClient, CreateKeyCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import { HOME } from '../server.ts'
import { send, signRequest } from '../signed-request.ts'
import { recordsOf, startTogether, untilItself, untilRole, type Member } from './pair.ts'
import { POSTGRES_BIN, sharedPostgres } from './postgres.ts'

/** What AWS lets an account ask for in a second. */
const QUOTAS = { ListKeyPolicies: 100, GenerateDataKeyPairWithoutPlaintext: 5, DisableKey: 5 }
/** For how long is asked without a pause. */
const WINDOW_MS = 2000
/** How many requests are under way at once at each process. */
const AT_ONCE = 8

/** What became of requests that were made without a pause. */
interface Answers {
  readonly done: number
  readonly throttled: number
}

/** Asks some processes for the same, again and again. */
async function hammer(
  members: readonly Member[],
  operation: keyof typeof QUOTAS,
  KeyId: string,
): Promise<Answers & { readonly bound: number; readonly each: readonly Answers[] }> {
  const credentials = await (members[0] as Member).process.credentials()
  const begun = performance.now()
  const one = async ({ url }: Member): Promise<Answers> => {
    const request = await signRequest({
      url,
      credentials,
      region: HOME,
      target: `TrentService.${operation}`,
      body: JSON.stringify({ KeyId, ...(operation.includes('Pair') && { KeyPairSpec: 'ECC_NIST_P521' }) }),
    })
    let done = 0
    let throttled = 0
    const ask = async () => {
      while (performance.now() - begun < WINDOW_MS) {
        const { status, text } = await send(url, request)
        if (status === 200) done += 1
        else if (text.includes('ThrottlingException')) throttled += 1
        else throw new Error(text)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, ask))
    return { done, throttled }
  }
  const each = await Promise.all(members.map(one))
  const seconds = (performance.now() - begun) / 1000
  const sum = (what: keyof Answers) => each.reduce((total, answers) => total + answers[what], 0)
  const perSecond = QUOTAS[operation]
  // What is saved up, what the time has brought, and what each follower may owe.
  const owed = Math.floor(perSecond / 100) * (members.length - 1)
  return { done: sum('done'), throttled: sum('throttled'), bound: perSecond + perSecond * seconds + owed, each }
}

describe.skipIf(POSTGRES_BIN === null)('Three processes with the request quotas of AWS', { timeout: 90_000 }, () => {
  it('let an account through as often as one would, whichever of them it asks', async () => {
    await using pair = await startTogether(await (await sharedPostgres()).newDatabase(), '--throttle', 'aws')
    const { one, other } = pair
    const third = await pair.another()
    const followers = [other, third]
    for (const follower of followers) {
      follower.process.start().catch(() => {})
      await untilRole(follower, 'follower')
    }
    const credentials = await one.process.credentials()
    const kms = await one.client()
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? ''
    for (const follower of followers) {
      const client = new KMSClient({ region: HOME, endpoint: follower.url, credentials })
      await untilItself(follower, () => client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.of(1) })))
    }
    // Some are drawn, some are counted by the leader, some are done by it.
    for (const operation of Object.keys(QUOTAS) as (keyof typeof QUOTAS)[]) {
      const { done, throttled, bound, each } = await hammer([one, ...followers], operation, KeyId)
      expect(done, operation).toBeLessThanOrEqual(bound)
      // Nobody has all of it, and little of it is for nobody; a busy machine asks for less.
      const asked = done + throttled
      expect(done, operation).toBeGreaterThan(Math.min(bound / 2, asked * 0.9))
      if (operation === 'ListKeyPolicies') {
        for (const answers of each) expect(answers.done).toBeGreaterThan(Math.min(bound, asked) / 20)
      } else expect(throttled).toBeGreaterThan(0)
    }
    // They have answered by themselves.
    const own = async (member: Member) =>
      (await recordsOf(member, 'outbox')).filter((text) => text.includes('ListKeyPolicies')).length
    for (const follower of followers) expect(await own(follower)).toBeGreaterThan(20)
  })
})
