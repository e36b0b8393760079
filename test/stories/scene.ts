import {
  CreateKeyCommand,
  DescribeKeyCommand,
  EncryptCommand,
  type CreateKeyCommandInput,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { kmsClient } from '../clients/kms-client.ts'
import { HOME, type TestServer } from '../server.ts'
import { OWNER } from './stage.ts'

/** The root user of an account, as policies name it. */
export const root = (account: string) => `arn:aws:iam::${account}:root`

/** A statement that allows something. */
export const allow = (Action: string | readonly string[], more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
})

/** A statement that denies something. */
export const deny = (Action: string | readonly string[], more: object = {}) => ({
  ...allow(Action, more),
  Effect: 'Deny',
})

/** The statement of a key policy that leaves the key to its account. */
export const byAccount = allow('kms:*', { Principal: { AWS: root(OWNER) } })

/** A condition on the encryption context. */
export const inTeam = (value: string) => ({ Condition: { StringEquals: { 'kms:EncryptionContext:team': value } } })

/** A key of the owner; its ARN. */
export async function createKey(server: TestServer, input: Partial<CreateKeyCommandInput> = {}): Promise<string> {
  const kms = await kmsClient(server, HOME)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ ...input, BypassPolicyLockoutSafetyCheck: true }))
  return KeyMetadata?.Arn ?? ''
}

export const encrypt = (kms: KMSClient, KeyId: string, EncryptionContext: Record<string, string> = {}) =>
  kms.send(new EncryptCommand({ KeyId, EncryptionContext, Plaintext: Buffer.from('x') }))

export const describeKey = (kms: KMSClient, KeyId: string) => kms.send(new DescribeKeyCommand({ KeyId }))
