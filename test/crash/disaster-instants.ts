import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms'
import { pino } from 'pino'
import { readConfig } from '../../src/server/config/config.ts'
import { restoreBackup } from '../../src/server/data/backup.ts'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { forgetOffline, recoverOffline } from '../../src/server/disaster/offline.ts'
import { startServer } from '../../src/server/start.ts'
import { openKeptRoot } from '../../src/server/trust/open-root.ts'
import { advanceClock, askControl } from '../control.ts'
import { AWAY, credentialsIn, FAR, HOME } from '../server.ts'
import { copyInstants } from './instants.ts'

const REGIONS = [HOME, AWAY, FAR]
/** How long something may take that needs several exchanges, in milliseconds. */
const SETTLE_MS = 20_000
const LOOK_MS = 50

/** A key with a replica in each Region, and what it has encrypted. */
interface Key {
  readonly id: string
  readonly ciphertext: Uint8Array
}

/** A deployment, wherever its data is. */
interface Deployment {
  /** It is no part of the data. */
  readonly rootKey: string
  /** Of the first account's root user, once that is made. */
  access: { readonly accessKeyId: string; readonly secretAccessKey: string } | null
}

/** Three Regions in one place: a key whose primary is at home, and one whose primary is away. */
interface World extends Deployment {
  readonly path: string
  readonly homely: Key
  readonly distant: Key
}

interface Serving {
  readonly path: string
  readonly kms: (region: string) => KMSClient
}

async function serve<Result>(
  deployment: Deployment,
  path: string,
  work: (serving: Serving) => Promise<Result>,
  regions: readonly string[] = REGIONS,
): Promise<Result> {
  const flags = { data: path, 'root-key': deployment.rootKey, regions: regions.join(',') }
  const server = await startServer(readConfig({ ...flags, port: 0, dev: true }, {}), pino({ level: 'silent' }))
  try {
    const credentials = (deployment.access ??= await credentialsIn(path))
    const kms = (region: string) => new KMSClient({ region, endpoint: server.url, credentials, maxAttempts: 1 })
    return await work({ path, kms })
  } finally {
    await server.stop()
  }
}

