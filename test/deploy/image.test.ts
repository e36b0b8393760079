import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasTool } from '../clients/tools.ts'

const ROOT = new URL('../..', import.meta.url).pathname
const USER = 65_532
const run = promisify(execFile)

const canRun =
  process.geteuid?.() === 0 &&
  hasTool('dpkg', ['--version'], 'the image needs Debian') &&
  hasTool('strip', ['--version'], 'the image needs binutils') &&
  hasTool('unshare', ['--mount', '--pid', '--fork', 'true'], 'the image needs namespaces')
if (!canRun) console.warn('SKIPPED: what is in the image runs on Debian, as root, with binutils and namespaces.')

/** What a container engine does: a root that can only be read, a volume, a process of its own with the number 1. */
const ENGINE = `
  mount --make-rprivate / && mount --bind "$1" "$1" && mount --bind "$2" "$1/var/lib/keyspan"
  mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && mount -o remount,bind,ro "$1"
  exec setpriv --no-new-privs chroot --userspec=${USER}:${USER} --groups= "$1" /usr/local/bin/keyspan serve`

describe.skipIf(!canRun)('The image', { timeout: 120_000 }, () => {
  let directory: string
  let image: string
  let volume: string
  let engine: ChildProcess
  let url = ''
  let server = 0

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
    chmodSync(directory, 0o755)
    const clone = join(directory, 'keyspan')
    for (const name of [
      'src',
      'bin',
      'build',
      'console',
      'deploy',
      'package.json',
      'package-lock.json',
      '.npmrc',
      'LICENSE',
    ]) {
      cpSync(join(ROOT, name), join(clone, name), { recursive: true })
    }
    symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'))
    await run('npm', ['run', 'build'], { cwd: clone })
    await run('deploy/image-root.sh', [directory], { cwd: clone })
    image = join(directory, 'root')
    for (const place of ['proc', 'dev', 'var/lib/keyspan']) mkdirSync(join(image, place), { recursive: true })
    // As Kubernetes has it: the volume and the root key are root's, and of the server's group.
    volume = join(directory, 'volume')
    mkdirSync(volume)
    const key = join(volume, 'root.key')
    writeFileSync(key, `kmsroot-v1:${crypto.randomUUID()}:${Buffer.alloc(32, 1).toString('base64')}\n`)
    for (const [path, mode] of [
      [volume, 0o770],
      [key, 0o440],
    ] as const) {
      chownSync(path, 0, USER)
      chmodSync(path, mode)
    }
    const env = {
      PATH: process.env['PATH'] ?? '',
      KEYSPAN_DATA: '/var/lib/keyspan/data',
      KEYSPAN_ROOT_KEY: '/var/lib/keyspan/root.key',
      KEYSPAN_HOST: '0.0.0.0',
      KEYSPAN_PORT: '0',
    }
    engine = spawn('unshare', ['--mount', '--pid', '--fork', 'sh', '-ec', ENGINE, 'sh', image, volume], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    for await (const chunk of engine.stdout ?? []) {
      text += String(chunk)
      url = /is ready at http:\/\/0.0.0.0:(\d+) /.exec(text)?.[1] ?? ''
      if (url !== '') break
    }
    url = `http://127.0.0.1:${url}`
    server = Number(execFileSync('pgrep', ['--parent', String(engine.pid)], { encoding: 'utf8' }))
  }, 120_000)
  afterAll(() => {
    if (server !== 0 && engine.exitCode === null) process.kill(server, 'SIGKILL')
    rmSync(directory, { recursive: true })
  })

  it('serves as nobody, with no right and a root that can only be read', async () => {
    const status = readFileSync(`/proc/${server}/status`, 'latin1')
    expect(status).toMatch(new RegExp(`^Uid:\\s+${USER}\\s+${USER}\\s+${USER}\\s+${USER}$`, 'm'))
    expect(status).toMatch(/^CapEff:\s+0+$/m)
    expect(status).toMatch(/^NSpid:\s+\d+\s+1$/m)
    expect(readFileSync(`/proc/${server}/mountinfo`, 'latin1')).toMatch(/ \/ ro[, ]/)
    const credentials = readFileSync(join(volume, 'data', 'aws', 'credentials'), 'utf8')
    const [, accessKeyId = '', secretAccessKey = ''] = /key_id = (.*)\n.*access_key = (.*)\n/.exec(credentials) ?? []
    const kms = new KMSClient({ region: 'us-east-1', endpoint: url, credentials: { accessKeyId, secretAccessKey } })
    expect((await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyState).toBe('Enabled')
  })

  it('says that it serves, to its own health check', async () => {
    const [, check = ''] =
      /^HEALTHCHECK .* CMD (\[.*\])$/m.exec(readFileSync(join(ROOT, 'deploy/Containerfile'), 'utf8')) ?? []
    const [program = '', ...args] = JSON.parse(check) as readonly string[]
    const inside = ['--userspec', `${USER}:${USER}`, image, `/usr/local/bin/${program}`, ...args]
    const { stdout } = await run('chroot', inside, {
      env: { PATH: process.env['PATH'], KEYSPAN_PORT: new URL(url).port, KEYSPAN_HOST: '0.0.0.0' },
    })
    expect(stdout).toBe(`${url} serves.\n`)
  })

  it('holds Node and Keyspan, says what it is made of, and holds no key', async () => {
    const { stdout } = await run('find', [image, '-xdev', '-type', 'f', '-printf', '%P\n'])
    const files = stdout
      .trim()
      .split('\n')
      .filter((name) => !/^(lib|lib64|usr\/lib|usr\/share\/doc)\//.test(name))
    expect(files.filter((name) => !/^(var\/lib\/dpkg|opt\/keyspan\/dist)\//.test(name)).toSorted()).toEqual([
      'etc/group',
      'etc/passwd',
      'opt/keyspan/LICENSE',
      'opt/keyspan/bin/keyspan.js',
      'opt/keyspan/bin/package.json',
      'opt/keyspan/package.json',
      'opt/keyspan/sbom.cdx.json',
      'usr/local/bin/node',
    ])
    expect(files).toEqual(expect.arrayContaining(['opt/keyspan/dist/main.cjs', 'opt/keyspan/dist/NOTICE']))
    const bom = JSON.parse(readFileSync(join(image, 'opt/keyspan/sbom.cdx.json'), 'utf8')) as {
      bomFormat: string
      components: readonly { name: string }[]
    }
    expect(bom.bomFormat).toBe('CycloneDX')
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: object }
    const names = bom.components.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining([...Object.keys(manifest.dependencies), 'node']))
    expect(names).not.toContain('vitest')
    expect(statSync(join(directory, 'owned/keyspan')).mode & 0o777).toBe(0o700)
  })

  it('ends well on SIGTERM, as the process 1 that it is', async () => {
    const exit = once(engine, 'exit')
    process.kill(server, 'SIGTERM')
    expect(await exit).toEqual([0, null])
  })
})
