import { askControl } from '../control.ts'
import type { Random } from '../random.ts'
import { AWAY, HOME, type TestServer } from '../server.ts'
import { send, signRequest } from '../signed-request.ts'
import { GUEST, OWNER, REGIONS, type Asker, type Target, type World } from './world.ts'

/** One question: who asks what of which key where. */
export interface Question {
  readonly asker: Asker
  readonly operation: string
  readonly region: string
  readonly body: Readonly<Record<string, unknown>>
}

/** An explanation that is not what happened. */
class Disagreement extends Error {}

const PLAIN = 'eA=='
const TAGS = [{ TagKey: 'team', TagValue: 'payments' }]

/** Requests that leave the world as it is, whether they are allowed or not. */
const REQUESTS: Readonly<Record<string, (key: string, target: Target, random: Random, world: World) => object>> = {
  CancelKeyDeletion: (KeyId) => ({ KeyId }),
  CreateAlias: (TargetKeyId, _target, random, { aliases }) => ({ AliasName: random.pick(aliases), TargetKeyId }),
  CreateGrant: (KeyId, _target, random, { askers }) => ({
    KeyId,
    GranteePrincipal: random.pick(askers).arn,
    Operations: random.once(2) ? ['Encrypt'] : ['Decrypt', 'RetireGrant'],
    ...(random.once(2) && { Constraints: { EncryptionContextSubset: contextOf(random) ?? { team: 'hr' } } }),
    DryRun: true,
  }),
  Decrypt: (KeyId, { ciphertext }, random) => ({
    ...(ciphertext === null || random.once(2) ? { KeyId } : {}),
    CiphertextBlob: ciphertext ?? PLAIN,
    EncryptionContext: contextOf(random),
  }),
  DeleteAlias: () => ({ AliasName: 'alias/not-there' }),
  DescribeKey: (KeyId) => ({ KeyId }),
  EnableKey: (KeyId) => ({ KeyId }),
  Encrypt: (KeyId, _target, random) => ({ KeyId, Plaintext: PLAIN, EncryptionContext: contextOf(random) }),
  GenerateDataKey: (KeyId, _target, random) => ({ KeyId, KeySpec: 'AES_256', EncryptionContext: contextOf(random) }),
  GenerateDataKeyWithoutPlaintext: (KeyId) => ({ KeyId, KeySpec: 'AES_256' }),
  GenerateMac: (KeyId) => ({ KeyId, Message: PLAIN, MacAlgorithm: 'HMAC_SHA_256' }),
  GenerateRandom: () => ({ NumberOfBytes: 1 }),
  GetKeyPolicy: (KeyId) => ({ KeyId }),
  GetKeyRotationStatus: (KeyId) => ({ KeyId }),
  GetPublicKey: (KeyId) => ({ KeyId }),
  ListAliases: (KeyId, _target, random) => (random.once(2) ? { KeyId } : {}),
  ListGrants: (KeyId) => ({ KeyId }),
  ListKeys: () => ({}),
  ListResourceTags: (KeyId) => ({ KeyId }),
  ReEncrypt: (SourceKeyId, { ciphertext }, random, { targets }) => ({
    ...(random.once(2) ? { SourceKeyId } : {}),
    DestinationKeyId: random.pick(targets).arn,
    CiphertextBlob: ciphertext ?? PLAIN,
    SourceEncryptionContext: contextOf(random),
    DestinationEncryptionContext: contextOf(random),
  }),
  ReplicateKey: (KeyId, _target, random) => ({
    KeyId,
    ReplicaRegion: random.pick(REGIONS),
    ...(random.once(3) && { Tags: TAGS }),
  }),
  RetireGrant: (_key, { arn, grantId }) => ({ KeyId: arn, GrantId: grantId ?? '0'.repeat(64), DryRun: true }),
  RevokeGrant: (KeyId, { grantId }) => ({ KeyId, GrantId: grantId ?? '0'.repeat(64), DryRun: true }),
  TagResource: (KeyId) => ({ KeyId, Tags: TAGS }),
  UntagResource: (KeyId) => ({ KeyId, TagKeys: ['absent'] }),
  UpdateKeyDescription: (KeyId) => ({ KeyId, Description: '' }),
  UpdatePrimaryRegion: (KeyId, { region }) => ({ KeyId, PrimaryRegion: region === HOME ? HOME : AWAY }),
}

function contextOf(random: Random): Readonly<Record<string, string>> | undefined {
  return random.once(4)
    ? undefined
    : random.pick([{ team: 'payments' }, { team: 'hr' }, { team: 'payments', order: '1' }])
}

/** A question of the world. */
export function questionOf(world: World, random: Random): Question {
  const operation = random.pick(Object.keys(REQUESTS))
  const target = random.pick(world.targets)
  const region = random.once(10) ? random.pick(REGIONS) : target.region
  const id = target.arn.replace(/^.*\//, '')
  const strange = `arn:aws:kms:${region}:${random.pick([OWNER, GUEST])}:key/${id}`
  const key = random.once(20) ? random.pick([...world.aliases, strange, 'absent']) : random.once(4) ? id : target.arn
  const body = REQUESTS[operation]?.(key, target, random, world) ?? {}
  return {
    asker: random.pick(world.askers),
    operation,
    region,
    body: JSON.parse(JSON.stringify(body)) as Question['body'],
  }
}

/**
 * Asks for an explanation, and then for the thing itself, which must agree.
 *
 * @returns what happened: `done`, or the code of the error
 */
export async function checkAgreement(
  server: TestServer,
  { asker, operation, region, body }: Question,
): Promise<string> {
  const asked = { as: asker.arn, operation, region, input: body, key: null }
  const { allowed, refusal, text } = await askHypothesis(server, asked)
  const signed = await signRequest({
    url: server.url,
    credentials: asker.credentials,
    region,
    target: `TrentService.${operation}`,
    body: JSON.stringify(body),
  })
  const answer = await send(server.url, signed)
  const code = answer.status === 200 ? 'done' : String((JSON.parse(answer.text) as { __type?: unknown }).__type)
  const isRefused = code === 'AccessDeniedException'
  const isForetold = refusal !== null ? code === refusal : isRefused === !allowed
  if (!isForetold) {
    const question = JSON.stringify({ ...asked, credentials: undefined })
    throw new Disagreement(
      `${question}\nended as ${code}: ${answer.text}\nand was foretold: ${refusal} ${allowed}\n${text}`,
    )
  }
  return code
}

async function askHypothesis(server: TestServer, asked: object) {
  return (await askControl(server, '/hypothesis', asked)) as {
    readonly allowed: boolean
    readonly refusal: string | null
    readonly text: string
  }
}
