import { CreateKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readyUrl } from './server-process.ts'

const ROOT = new URL('..', import.meta.url).pathname
const run = promisify(execFile)

let parent: string
/** The package as it is unpacked, with nothing beside it. */
let installed: string

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'keyspan-'))
  // Packed in a copy: packing changes the manifest for a moment.
  const clone = join(parent, 'clone')
  for (const name of ['src', 'bin', 'build', 'console', 'package.json', 'README.md', 'LICENSE']) {
    await cp(join(ROOT, name), join(clone, name), { recursive: true })
  }
  await symlink(join(ROOT, 'node_modules'), join(clone, 'node_modules'))
  await mkdir(join(clone, 'keyspan-data'))
  await run('npm', ['pack', '--pack-destination', parent], { cwd: clone })
  const tarball = (await readdir(parent)).find((name) => name.endsWith('.tgz')) ?? ''
  await run('tar', ['xzf', tarball], { cwd: parent })
  await mkdir(join(parent, 'node_modules'))
  installed = join(parent, 'node_modules', 'keyspan')
  await cp(join(parent, 'package'), installed, { recursive: true })
})
afterAll(() => rm(parent, { recursive: true }))

const keyspan = (...args: readonly string[]) =>
  run(process.execPath, [join(installed, 'bin', 'keyspan.js'), ...args], { cwd: parent })

describe('The package', () => {
  it('leaves the manifest of the clone as it was', async () => {
    const [packed, own] = [join(parent, 'clone'), ROOT].map((path) => readFile(join(path, 'package.json'), 'utf8'))
    expect(await packed).toBe(await own)
  })

  it('has what runs, and nothing else', async () => {
    const files = await readdir(installed, { recursive: true, withFileTypes: true })
    const names = files.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name))
    const paths = names.map((name) => name.slice(installed.length + 1)).toSorted()
    // The program is in as many pieces as are read at different times.
    const isPiece = (path: string) => /^dist\/[a-z-]+\d?\.cjs$/.test(path)
    const isOfConsole = (path: string) =>
      /^dist\/console\/(?:index\.html|icon\.svg|assets\/[\w-]+\.(?:css|js|woff2))(?:\.br|\.gz)?$/.test(path)
    expect(paths.filter((path) => !isPiece(path) && !isOfConsole(path))).toEqual([
      'LICENSE',
      'README.md',
      'bin/keyspan.js',
      'bin/package.json',
      'dist/NOTICE',
      'dist/testing.d.cts',
      'package.json',
    ])
    const entries = ['dist/main.cjs', 'dist/signature-worker.cjs', 'dist/testing.cjs']
    expect(paths.filter(isPiece)).toEqual(expect.arrayContaining(entries))
  })

  it('needs nothing but a Node, and has the licences of what is bundled', async () => {
    const clone = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Manifest
    const { dependencies, optionalDependencies } = JSON.parse(
      await readFile(join(installed, 'package.json'), 'utf8'),
    ) as Partial<Manifest>
    expect(dependencies).toBeUndefined()
    const { pkcs11js, ...nodes } = optionalDependencies ?? {}
    expect(pkcs11js).toBe(clone.optionalDependencies['pkcs11js'])
    expect(new Set(Object.values(nodes))).toEqual(new Set([clone.optionalDependencies['node']]))
    const notice = await readFile(join(installed, 'dist', 'NOTICE'), 'utf8')
    for (const [name, version] of Object.entries(clone.dependencies)) expect(notice).toContain(`${name} ${version} (`)
  })

  it('says its version, and alone what to type', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string }
    expect((await keyspan('--version')).stdout).toBe(`${version}\n`)
    expect((await keyspan()).stdout).toMatch(/^Keyspan .*\n\n {2}keyspan serve /)
  })

  it('that is a clone without what is built says what to do', async () => {
    const clone = join(parent, 'not-built')
    await cp(join(installed, 'bin'), join(clone, 'bin'), { recursive: true })
    const health = run(process.execPath, [join(clone, 'bin', 'keyspan.js'), 'health'])
    await expect(health).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/not built\..*npm run build\n$/) as string,
    })
  })

  it('serves, signs in its thread, and keeps what is compiled to itself', async () => {
    const data = join(parent, 'data')
    const starter = join(installed, 'bin', 'keyspan.js')
    const child = spawn(process.execPath, [starter, 'serve', '--data', data, '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exit = once(child, 'exit')
    const endpoint = await readyUrl(child)
    const text = await readFile(join(data, 'aws', 'credentials'), 'utf8')
    const [, accessKeyId = '', secretAccessKey = ''] = /key_id = (.*)\n.*access_key = (.*)\n/.exec(text) ?? []
    const kms = new KMSClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey } })
    const spec = { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' } as const
    const { KeyMetadata } = await kms.send(new CreateKeyCommand(spec))
    const { Signature } = await kms.send(
      new SignCommand({
        KeyId: KeyMetadata?.KeyId,
        Message: Buffer.alloc(64),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ED25519_PH_SHA_512',
      }),
    )
    expect(Signature).toHaveLength(64)
    // As the terminal and npm send it both.
    child.kill('SIGINT')
    child.kill('SIGINT')
    expect(await exit).toEqual([0, null])
    expect(await readdir(join(installed, 'dist', 'cache'))).toHaveLength(1)
  })
})

