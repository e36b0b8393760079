import { CreateUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  EncryptCommand,
  KMSClient,
  ListAliasesCommand,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms'
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { createServerProcessIn, type ServerProcess } from '../server-process.ts'
import { readRecords } from './records.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'

const REGION = 'us-east-1'
const DISK_MEGABYTES = 48
/** How many requests meet the full disk at a time, and how often. */
const TOGETHER = 10
const BATCHES = 6
/** Room that comes is found by then, in milliseconds. */
const ROOM_MS = 10_000

/** What was asked for while the disk was full. */
interface Asked {
  /** The name of what was to be made. */
  readonly name: string
  readonly outcome: 'done' | 'failed' | 'uncertain'
  readonly requestId: string
}

/** What a full disk has come to: what was answered as failed has not happened, and what happened has one record. */
export interface FullDiskReport {
  readonly asked: number
  readonly failed: number
  readonly uncertain: number
}

/**
 * Fills the disk of a server under load and makes room again: without a restart, and then once more with the server
 * killed in between.
 *
 * @returns null where there is no disk to fill
 * @throws Error that says what is lost, or has happened although it was answered as failed
 */
export async function fillDisks(rounds: number): Promise<FullDiskReport | null> {
  await using disk = await mountSmallDisk(DISK_MEGABYTES)
  if (disk === null) return null
  await using server = await createServerProcessIn(disk.path, { KEYSPAN_LOG: 'silent' }, '--regions', REGION)
  await server.start()
  const asked: Asked[] = []
  for (let round = 0; round < rounds; round += 1) {
    await wearIn(server)
    for (const isKilled of [false, true]) {
      const met = await meetFullDisk(server, disk, isKilled)
      await verify(server, met)
      asked.push(...met)
    }
  }
  const count = (outcome: Asked['outcome']): number => asked.filter((each) => each.outcome === outcome).length
  return { asked: asked.length, failed: count('failed'), uncertain: count('uncertain') }
}

async function clientsOf(server: ServerProcess) {
  const settings = { region: REGION, endpoint: server.url, credentials: await server.credentials(), maxAttempts: 1 }
  return { kms: new KMSClient(settings), iam: new IAMClient(settings) }
}

/** Lets the write-ahead log reach its size: from then on a database goes on for a while on a full disk. */
async function wearIn(server: ServerProcess): Promise<void> {
  const { kms } = await clientsOf(server)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const Statement = {
    Sid: 'x'.repeat(25_000),
    Effect: 'Allow',
    Principal: { AWS: '111122223333' },
    Action: 'kms:*',
    Resource: '*',
  }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  for (let count = 0; count < 150; count += 1) {
    await kms.send(new PutKeyPolicyCommand({ KeyId: KeyMetadata?.KeyId, Policy }))
  }
  kms.destroy()
}

async function meetFullDisk(server: ServerProcess, disk: SmallDisk, isKilled: boolean): Promise<readonly Asked[]> {
  const { kms, iam } = await clientsOf(server)
  const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId
  disk.fill()
  const asked: Asked[] = []
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const requests = Array.from({ length: TOGETHER }, async (_, index) => {
      const name = randomUUID()
      const AliasName = `alias/${name}`
      const request =
        index % 3 === 0
          ? iam.send(new CreateUserCommand({ UserName: name }))
          : kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }))
      asked.push({ name, ...(await outcomeOf(request)) })
      await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from(name) })).catch(() => {})
    })
    await Promise.all(requests)
  }
  if (isKilled) {
    await server.kill()
    disk.makeRoom()
    await server.start()
  } else {
    disk.makeRoom()
    const deadline = Date.now() + ROOM_MS
    const isBack = () =>
      kms.send(new CreateKeyCommand({})).then(
        () => true,
        () => false,
      )
    while (!(await isBack())) {
      if (Date.now() > deadline) throw new Error('There is room again, and the server still refuses')
      await setTimeout(50)
    }
  }
  kms.destroy()
  iam.destroy()
  return asked
}

async function outcomeOf(request: Promise<Answered>): Promise<Pick<Asked, 'outcome' | 'requestId'>> {
  try {
    return { outcome: 'done', requestId: (await request).$metadata.requestId ?? '' }
  } catch (error) {
    const { message, $metadata } = error as Error & Answered
    if ($metadata?.requestId === undefined) throw error
    const outcome = message.includes('may have been carried out') ? 'uncertain' : 'failed'
    return { outcome, requestId: $metadata.requestId }
  }
}

interface Answered {
  readonly $metadata: { readonly requestId?: string | undefined }
}

async function verify(server: ServerProcess, asked: readonly Asked[]): Promise<void> {
  const made = await namesOf(server)
  // What was refused for want of room has been settled before anything else was made.
  const recorded = new Set<string>()
  for (const log of [REGION, 'global']) {
    for (const requestId of (await readRecords(server.path, log)).succeeded) recorded.add(requestId)
  }
  for (const { name, outcome, requestId } of asked) {
    if (outcome === 'done' && !made.has(name)) throw new Error(`${name} was made, and is lost`)
    if (outcome === 'failed' && made.has(name)) throw new Error(`${name} was refused, and was made`)
    if (made.has(name) !== recorded.has(requestId)) {
      throw new Error(`${name} is ${made.has(name) ? 'made and not' : 'not made and'} recorded`)
    }
  }
}

/** The names of all aliases and users. */
async function namesOf(server: ServerProcess): Promise<ReadonlySet<string>> {
  const { kms, iam } = await clientsOf(server)
  const names = new Set<string>()
  for (let Marker: string | undefined; ;) {
    const { Aliases = [], NextMarker } = await kms.send(new ListAliasesCommand({ Marker, Limit: 100 }))
    for (const { AliasName = '' } of Aliases) names.add(AliasName.replace('alias/', ''))
    Marker = NextMarker
    if (Marker === undefined) break
  }
  for (let Marker: string | undefined; ;) {
    const { Users = [], Marker: next } = await iam.send(new ListUsersCommand({ Marker, MaxItems: 1000 }))
    for (const { UserName = '' } of Users) names.add(UserName)
    Marker = next
    if (Marker === undefined) break
  }
  kms.destroy()
  iam.destroy()
  return names
}
