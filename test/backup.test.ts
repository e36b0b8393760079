import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  ListKeysCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  UpdatePrimaryRegionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { CreateAccessKeyCommand, CreateUserCommand, DeleteAccessKeyCommand, type IAMClient } from '@aws-sdk/client-iam'
import { existsSync } from 'node:fs'
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askRunningServer } from '../src/cli/control-client.ts'
import { runProgram } from '../src/cli/program.ts'
import { readConfig } from '../src/server/config/config.ts'
import { dataDirectory } from '../src/server/data/data-directory.ts'
import { recoverOffline } from '../src/server/disaster/offline.ts'
import { startServer } from '../src/server/start.ts'
import { auditLog } from './audit-log.ts'
import { iamClient } from './clients/iam-client.ts'
import { kmsClient, untilState } from './clients/kms-client.ts'
import { copyInstants } from './crash/instants.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'

let server: TestServer
let target: string
beforeEach(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  target = `${server.path}-backup`
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  for (const path of [target, `${target}-restored`]) await rm(path, { recursive: true, force: true })
})

const today = () => new Date().toISOString().slice(0, 10)
const backup = (to = target) => askRunningServer(dataDirectory(server.path), '/backup', { target: to })
const keyspan = (...args: readonly string[]) => runProgram(['node', 'keyspan', ...args], '0.0.0')

async function create(kms: KMSClient, MultiRegion: boolean): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ MultiRegion }))
  return KeyMetadata?.KeyId ?? ''
}

/** Another data directory, with the root key of the server. */
async function prepare(): Promise<string> {
  const data = `${target}-restored`
  await mkdir(data, { mode: 0o700 })
  await copyFile(join(server.path, 'root.key'), join(data, 'root.key'))
  return data
}

/** Puts the backup there. */
async function restore(): Promise<string> {
  const data = await prepare()
  expect(await keyspan('restore', target, '--yes', '--data', data)).toBe(0)
  return data
}

describe('A backup', () => {
  it(
    'taken under load is of one moment: every Region knows what another has heard of it, and every change its record',
    { timeout: 120_000 },
    async () => {
      const credentials = await server.credentials()
      const [home, away] = [await kmsClient(server, HOME), await kmsClient(server, AWAY)]
      const load = { isDone: false }
      const work = async (): Promise<void> => {
        while (!load.isDone) {
          const id = await create(home, true)
          await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
          await untilState(away, id, 'Enabled')
          await home.send(new RotateKeyOnDemandCommand({ KeyId: id }))
        }
      }
      const workers = [work(), work(), work()]
      const first = await create(home, true)
      await home.send(new ReplicateKeyCommand({ KeyId: first, ReplicaRegion: AWAY }))
      await untilState(away, first, 'Enabled')
      const sealed = await home.send(new EncryptCommand({ KeyId: first, Plaintext: Buffer.from('attack at dawn') }))
      await backup()
      load.isDone = true
      await Promise.all(workers)

      const data = await restore()
      await using restored = await startTestServer({ regions: `${HOME},${AWAY}`, data })
      const client = (region: string) =>
        kmsClient({ ...restored, url: restored.url, credentials: async () => credentials }, region)
      const [there, back] = [await client(HOME), await client(AWAY)]
      const opened = await back.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }))
      expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('attack at dawn')
      const { Keys = [] } = await there.send(new ListKeysCommand({}))
      expect(Keys.length).toBeGreaterThan(0)
      const log = await auditLog({ ...restored, path: data }, HOME)
      for (const { KeyId = '' } of Keys) {
        const { KeyMetadata } = await there.send(new DescribeKeyCommand({ KeyId }))
        const replicas = KeyMetadata?.MultiRegionConfiguration?.ReplicaKeys ?? []
        if (replicas.length > 0) await untilState(back, KeyId, 'Enabled')
        expect(log.split(`"eventName":"CreateKey"`).filter((part) => part.includes(KeyId)).length).toBeGreaterThan(0)
      }
      const created = log.split('\n').filter((line) => line.includes('"eventName":"CreateKey"'))
      expect(created).toHaveLength(Keys.length)
      // What was begun goes on: the streams between the Regions have not broken.
      await there.send(new RotateKeyOnDemandCommand({ KeyId: await create(there, true) }))
      const next = await create(there, true)
      await there.send(new ReplicateKeyCommand({ KeyId: next, ReplicaRegion: AWAY }))
      await untilState(back, next, 'Enabled')
    },
  )

  it('holds neither the root key nor any profile, and is its owner’s alone', async () => {
    await create(await kmsClient(server, AWAY), false)
    await backup()
    const entries = await readdir(target, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    const names = files.map((file) => file.slice(target.length + 1)).toSorted()
    // How far the trees of the logs have come by then is a matter of chance.
    expect(names.filter((name) => !name.startsWith('trees/'))).toEqual([
      `audit/${AWAY}/${today()}.jsonl`,
      'backup.json',
      'global.sqlite',
      `regions/${AWAY}.sqlite`,
      `regions/${HOME}.sqlite`,
    ])
    for (const file of [target, ...files]) expect((await stat(file)).mode & 0o077).toBe(0)
    const [, , secret = ''] = (await readFile(join(server.path, 'root.key'), 'utf8')).trim().split(':')
    const { secretAccessKey } = await server.credentials()
    for (const file of files) {
      const text = await readFile(file, 'latin1')
      expect(text).not.toContain(secret)
      expect(text).not.toContain(secretAccessKey)
    }
  })

  it('has a directory of its own', async () => {
    await mkdir(target)
    await writeFile(join(target, 'other'), '')
    await chmod(target, 0o777)
    await expect(backup()).rejects.toThrow(/is not empty/)
    expect((await stat(target)).mode & 0o777).toBe(0o777)
    await expect(backup(join(server.path, 'audit', 'here'))).rejects.toThrow(/lies in the data directory/)
    await expect(backup('/proc/nowhere')).rejects.toThrow(/cannot be used for a backup/)
  })

  it('can be taken while no server runs, and by a command', async () => {
    await server.stop()
    expect(await keyspan('backup', target, '--data', server.path)).toBe(0)
    await restore()
    expect(await keyspan('backup', `${target}-2`, '--data', `${target}-none`)).toBe(2)
  })
})

