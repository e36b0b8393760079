/**
 * `npm run bench:places [REPLICAS] [CHANGES]`: how long a replica takes until it can be used, in one process and across
 * two, in alternation; how long many at once take; and how long a Region that was away for so many changes needs to
 * hear of them. 100 and 2,000 unless told otherwise.
 */
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  type KMSClient,
  ReplicateKeyCommand,
} from '@aws-sdk/client-kms'
import { setTimeout } from 'node:timers/promises'
import pLimit from 'p-limit'
import { createClient } from '../test/drive/client.ts'
import { houseOfOne, type House } from '../test/drive/house.ts'
import { houseOfMany } from '../test/drive/house-of-many.ts'

const [HOME, AWAY] = ['us-east-1', 'eu-west-1'] as const
const REGIONS = [HOME, AWAY]
const AT_ONCE = 16
const replicas = Number(process.argv[2] ?? 100)
const changes = Number(process.argv[3] ?? 2000)

interface Clients {
  readonly home: KMSClient
  readonly away: KMSClient
}

async function clientsOf(house: House): Promise<Clients> {
  const credentials = await house.credentials()
  const [home, away] = REGIONS.map((region) => createClient(region, house.urlsOf(region), credentials))
  if (home === undefined || away === undefined) throw new Error('INVARIANT: there are two Regions')
  return { home, away }
}

async function createKey({ home }: Clients): Promise<string> {
  const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
  return KeyMetadata?.KeyId ?? ''
}

async function untilUsable(client: KMSClient, KeyId: string): Promise<void> {
  for (;;) {
    const found = await client.send(new DescribeKeyCommand({ KeyId })).catch(() => null)
    if (found?.KeyMetadata?.KeyState === 'Enabled') return
    await setTimeout(2)
  }
}

/** From before ReplicateKey to when the replica says that it can be used, in milliseconds. */
async function replicate(clients: Clients): Promise<number> {
  const KeyId = await createKey(clients)
  const begun = performance.now()
  await clients.home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
  await untilUsable(clients.away, KeyId)
  return performance.now() - begun
}

function tell(name: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)
  console.log(`${name.padEnd(36)} p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, of ${sorted.length}`)
}

await using one = await houseOfOne(REGIONS)
await using two = await houseOfMany(REGIONS, false)
const [inOne, apart] = [await clientsOf(one), await clientsOf(two)]

const times = { one: [] as number[], two: [] as number[] }
for (let index = 0; index < replicas; index += 1) {
  times.one.push(await replicate(inOne))
  times.two.push(await replicate(apart))
}
tell('a replica, in one process', times.one)
tell('a replica, across two processes', times.two)

const limit = pLimit(AT_ONCE)
const keys = await Promise.all(Array.from({ length: replicas * 10 }, () => limit(() => createKey(apart))))
const begun = performance.now()
const many = await Promise.all(
  keys.map((KeyId) =>
    limit(async () => {
      const asked = performance.now()
      await apart.home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
      await untilUsable(apart.away, KeyId)
      return performance.now() - asked
    }),
  ),
)
const seconds = (performance.now() - begun) / 1000
tell(`${keys.length} replicas, ${AT_ONCE} at a time`, many)
console.log(`${''.padEnd(36)} ${(keys.length / seconds).toFixed(0)} a second`)

await two.pause(true)
const changing = performance.now()
for (let left = changes, period = 90; left > 0; left -= keys.length, period += 1) {
  const some = keys.slice(0, left)
  await Promise.all(
    some.map((KeyId) =>
      limit(() => apart.home.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: period }))),
    ),
  )
}
console.log(`${changes} changes, while the other is away   ${((performance.now() - changing) / 1000).toFixed(1)} s`)
const last = await createKey(apart)
await apart.home.send(new ReplicateKeyCommand({ KeyId: last, ReplicaRegion: AWAY }))
const healing = performance.now()
await two.pause(false)
await untilUsable(apart.away, last)
console.log(`until all of them are heard             ${((performance.now() - healing) / 1000).toFixed(1)} s`)
for (const client of [inOne.home, inOne.away, apart.home, apart.away]) client.destroy()