describe('keyspan/testing', () => {
  /** The examples as a project of its own has them, with the package beside the SDK. */
  let project: string

  beforeAll(async () => {
    project = join(parent, 'project')
    await cp(join(ROOT, 'examples', 'test-kit'), project, { recursive: true })
    for (const name of ['@aws-sdk', '@types', 'vitest']) {
      await symlink(join(ROOT, 'node_modules', name), join(parent, 'node_modules', name))
    }
  })

  const inProject = (program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
    run(program, args, { cwd: project, env: { ...process.env, ...environment } })

  it('is imported with its types', async () => {
    const script = `
      import { KMSClient } from '@aws-sdk/client-kms'
      import { startKeyspan, type Keyspan } from 'keyspan/testing'
      const keyspan: Keyspan = await startKeyspan({ regions: ['eu-west-1'] })
      const kms: KMSClient = keyspan.client(KMSClient, { as: '111122223333', maxAttempts: 1 })
      console.log(await kms.config.region(), (await keyspan.explainLast())?.explained.permissions[0]?.action)
      await keyspan.stop()
      // @ts-expect-error -- there is no such option
      startKeyspan({ sed: 'seed.yaml' }).catch(() => {})
    `
    await writeFile(join(project, 'typed.mts'), script.replace(/^.*@ts-expect-error(.|\n)*/m, ''))
    await writeFile(join(project, 'checked.mts'), script)
    expect((await inProject(process.execPath, ['typed.mts'])).stdout).toBe('eu-west-1 undefined\n')
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2025',
      '--lib',
      'es2025,esnext.disposable',
    ]
    await inProject(join(ROOT, 'node_modules', '.bin', 'tsc'), [...options, '--types', 'node', 'checked.mts'])
  })

  it('serves the tests of node:test', async () => {
    const { stdout } = await inProject(process.execPath, ['--test', '--test-reporter=tap', 'orders.test.js'], {
      NODE_TEST_CONTEXT: undefined,
    })
    expect(stdout).toContain('# pass 2\n# fail 0')
  })

  it('serves the tests of Vitest', async () => {
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
    await writeFile(join(project, 'vitest.config.js'), `export default { test: { include: ['*.vitest.js'] } }`)
    const { stdout } = await inProject(process.execPath, [vitest, 'run', '--testTimeout=60000'], {
      VITEST: undefined,
      NO_COLOR: '1',
    })
    expect(stdout).toMatch(/Tests +2 passed \(2\)/)
  })

  const jest = process.env['KEYSPAN_JEST'] ?? ''
  if (jest === '') console.warn('SKIPPED: the example for Jest runs where KEYSPAN_JEST names a directory that has it.')

  it.skipIf(jest === '')('serves the tests of Jest', async () => {
    await writeFile(join(project, 'package.json'), '{}')
    const program = join(jest, 'node_modules', 'jest', 'bin', 'jest.js')
    const { stderr } = await inProject(process.execPath, [
      program,
      '--testMatch',
      '**/*.jest.cjs',
      '--testTimeout=60000',
    ])
    expect(stderr).toContain('1 passed, 1 total')
  })

  const hasPytest = spawnSync('python3', ['-c', 'import boto3, pytest']).status === 0
  if (!hasPytest) console.warn('SKIPPED: the example for pytest needs python3 with boto3 and pytest.')

  it.skipIf(!hasPytest)('serves the tests of pytest', async () => {
    const KEYSPAN = `${process.execPath} ${join(installed, 'bin', 'keyspan.js')}`
    const { stdout } = await inProject('python3', ['-m', 'pytest', '-q', '-p', 'no:cacheprovider'], { KEYSPAN })
    expect(stdout).toContain('2 passed')
  })
})

