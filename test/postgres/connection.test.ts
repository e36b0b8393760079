import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../free-port.ts'
import { createLine } from '../places/line.ts'
import { MAIN } from '../program/program.ts'
import { hasOpenssl, makeAuthority } from './certificates.ts'
import { POSTGRES_BIN, startPostgres, type TestPostgres } from './postgres.ts'

const PASSWORD = 'a-password-that-nobody-shows'
const OTHER = 'a-password-that-is-wrong'

let directory: string
/** Everything that any process has said. */
let said = ''

/** A process, with nothing of PostgreSQL in its environment but what is said. */
function start(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [MAIN, ...words], {
    env: { PATH, HOME, KEYSPAN_LOG: 'debug', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      said += chunk.toString()
    })
  }
  return { child, text: () => text }
}

/** What a command that looks at a database says. */
async function look(
  database: string,
  flags: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
) {
  const data = join(directory, 'nothing')
  const { child, text } = start(['keyring', 'status', '--data', data, '--database', database, ...flags], environment)
  await once(child, 'close')
  expect(child.exitCode).toBe(2)
  return text()
}

/** That somebody was let in, and has found nothing there. */
const LET_IN = 'holds no data of Keyspan'

describe.skipIf(POSTGRES_BIN === null || !hasOpenssl())('A connection to PostgreSQL', { timeout: 60_000 }, () => {
  const servers: TestPostgres[] = []
  let ours: TestPostgres
  let misnamed: TestPostgres
  let plain: TestPostgres
  const authority = (name: string) => join(directory, `${name}.pem`)
  const file = (name: string) => ['--database-password-file', join(directory, name)]
  const verified = (name = 'ours') => `?sslmode=verify-full&sslrootcert=${authority(name)}`
  const at = (
    { port }: TestPostgres,
    query = '',
    { host = '127.0.0.1', database = 'postgres', user = 'keyspan' } = {},
  ) => `postgres://${user}@${host}:${port}/${database}${query}`

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keyspan-'))
    const [known, _stranger] = ['ours', 'strangers'].map((name) => makeAuthority(directory, name))
    if (known === undefined) throw new Error('There is an authority.')
    ours = await startPostgres({ tls: known.certify('IP:127.0.0.1,DNS:localhost'), password: PASSWORD })
    misnamed = await startPostgres({ tls: known.certify('DNS:db.example.com') })
    plain = await startPostgres({ password: PASSWORD })
    servers.push(ours, misnamed, plain)
    for (const [name, text] of Object.entries({ right: PASSWORD, wrong: OTHER, empty: '' })) {
      await writeFile(join(directory, name), `${text}\n`, { mode: 0o600 })
    }
    await writeFile(join(directory, 'pgpass'), `*:*:*:keyspan:${PASSWORD}\n`, { mode: 0o600 })
  })
  afterAll(async () => {
    for (const server of servers) await server.stop()
    await rm(directory, { recursive: true })
  })

  it('is made where the certificate and the password are right, wherever that comes from', async () => {
    expect(await look(at(ours, verified()), file('right'))).toContain(LET_IN)
    expect(await look(at(ours, verified(), { host: 'localhost' }), file('right'))).toContain(LET_IN)
    expect(await look(at(ours, verified()), [], { PGPASSWORD: PASSWORD })).toContain(LET_IN)
    expect(await look(at(ours, verified()), [], { PGPASSFILE: join(directory, 'pgpass') })).toContain(LET_IN)
    expect(await look(at(misnamed, '?sslmode=require'))).toContain(LET_IN)
    expect(await look(at(plain), file('right'))).toContain(LET_IN)
  })

  it('is not made where the certificate is not to be believed, and says which, and what to do', async () => {
    expect(await look(at(ours, verified('strangers')), file('right'))).toMatch(/nobody who is believed.*sslrootcert=/)
    expect(await look(at(ours, '?sslmode=verify-full'), file('right'))).toMatch(/nobody who is believed.*sslrootcert=/)
    expect(await look(at(misnamed, verified()))).toMatch(/is not for "127.0.0.1" \(it is for DNS:db.example.com\)/)
    expect(await look(at(plain, verified()), file('right'))).toMatch(/has no TLS. Switch it on there.*sslmode=disable/)
    const missing = `?sslmode=verify-full&sslrootcert=${authority('none')}`
    expect(await look(at(ours, missing), file('right'))).toMatch(/none.pem is not there/)
    const noPem = `?sslmode=verify-full&sslrootcert=${join(directory, 'empty')}`
    expect(await look(at(ours, noPem), file('right'))).toMatch(/cannot be read as certificates in PEM/)
  })

  it('is not made without the right password, user and database, and says which, and what to do', async () => {
    expect(await look(at(ours, verified()), file('wrong'))).toMatch(/does not take this password for the user keyspan/)
    expect(await look(at(ours, verified()))).toMatch(/wants a password of the user keyspan, and there is none/)
    expect(await look(at(ours, verified()), file('empty'))).toMatch(/empty is empty: its first line counts/)
    expect(await look(at(ours, verified()), file('none'))).toMatch(/none is missing/)
    const elsewhere = at(ours, verified(), { database: 'nowhere' })
    expect(await look(elsewhere, file('right'))).toMatch(/has no database "nowhere". Make it: createdb/)
    expect(await look(at(misnamed, '?sslmode=require', { user: 'nobody' }))).toMatch(/does not let the user nobody in/)
    const shown = `postgres://keyspan:${PASSWORD}@127.0.0.1:${ours.port}/postgres`
    expect(await look(shown)).toMatch(/it has a password, which others may read/)
    expect(await look(`postgres://keyspan@127.0.0.1:${await freePort()}/keyspan`)).toMatch(/nobody listens at/)
    expect(await look('postgres://keyspan@nowhere.invalid/keyspan')).toMatch(/the name of nowhere.invalid:5432/)
    expect(await look('postgres://keyspan@127.0.0.1:543210/keyspan')).toMatch(/the port 543210 .* is none/)
  })

  it('lets a user that may make no schemas know who has to allow it', async () => {
    await misnamed.run(at(misnamed), 'create role guest login')
    await misnamed.run(at(misnamed), 'create database guests')
    const database = at(misnamed, '?sslmode=require', { user: 'guest', database: 'guests' })
    const { child, text } = start(['serve', '--data', join(directory, 'guest'), '--database', database, '--port', '0'])
    await once(child, 'close')
    expect(child.exitCode).toBe(2)
    expect(text()).toContain('ALTER DATABASE "guests" OWNER TO "guest"')
  })

  it('is spoken of without any password', () => {
    expect(said).toContain('the user keyspan')
    for (const password of [PASSWORD, OTHER]) expect(said).not.toContain(password)
  })
})