/** Tries something again until it is so. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const begun = performance.now(); performance.now() - begun < SETTLE_MS; await sleep(LOOK_MS)) {
    if (await isSo().catch(() => false)) return
  }
  await isSo()
  throw new Error(`It does not come to this within ${SETTLE_MS} ms: ${what}`)
}

async function makeKey({ kms }: Serving, primary: string): Promise<Key> {
  const { KeyMetadata } = await kms(primary).send(new CreateKeyCommand({ MultiRegion: true }))
  const id = KeyMetadata?.KeyId ?? ''
  for (const region of REGIONS.filter((each) => each !== primary)) {
    await kms(primary).send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: region }))
    await until(`a replica in ${region}`, async () => {
      const found = await kms(region).send(new DescribeKeyCommand({ KeyId: id }))
      return found.KeyMetadata?.KeyState === 'Enabled'
    })
  }
  const { CiphertextBlob = Buffer.alloc(0) } = await kms(primary).send(
    new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('kept') }),
  )
  return { id, ciphertext: CiphertextBlob }
}

async function makeWorld(path: string, rootKey: string): Promise<World> {
  const deployment: Deployment = { rootKey, access: null }
  return serve(deployment, path, async (serving) => {
    const [homely, distant] = [await makeKey(serving, HOME), await makeKey(serving, AWAY)]
    return { ...deployment, path, homely, distant }
  })
}

/** Looks whether a key has one primary, which rotates it, and opens everywhere what it has ever encrypted. */
async function requireWhole(serving: Serving, { id, ciphertext }: Key, regions: readonly string[]): Promise<void> {
  const { kms } = serving
  const about = async (region: string) => (await kms(region).send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata
  await until(`one primary of ${id}`, async () => {
    // What has to be said again is said at once.
    await advanceClock(serving, '1s')
    const found = await Promise.all(regions.map(about))
    return found.filter((each) => each?.MultiRegionConfiguration?.MultiRegionKeyType === 'PRIMARY').length === 1
  })
  const types = await Promise.all(
    regions.map(
      async (region) => [region, (await about(region))?.MultiRegionConfiguration?.MultiRegionKeyType] as const,
    ),
  )
  const primary = types.find(([, type]) => type === 'PRIMARY')?.[0] ?? ''
  const before = (await about(primary))?.CurrentKeyMaterialId
  await until(`a rotation of ${id}`, async () => {
    await kms(primary).send(new RotateKeyOnDemandCommand({ KeyId: id }))
    return true
  })
  await until(`another material of ${id} everywhere`, async () => {
    const ids = (await Promise.all(regions.map(about))).map((each) => each?.CurrentKeyMaterialId)
    return ids.every((each) => each === ids[0] && each !== before)
  })
  for (const region of regions) {
    const { Plaintext = Buffer.alloc(0) } = await kms(region).send(new DecryptCommand({ CiphertextBlob: ciphertext }))
    assert.equal(Buffer.from(Plaintext).toString(), 'kept')
  }
}

/** What befalls a deployment, what is said of it, and what has to be so whenever that was killed. */
interface Disaster {
  /** What has happened before anything is said. */
  readonly befalls: (world: World, aside: string) => Promise<void>
  /** What is said, and killed at any instant. */
  readonly said: (path: string, world: World, aside: string) => Promise<void>
  /** What has to come of it once it is said again, on a copy of the data. */
  readonly comes: (path: string, world: World, aside: string) => Promise<void>
}

const isLost = async ({ path }: World, region: string) => {
  for (const end of ['', '-wal', '-shm']) await rm(`${dataDirectory(path).region(region)}${end}`, { force: true })
}
const forgetAway = (path: string, world: World) => {
  const data = dataDirectory(path, world.rootKey)
  return forgetOffline(data, AWAY, true, Date.now(), () => openKeptRoot(data))
}
/** Says it until it is done. */
const forceHome = ({ path }: Serving, { distant }: World) =>
  until('a forced primary', async () => {
    const asked = {
      key: `arn:aws:kms:${HOME}:111122223333:key/${distant.id}`,
      to: HOME,
      destroyed: AWAY,
      isAgreed: true,
    }
    return ((await askControl({ path }, '/mrk/force-primary', asked)) as { isDone: boolean }).isDone
  })
const LEFT = [HOME, FAR]

/** The database of home is put back to before a rotation, that of all others is not. */
async function homeIsPutBack(world: World, aside: string): Promise<void> {
  const { path, homely } = world
  const file = dataDirectory(path).region(HOME)
  await cp(file, aside)
  await serve(world, path, (serving) => requireWhole(serving, homely, REGIONS))
  await rm(`${file}-wal`, { force: true })
  await cp(aside, file)
}

export const DISASTERS: Readonly<Record<string, Disaster>> = {
  'a Region that is forgotten by a server that is stopped': {
    befalls: (world) => isLost(world, AWAY),
    said: async (path, world) => void (await forgetAway(path, world)),
    async comes(path, world) {
      await forgetAway(path, world)
      await serve(
        world,
        path,
        async (serving) => {
          await requireWhole(serving, world.homely, LEFT)
          await forceHome(serving, world)
          await requireWhole(serving, world.distant, LEFT)
        },
        LEFT,
      )
    },
  },
  'a Region that is forgotten by a server that runs': {
    befalls: (world) => isLost(world, AWAY),
    said: (path, world) =>
      serve(
        world,
        path,
        async () => void (await askControl({ path }, '/region/forget', { region: AWAY, isAgreed: true })),
        LEFT,
      ),
    comes: (path, world) =>
      serve(
        world,
        path,
        async (serving) => {
          await askControl({ path }, '/region/forget', { region: AWAY, isAgreed: true })
          await requireWhole(serving, world.homely, LEFT)
        },
        LEFT,
      ),
  },
  'a primary that is forced': {
    befalls: async (world) => {
      await isLost(world, AWAY)
      await forgetAway(world.path, world)
    },
    said: (path, world) => serve(world, path, (serving) => forceHome(serving, world), LEFT),
    comes: (path, world) =>
      serve(
        world,
        path,
        async (serving) => {
          await forceHome(serving, world)
          await requireWhole(serving, world.distant, LEFT)
        },
        LEFT,
      ),
  },
  'a Region that was put back, and is recovered': {
    befalls: homeIsPutBack,
    async said(path, world) {
      await recoverOffline(dataDirectory(path, world.rootKey), HOME, null, true)
      await serve(world, path, async () => {})
    },
    async comes(path, world) {
      // Said again it begins another life again, which does no harm.
      await recoverOffline(dataDirectory(path, world.rootKey), HOME, null, true)
      await serve(world, path, async (serving) => {
        await requireWhole(serving, world.homely, REGIONS)
        await requireWhole(serving, world.distant, REGIONS)
      })
    },
  },
  'a Region that was put back to before its identity was renewed, and is recovered': {
    async befalls(world, aside) {
      const file = dataDirectory(world.path, world.rootKey).region(HOME)
      await cp(file, aside)
      await serve(world, world.path, async (serving) => {
        await askControl(serving, '/region/renew', {})
        await requireWhole(serving, world.homely, REGIONS)
      })
      await cp(aside, file)
    },
    async said(path, world) {
      await recoverOffline(dataDirectory(path, world.rootKey), HOME, null, true)
      await serve(world, path, async (serving) => void (await askControl(serving, '/region/renew', {})))
    },
    async comes(path, world) {
      await recoverOffline(dataDirectory(path, world.rootKey), HOME, null, true)
      await serve(world, path, async (serving) => {
        await askControl(serving, '/region/renew', {})
        await requireWhole(serving, world.homely, REGIONS)
        await requireWhole(serving, world.distant, REGIONS)
      })
    },
  },
  'identities that are renewed while a Region is forgotten': {
    befalls: (world) => isLost(world, AWAY),
    said: (path, world) =>
      serve(
        world,
        path,
        async (serving) => {
          const forgetting = askControl(serving, '/region/forget', { region: AWAY, isAgreed: true })
          await Promise.all([forgetting, askControl(serving, '/region/renew', {})])
        },
        LEFT,
      ),
    comes: (path, world) =>
      serve(
        world,
        path,
        async (serving) => {
          await askControl(serving, '/region/renew', {})
          await askControl(serving, '/region/forget', { region: AWAY, isAgreed: true })
          await requireWhole(serving, world.homely, LEFT)
          await forceHome(serving, world)
          await requireWhole(serving, world.distant, LEFT)
        },
        LEFT,
      ),
  },
  'a backup that is restored': {
    async befalls(world, aside) {
      const { path, homely } = world
      await serve(world, path, async (serving) => {
        await askControl(serving, '/backup', { target: aside })
        await requireWhole(serving, homely, REGIONS)
      })
      await rm(path, { recursive: true })
    },
    said: (path, world, aside) => restore(path, world, aside),
    async comes(path, world, aside) {
      // A start in between does nothing, or refuses.
      if (existsSync(dataDirectory(path, world.rootKey).restoring)) {
        await assert.rejects(
          serve(world, path, async () => {}),
          /was cut off. Run it again/,
        )
      }
      if (
        existsSync(dataDirectory(path, world.rootKey).restoring) ||
        !existsSync(dataDirectory(path, world.rootKey).global)
      )
        await restore(path, world, aside)
      await serve(world, path, async (serving) => {
        await requireWhole(serving, world.homely, REGIONS)
        await requireWhole(serving, world.distant, REGIONS)
      })
    },
  },
}

async function restore(path: string, world: World, aside: string): Promise<void> {
  const data = dataDirectory(path, world.rootKey)
  await restoreBackup(data, aside, () => openKeptRoot({ ...data, global: join(aside, 'global.sqlite') }))
}

/**
 * Says what is said after a disaster, has it killed at each instant, and looks from there whether it can be said again
 * and everything comes to what it should.
 *
 * @param every of so many instants one is looked at
 * @returns how many were
 */
export async function killInDisaster({ befalls, said, comes }: Disaster, every: number): Promise<number> {
  const root = await mkdtemp(join(tmpdir(), 'keyspan-'))
  const [path, aside] = [join(root, 'data'), join(root, 'aside')]
  try {
    const world = await makeWorld(path, join(root, 'root.key'))
    await befalls(world, aside)
    const work = () => said(path, world, aside)
    const { paths } = await copyInstants(path, join(root, 'copies'), work, { every, isCounted: isDeciding })
    for (const instant of paths) {
      await comes(instant, world, aside).catch((error: unknown) => {
        throw new Error(`After instant ${instant}: ${String(error)}`, { cause: error })
      })
    }
    return paths.length
  } finally {
    await rm(root, { recursive: true })
  }
}

/** What only helps to find things, or says how far something was told, is made again. */
function isDeciding(path: string): boolean {
  return /\.sqlite(?:-wal)?$|put-back\.json|restoring|keyring\.json/.test(path) && !path.includes('refusals')
}