describe('Restoring', () => {
  it('takes whole and undamaged backups only', async () => {
    await backup()
    const data = await prepare()
    await truncate(join(target, 'global.sqlite'), 4096)
    expect(await keyspan('restore', target, '--yes', '--data', data)).toBe(2)
    await rm(join(target, 'backup.json'))
    expect(await keyspan('restore', target, '--yes', '--data', data)).toBe(2)
    expect(existsSync(join(data, 'regions'))).toBe(false)
  })

  it.each(['../elsewhere', '/tmp/elsewhere', 'regions/../../x.sqlite', 'aws/credentials', 'root.key'])(
    'writes no file but those of a backup: %s',
    async (path) => {
      await backup()
      const file = join(target, 'backup.json')
      const changed = JSON.parse(await readFile(file, 'utf8')) as { files: Record<string, unknown> }
      changed.files[path] = changed.files['global.sqlite']
      await writeFile(file, JSON.stringify(changed))
      const data = await prepare()
      expect(await keyspan('restore', target, '--yes', '--data', data)).toBe(2)
      expect(existsSync(join(data, 'regions'))).toBe(false)
    },
  )

  it('needs the root key of the backup, and writes nothing without it', async () => {
    await backup()
    const data = `${target}-restored`
    expect(await keyspan('restore', target, '--yes', '--data', data)).toBe(2)
    expect(existsSync(data)).toBe(false)
    await mkdir(data)
    await using other = await startTestServer()
    await copyFile(join(other.path, 'root.key'), join(data, 'root.key'))
    expect(await keyspan('restore', target, '--yes', '--data', data)).toBe(2)
    expect(existsSync(join(data, 'regions'))).toBe(false)
    await copyFile(join(server.path, 'root.key'), join(data, 'root.key'))
    expect(await keyspan('restore', target, '--yes', '--data', data)).toBe(0)
  })

  it('takes no backup without its global database', async () => {
    await backup()
    await writeFile(join(target, 'backup.json'), JSON.stringify({ format: 1, takenAt: '', files: {} }))
    expect(await keyspan('restore', target, '--yes', '--data', await prepare())).toBe(2)
  })

  it('touches no deployment that is there', async () => {
    await backup()
    await server.stop()
    expect(await keyspan('restore', target, '--yes', '--data', server.path)).toBe(2)
    await server.restart()
  })

  it('that was cut off keeps a server from starting, and can be run again', async () => {
    await backup()
    const data = await prepare()
    await writeFile(join(data, 'restoring'), target)
    await cp(join(target, 'regions'), join(data, 'regions'), { recursive: true })
    await expect(startTestServer({ data })).rejects.toThrow(/was cut off. Run it again/)
    expect(await keyspan('restore', target, '--yes', '--data', data)).toBe(0)
    await using _restored = await startTestServer({ regions: `${HOME},${AWAY}`, data })
  })
})