describe.skipIf(POSTGRES_BIN === null)('A server whose PostgreSQL is away', { timeout: 60_000 }, () => {
  let postgres: TestPostgres
  let child: ChildProcess | null = null
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keyspan-'))
    postgres = await startPostgres({ password: PASSWORD })
    await writeFile(join(directory, 'right'), `${PASSWORD}\n`, { mode: 0o600 })
    await writeFile(join(directory, 'wrong'), `${OTHER}\n`, { mode: 0o600 })
  })
  afterEach(async () => {
    if (child === null || child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  afterAll(async () => {
    await postgres.stop()
    await rm(directory, { recursive: true })
  })

  function serve(port: number, password = 'right') {
    const words = ['serve', '--data', join(directory, 'data'), '--port', '0', '--regions', 'us-east-1']
    const database = ['--database', `postgres://keyspan@127.0.0.1:${port}/postgres`]
    const started = start([...words, ...database, '--database-password-file', join(directory, password)])
    child = started.child
    return started
  }

  it('waits, says why, and serves once it is there; when it vanishes it ends, and takes its turn when it is back', async () => {
    await using line = await createLine(() => postgres.port)
    line.cut(true)
    const first = serve(line.port)
    await expect.poll(first.text, { timeout: 20_000 }).toMatch(/is a standby at http.*127.0.0.1.* ended the connection/)
    line.cut(false)
    await expect.poll(first.text, { timeout: 20_000 }).toContain('is ready at')
    line.cut(true)
    await once(first.child, 'close')
    expect(first.child.exitCode).toBe(1)
    expect(first.text()).toMatch(/serves no more: .*Start it again/)
    const second = serve(line.port)
    await expect.poll(second.text, { timeout: 20_000 }).toContain('ended the connection')
    line.cut(false)
    await expect.poll(second.text, { timeout: 20_000 }).toContain('is ready at')
    second.child.kill('SIGTERM')
    await once(second.child, 'close')
    expect(second.child.exitCode).toBe(0)
  })

  it('does not wait where waiting does not help', async () => {
    const { child: ended, text } = serve(postgres.port, 'wrong')
    await once(ended, 'close')
    expect(ended.exitCode).toBe(2)
    expect(text()).toContain('does not take this password')
    expect(text()).not.toContain(OTHER)
  })
})
