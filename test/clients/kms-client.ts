import { DescribeKeyCommand, KMSClient, KMSServiceException } from '@aws-sdk/client-kms'
import { setTimeout } from 'node:timers/promises'
import type { TestServer } from '../server.ts'

/** AWS's own client for a Region of a test server. */
export async function kmsClient(server: TestServer, region: string, account?: string): Promise<KMSClient> {
  return new KMSClient({
    region,
    endpoint: server.url,
    credentials: await server.credentials(account),
    maxAttempts: 1,
  })
}

/** What a request is refused with. */
export async function refusalOf(request: Promise<unknown>): Promise<{ name: string; message: string; status: number }> {
  try {
    await request
  } catch (error) {
    if (!(error instanceof KMSServiceException)) throw error
    return { name: error.name, message: error.message, status: error.$metadata.httpStatusCode ?? 0 }
  }
  throw new Error('The request was not refused.')
}

/** How each of the requests under way was refused. All are listened to from now on: none fails unheard. */
export function refusalsOf(requests: readonly Promise<unknown>[]) {
  return Promise.all(requests.map((request) => refusalOf(request)))
}

/** Waits until a key is in a state: related keys hear of each other a moment after the answer. */
export async function untilState(client: KMSClient, keyId: string, state: string): Promise<void> {
  const deadline = Date.now() + 20_000
  for (;;) {
    const found = await client.send(new DescribeKeyCommand({ KeyId: keyId })).catch(() => null)
    if (found?.KeyMetadata?.KeyState === state) return
    if (Date.now() > deadline) throw new Error(`${keyId} is ${String(found?.KeyMetadata?.KeyState)}, not ${state}.`)
    await setTimeout(20)
  }
}