/** A Node on the path that is too old to run Keyspan; null where there is none. */
function olderNode(): string | null {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const { stdout } = spawnSync(join(directory, 'node'), ['--version'], { encoding: 'utf8' })
    const [, major = ''] = /^v(\d+)\./.exec(stdout ?? '') ?? []
    if (major !== '' && Number(major) < 24) return join(directory, 'node')
  }
  return null
}

const older = olderNode()
if (older === null) console.warn('SKIPPED: no Node older than 24 is on the path to start the package with.')

describe.skipIf(older === null)('The package in an older Node', () => {
  const starter = () => join(installed, 'bin', 'keyspan.js')

  it('says which Node the test kit needs', () => {
    const script = `import('keyspan/testing').catch(({ message }) => console.log(message))`
    const { stdout } = spawnSync(older ?? '', ['--input-type=module', '-e', script], { encoding: 'utf8', cwd: parent })
    expect(stdout).toMatch(/^keyspan\/testing needs Node 24\.15 or newer, and this is Node /)
  })

  it('says which Node it needs where there is none beside it', () => {
    const { status, stderr } = spawnSync(older ?? '', [starter(), '--version'], { encoding: 'utf8', cwd: parent })
    expect(status).toBe(2)
    expect(stderr).toMatch(/^keyspan: This is Node [\d.]+, and Keyspan needs 24\.15 or newer: install one from /)
  })

  it('runs in the one beside it, and ends with whoever has started it, however that ends', async () => {
    const beside = join(parent, 'node_modules', `node-${process.platform}-${process.arch}`)
    await mkdir(join(beside, 'bin'), { recursive: true })
    await writeFile(join(beside, 'package.json'), '{}')
    await symlink(process.execPath, join(beside, 'bin', 'node'))
    const child = spawn(older ?? '', [starter(), 'serve', '--data', join(parent, 'elsewhere'), '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const url = await readyUrl(child)
    expect(await isServing(url)).toBe(true)
    child.kill('SIGKILL')
    await expect.poll(() => isServing(url)).toBe(false)
    const { status } = spawnSync(older ?? '', [starter(), 'bogus'], { encoding: 'utf8' })
    expect(status).toBe(2)
  })

  it('ends an ephemeral server with the process that has started it, where there is no pipe', async () => {
    const script = `const { spawn } = require('node:child_process')
      const stdio = ['ignore', 'inherit', 'inherit']
      spawn(process.execPath, ${JSON.stringify([starter(), 'serve', '--ephemeral'])}, { stdio })
      setInterval(() => {}, 1000)`
    const child = spawn(older ?? '', ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const { url } = JSON.parse(String(line)) as { url: string }
    expect(await isServing(url)).toBe(true)
    child.kill('SIGKILL')
    await expect.poll(() => isServing(url)).toBe(false)
  })
})

describe('A package whose cache others can write', () => {
  it('does not run what they may have put there', async () => {
    const cache = join(installed, 'dist', 'cache')
    await rm(cache, { recursive: true, force: true })
    await mkdir(cache)
    await chmod(cache, 0o777)
    await keyspan('--version')
    expect(await readdir(cache)).toEqual([])
    await rm(cache, { recursive: true })
  })
})

function isServing(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  )
}

describe('npx keyspan serve', () => {
  it('ends with npx', async () => {
    const bin = join(parent, 'node_modules', '.bin')
    await mkdir(bin, { recursive: true })
    await symlink(join(installed, 'bin', 'keyspan.js'), join(bin, 'keyspan'))
    const child = spawn('npx', ['keyspan', 'serve', '--data', join(parent, 'by-npx'), '--port', '0'], {
      cwd: parent,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const url = await readyUrl(child)
    child.kill('SIGTERM')
    await expect.poll(() => isServing(url)).toBe(false)
  })
})

describe('npm start', () => {
  it('ends the server with npm', async () => {
    const data = join(parent, 'started')
    const child = spawn('npm', ['start', '--', '--data', data, '--port', '0'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const exit = once(child, 'exit')
    const url = await readyUrl(child)
    child.kill('SIGTERM')
    await exit
    await expect.poll(() => isServing(url)).toBe(false)
  })
})

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
}
