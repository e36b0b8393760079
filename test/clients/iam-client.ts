import { IAMClient, IAMServiceException } from '@aws-sdk/client-iam'
import type { TestServer } from '../server.ts'

/** AWS's own client for IAM on a test server. */
export async function iamClient(server: TestServer, account?: string): Promise<IAMClient> {
  return new IAMClient({
    region: 'us-east-1',
    endpoint: server.url,
    credentials: await server.credentials(account),
    maxAttempts: 1,
  })
}

/** What a request to IAM is refused with: `code` as the wire spells it. */
export async function iamRefusal(
  request: Promise<unknown>,
): Promise<{ code: string; message: string; status: number }> {
  try {
    await request
  } catch (error) {
    if (!(error instanceof IAMServiceException)) throw error
    const { Code, message } = error as { Code?: string; message: string }
    return { code: Code ?? error.name, message, status: error.$metadata.httpStatusCode ?? 0 }
  }
  throw new Error('The request was not refused.')
}