describe('A database that is put back alone', () => {
  async function withDeletedKey(iam: IAMClient): Promise<void> {
    await iam.send(new CreateUserCommand({ UserName: 'ada' }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ada' }))
    await server.stop()
    await copyFile(join(server.path, 'global.sqlite'), `${server.path}/older`)
    await server.restart()
    const again = await iamClient(server)
    await again.send(new DeleteAccessKeyCommand({ UserName: 'ada', AccessKeyId: AccessKey?.AccessKeyId }))
    await server.stop()
  }

  it('is noticed where it is the global one: a deleted access key does not live again', async () => {
    await withDeletedKey(await iamClient(server))
    await copyFile(`${server.path}/older`, join(server.path, 'global.sqlite'))
    await expect(server.restart()).rejects.toThrow(/database of global .* was put back from a backup alone/)
  })

  it('is noticed where it is a Region’s', async () => {
    const path = join(server.path, 'regions', `${HOME}.sqlite`)
    await server.stop()
    await copyFile(path, `${server.path}/older`)
    await server.restart()
    // More than it does by itself when it begins anew.
    for (let keys = 0; keys < 20; keys += 1) await create(await kmsClient(server, HOME), false)
    await server.stop()
    await copyFile(`${server.path}/older`, path)
    await expect(server.restart()).rejects.toThrow(
      new RegExp(`database of ${HOME} .* was put back .*: keyspan region recover ${HOME} --data ${server.path}`),
    )
    // Somebody agrees to what that brings back.
    const data = dataDirectory(server.path)
    await expect(recoverOffline(data, HOME, Date.now() - 60_000, false)).rejects.toThrow('To agree, add --yes')
    await recoverOffline(data, HOME, null, true)
    // Whenever that start is cut off, the next one goes on.
    const copies = await mkdtemp(join(tmpdir(), 'keyspan-'))
    const { paths } = await copyInstants(server.path, copies, () => server.restart(), { every: 4 })
    for (const copy of paths) {
      const config = readConfig({ data: copy, port: 0, dev: true, regions: `${HOME},${AWAY}` }, {})
      const again = await startServer(config, pino({ level: 'silent' }))
      await again.stop()
    }
    await rm(copies, { recursive: true })
  })

  it('finds out from the other Regions what it has forgotten, and tells what it brings back', async () => {
    const [home, away] = [await kmsClient(server, HOME), await kmsClient(server, AWAY)]
    const KeyId = await create(home, true)
    await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    await untilState(away, KeyId, 'Enabled')
    const single = await create(home, false)
    await server.stop()
    const path = join(server.path, 'regions', `${HOME}.sqlite`)
    await copyFile(path, `${server.path}/older`)
    await server.restart()
    const here = await kmsClient(server, HOME)
    const since = Date.now()
    await here.send(new DisableKeyCommand({ KeyId: single }))
    await here.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: AWAY }))
    await untilState(here, KeyId, 'Enabled')
    await server.stop()
    await copyFile(`${server.path}/older`, path)
    const data = dataDirectory(server.path)
    await expect(recoverOffline(data, HOME, since, false)).rejects.toThrow(new RegExp(`DisableKey .*${single}`))
    await recoverOffline(data, HOME, since, true)
    await server.restart()
    const [back, other] = [await kmsClient(server, HOME), await kmsClient(server, AWAY)]
    const typeIn = async (client: KMSClient) =>
      (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.MultiRegionConfiguration?.MultiRegionKeyType
    expect(await typeIn(back)).toBe('REPLICA')
    expect(await typeIn(other)).toBe('PRIMARY')
    await other.send(new RotateKeyOnDemandCommand({ KeyId }))
    const materialIn = async (client: KMSClient) =>
      (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.CurrentKeyMaterialId
    await expect
      .poll(async () => (await materialIn(back)) === (await materialIn(other)), { timeout: 15_000 })
      .toBe(true)
  }, 60_000)
})
