import { GenerateRandomCommand, KMSServiceException } from '@aws-sdk/client-kms'
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  IAMClient,
  IAMServiceException,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam'
import { createClient, isUnavailable, isUnsure, spread, type Credentials } from './client.ts'
import type { Visit } from './plan.ts'
import { count, Violation, type World } from './world.ts'

/** A user who was given an access key. */
export interface Visitor extends Credentials {
  readonly name: string
  /**
   * When it was answered that the access key is good no more, by the monotonic clock; null while it is good, undefined
   * where nobody can say.
   */
  revokedAt: number | null | undefined
}

/** The home of accounts is the first Region's. */
const HOME = 0
const AWAY = 'not answered'
const UNAVAILABLE = 'not available'
const MAY_USE_KEYS = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }],
})

/** Gives somebody an access key, uses one, or takes one away. */
export async function receive(world: World, call: Visit, isDoomed: boolean): Promise<void> {
  if (world.lost.has(call.at)) return count(world.figures, call.do, 'no Region')
  if (call.do === 'admit') return count(world.figures, call.do, await admit(world, call.at, isDoomed))
  const visitor = world.visitors[world.visitors.length - 1 - (call.which % Math.max(1, world.visitors.length))]
  if (visitor === undefined) return count(world.figures, call.do, 'nobody')
  if (call.do === 'revoke') {
    return count(world.figures, call.do, await revoke(world, visitor, call, isDoomed))
  }
  visitLate(world, visitor, call.at)
  count(world.figures, call.do, await visit(world, visitor, call.at))
}

async function admit(world: World, at: number, isDoomed: boolean): Promise<string> {
  const name = `visitor-${(world.admitted += 1)}`
  return atIam(world, at, isDoomed, async (iam) => {
    await iam.send(new CreateUserCommand({ UserName: name }))
    await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'keys', PolicyDocument: MAY_USE_KEYS }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }))
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {}
    world.visitors.push({ name, accessKeyId, secretAccessKey, revokedAt: null })
  })
}

/** Each second time the key is only made inactive. */
async function revoke(
  world: World,
  visitor: Visitor,
  { at, which }: Exclude<Visit, { do: 'admit' }>,
  isDoomed: boolean,
): Promise<string> {
  const { name: UserName, accessKeyId: AccessKeyId } = visitor
  const outcome = await atIam(world, at, isDoomed, (iam) =>
    which % 2 === 0
      ? iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }))
      : iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: 'Inactive' })),
  )
  if (outcome === 'ok' && visitor.revokedAt === null) visitor.revokedAt = performance.now()
  if (outcome === AWAY && visitor.revokedAt === null) visitor.revokedAt = undefined
  return outcome
}

async function atIam(
  world: World,
  at: number,
  isDoomed: boolean,
  work: (iam: IAMClient) => Promise<unknown>,
): Promise<string> {
  const region = world.regions[at] ?? ''
  const urls = world.house.urlsOf(region)
  const iam = new IAMClient({ region, endpoint: urls[0] ?? '', credentials: world.credentials, maxAttempts: 1 })
  spread(iam, urls)
  try {
    await work(iam)
    return 'ok'
  } catch (error) {
    if (isUnsure(error)) return AWAY
    if (isUnavailable(error)) return UNAVAILABLE
    if (error instanceof IAMServiceException && error.$metadata.httpStatusCode !== 500) return error.name
    if (isDoomed || world.house.takesOver) return AWAY
    throw new Violation(`no answer about accounts in ${region}: ${String(error)}`, { cause: error })
  } finally {
    iam.destroy()
  }
}

/**
 * Uses an access key.
 *
 * @throws Violation where it is accepted though it was taken away longer ago than any copy of the accounts may be old
 */
async function visit(world: World, visitor: Visitor, at: number, urls?: readonly string[]): Promise<string> {
  const region = world.regions[at] ?? ''
  const client = createClient(region, urls ?? world.house.urlsOf(region), visitor)
  const bound = (visitor.revokedAt ?? Infinity) + (at === HOME ? 0 : world.house.staleMs)
  const isOver = performance.now() > bound
  try {
    await client.send(new GenerateRandomCommand({ NumberOfBytes: 1 }))
  } catch (error) {
    if (isUnavailable(error)) return UNAVAILABLE
    return error instanceof KMSServiceException ? error.name : AWAY
  } finally {
    client.destroy()
  }
  if (!isOver || visitor.revokedAt === undefined) return 'ok'
  const late = ((performance.now() - (visitor.revokedAt ?? 0)) / 1000).toFixed(1)
  throw new Violation(`the access key of ${visitor.name} is accepted in ${region}, ${late} s after it was taken away`)
}

/** A process that is held is asked as well, and answers when it goes on, if it does. */
function visitLate(world: World, visitor: Visitor, at: number): void {
  const url = world.house.heldUrlOf(world.regions[at] ?? '')
  if (url !== null) askLate(world, async () => void (await visit(world, visitor, at, [url])))
}

/** Asks what is answered some time later, if it is: what must never be is told then. */
export function askLate(world: World, ask: () => Promise<void>): void {
  const asked = ask()
    .catch((error: unknown) => {
      if (error instanceof Violation) world.broken ??= error
    })
    .finally(() => world.late.delete(asked))
  world.late.add(asked)
}

/** What is not the same in all Regions of who may do something, in words; empty where all is. */
export async function unsettledVisitors(world: World): Promise<string> {
  for (const visitor of world.visitors) {
    const known = visitor.revokedAt === undefined ? await isLetIn(world, visitor, HOME) : visitor.revokedAt === null
    for (const at of world.regions.keys()) {
      if (world.lost.has(at)) continue
      const found = await isLetIn(world, visitor, at)
      if (found === known) continue
      return `the access key of ${visitor.name} ${known === true ? 'is good' : 'is taken away'}, and ${world.regions[at]} says ${String(found)}`
    }
  }
  return ''
}

async function isLetIn(world: World, visitor: Visitor, at: number): Promise<boolean | string> {
  const outcome = await visit(world, visitor, at)
  if (outcome === 'ok') return true
  return outcome === AWAY || outcome === UNAVAILABLE ? outcome : false
}
