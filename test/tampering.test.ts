import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { CreateAliasCommand, CreateGrantCommand, CreateKeyCommand, ReplicateKeyCommand } from '@aws-sdk/client-kms'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkpointText, WHOLE } from '../src/crypto/transparency/checkpoint.ts'
import { noteText, signNote, verifierText } from '../src/crypto/transparency/note.ts'
import { readConfig } from '../src/server/config/config.ts'
import { dataDirectory, type DataDirectory } from '../src/server/data/data-directory.ts'
import { openRootKeyFile } from '../src/server/data/root-key-file.ts'
import { startServer, type Server } from '../src/server/start.ts'
import { openLogKeys, originOf, type LogKeys } from '../src/server/transparency/log-keys.ts'
import { treeFiles } from '../src/server/transparency/tree-files.ts'
import type { Finding } from '../src/server/transparency/verify/report.ts'
import { verifyData, type AuditReport } from '../src/server/transparency/verify/verify.ts'
import { seenName, seenOf } from '../src/server/transparency/witness.ts'
import { listLog } from '../src/storage/audit/files.ts'
import { NO_RECORDS, openLogTree } from '../src/storage/audit-tree/log-tree.ts'
import { openRegionStore } from '../src/storage/open-region-store.ts'
import type { RegionStore } from '../src/storage/store.ts'
import { kmsClient, untilState } from './clients/kms-client.ts'
import { MAIN } from './program/program.ts'
import { AWAY, HOME, startTestServer } from './server.ts'

/** What a server has left that served two Regions; and what it had left the time before. */
let base: string
let earlier: string
let root: string
/** A copy of it, to be changed. */
let data: DataDirectory

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'keyspan-'))
  base = join(root, 'base')
  earlier = join(root, 'earlier')
  await using server = await startTestServer({ regions: `${HOME},${AWAY}` })
  const home = await kmsClient(server, HOME)
  const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
  const KeyId = KeyMetadata?.KeyId ?? ''
  const GranteePrincipal = 'arn:aws:iam::111122223333:root'
  await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
  await untilState(await kmsClient(server, AWAY), KeyId, 'Enabled')
  await home.send(new CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ['Encrypt'] }))
  await server.stop()
  await cp(server.path, earlier, { recursive: true })
  await server.restart()
  const again = await kmsClient(server, HOME)
  await again.send(new CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ['Decrypt'] }))
  for (const name of ['a', 'b', 'c', 'd']) {
    await again.send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId: KeyId }))
  }
  await server.stop()
  await cp(server.path, base, { recursive: true })
})
afterAll(() => rm(root, { recursive: true }))

beforeEach(async () => {
  const path = await mkdtemp(join(root, 'copy-'))
  await cp(base, path, { recursive: true })
  data = dataDirectory(path)
})

const verify = async (): Promise<AuditReport> =>
  verifyData(data, await openRootKeyFile({ path: data.rootKey, mayCreate: false }))

/** What is found, as it is told. */
async function found(): Promise<readonly Finding[]> {
  const { findings, isGood } = await verify()
  expect(isGood).toBe(findings.length === 0)
  return findings
}

async function logFile(region: string): Promise<string> {
  return join(data.audit(region), (await listLog(data.audit(region))).at(-1) ?? '')
}

/** Changes the lines of a Region's log. */
async function editLog(region: string, edit: (lines: string[]) => void): Promise<string> {
  const file = await logFile(region)
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1)
  edit(lines)
  await writeFile(file, lines.map((line) => `${line}\n`).join(''))
  return file
}

function editDatabase(sql: string): void {
  using database = new DatabaseSync(data.region(HOME))
  database.exec(sql)
}

/** What somebody can do who has the root key as well. */
async function withRootKey(work: (store: RegionStore, keys: LogKeys) => Promise<void>): Promise<void> {
  const key = await openRootKeyFile({ path: data.rootKey, mayCreate: false })
  using database = new DatabaseSync(data.global)
  const deployment = String(database.prepare("select value from meta where name = 'deployment'").get()?.['value'])
  const store = await openRegionStore(data.region(HOME), HOME, { root: key, deployment, now: 1 })
  try {
    await work(store, await openLogKeys(store, originOf(deployment, HOME)))
  } finally {
    await store.close()
  }
}

/** Makes the tree of a Region's log anew, signed as if it had always been so. */
async function signAnew(store: RegionStore, { log: key }: LogKeys): Promise<void> {
  const files = treeFiles(data.tree(HOME))
  const state = store.state()
  const tree = await openLogTree(data.audit(HOME), data.tree(HOME), { ...NO_RECORDS, root: null })
  const end = await readFile(await logFile(HOME))
  await tree?.advance({ file: (await listLog(data.audit(HOME))).at(-1) ?? '', offset: end.length })
  const position = tree?.position
  await tree?.close()
  if (position === undefined) throw new Error('no tree')
  const checkpoint = { ...position, origin: key.name, begins: WHOLE, state, time: Date.now() }
  const text = checkpointText(checkpoint)
  const note = noteText({ text, signatures: [signNote(key, text, 0)] })
  await writeFile(files.checkpoint, note)
  await rm(files.cosigned)
  await store.putMarks(new Map([[seenName(HOME), JSON.stringify(seenOf(verifierText(key), checkpoint))]]))
}

/** Starts a server on what was changed; gives what it tells at once, and what it tells the log until `enough` is told. */
async function start(enough: RegExp | null): Promise<{ notices: readonly string[]; alarms: readonly string[] }> {
  const alarms: string[] = []
  const log = pino({ level: 'error' }, { write: (line) => void alarms.push(String(JSON.parse(line).msg)) })
  const server: Server = await startServer(
    readConfig({ data: data.path, port: 0, regions: `${HOME},${AWAY}` }, {}),
    log,
  )
  try {
    await expect.poll(() => enough === null || alarms.some((alarm) => enough.test(alarm))).toBe(true)
    return { notices: server.notices, alarms }
  } finally {
    await server.stop()
  }
}

describe('What nobody has changed', () => {
  it('is found to be as it was, as often as it is served', async () => {
    expect(await found()).toEqual([])
    expect(await start(null)).toEqual({ notices: [], alarms: [] })
    const { logs, isGood } = await verify()
    expect(isGood).toBe(true)
    expect(
      logs.map(({ place, uncovered, witnesses }) => [place, uncovered, witnesses.map((each) => each.place)]),
    ).toEqual([
      ['global', 0, [AWAY, HOME]],
      [AWAY, 0, [HOME]],
      [HOME, 0, [AWAY]],
    ])
  })

  it('is found to be so while the server runs, by the command', async () => {
    const config = readConfig({ data: data.path, port: 0, regions: `${HOME},${AWAY}` }, {})
    const server = await startServer(config, pino({ level: 'silent' }))
    const run = promisify(execFile)(process.execPath, [MAIN, 'audit', 'verify', '--data', data.path])
    expect((await run).stdout).toContain('All is as it was.')
    await server.stop()
  })
})

describe('A log', () => {
  it('of which one byte was flipped is found, with the file, the line and the event', async () => {
    let eventID = ''
    const file = await editLog(HOME, (lines) => {
      eventID = JSON.parse(lines[2] ?? '').eventID
      lines[2] = lines[2]?.replace('"readOnly":false', '"readOnly":fblse') ?? ''
    })
    expect(await found()).toEqual([expect.objectContaining({ place: HOME, about: 'record', file, line: 3 })])
    await editLog(HOME, (lines) => (lines[2] = lines[2]?.replace('fblse', 'true ') ?? ''))
    expect(await found()).toMatchObject([{ line: 3, eventId: eventID, text: expect.stringContaining('was changed') }])
    const failed = promisify(execFile)(process.execPath, [
      MAIN,
      'audit',
      'verify',
      '--output',
      'json',
      '--data',
      data.path,
    ])
    await expect(failed).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining(eventID) })
  })

  it('from which a line was taken is found', async () => {
    await editLog(HOME, (lines) => lines.splice(1, 1))
    expect(await found()).toMatchObject([
      { about: 'record', line: 2, text: expect.stringContaining('A record is missing') },
    ])
  })

  it('whose first file was taken away is found', async () => {
    const restart = async (): Promise<string> => {
      await start(null)
      return logFile(HOME)
    }
    const first = await logFile(HOME)
    // The log goes on in another file, as it does the day after.
    await writeFile(join(data.audit(HOME), '2999-01-01.jsonl'), '{"eventID":"tomorrow"}\n')
    expect(await restart()).toContain('2999')
    expect(await found()).toEqual([])
    await rm(first)
    expect(await found()).toMatchObject([{ text: expect.stringMatching(/^\d+ records are missing before line 1 of/) }])
  })

  it('into which a line was put is found', async () => {
    await editLog(HOME, (lines) => lines.splice(2, 0, '{"eventID":"forged"}'))
    expect(await found()).toMatchObject([{ line: 3, eventId: 'forged', text: expect.stringContaining('was added') }])
  })

  it('whose end was cut is found, told at the next start, and signed no more', async () => {
    const checkpoint = treeFiles(data.tree(HOME)).checkpoint
    const before = await readFile(checkpoint, 'utf8')
    const file = await logFile(HOME)
    const size = (await readFile(file)).lastIndexOf('\n', -2) + 1
    await truncate(file, size)
    expect(await found()).toMatchObject([{ text: expect.stringContaining('A record is missing at the end') }])
    const { alarms } = await start(/its last records were taken away/)
    expect(alarms).toHaveLength(1)
    expect(await readFile(checkpoint, 'utf8')).toBe(before)
  })

  it('whose tree was lost has it again after the next start', async () => {
    await rm(join(data.tree(HOME), '0'))
    expect(await found()).toMatchObject([
      { about: 'tree', text: expect.stringContaining('the next start makes it again') },
    ])
    expect((await start(null)).alarms).toEqual([])
    expect(await found()).toEqual([])
  })

  it('whose checkpoint is none any more is named, and not looked for where its records lie', async () => {
    await writeFile(treeFiles(data.tree(HOME)).checkpoint, 'nothing that is signed')
    const text = `The checkpoint of ${data.audit(HOME)} is no checkpoint: it was changed.`
    expect(await found()).toContainEqual(expect.objectContaining({ about: 'checkpoint', text }))
  })

  it('that was rewritten with its tree is not signed by its own server', async () => {
    await editLog(HOME, (lines) => (lines[0] = lines[0]?.replace('CreateKey', 'CreateToy') ?? ''))
    await rm(data.tree(HOME), { recursive: true })
    expect(await found()).toMatchObject([
      { place: HOME, about: 'checkpoint', text: expect.stringContaining('is missing') },
    ])
    const { alarms } = await start(/are not those of its last checkpoint/)
    expect(alarms).toHaveLength(1)
  })
})

describe('A database', () => {
  it('from which a row was deleted is found', async () => {
    editDatabase("delete from alias where name = 'alias/a'")
    expect(await found()).toMatchObject([
      { place: HOME, about: 'state', text: expect.stringContaining('some were deleted') },
    ])
    // Nor does a server that goes on with it cover it.
    await start(null)
    expect(await found()).toMatchObject([{ place: HOME, about: 'state' }])
  })

  it('in which a row was put back as it once was is found', async () => {
    const before = join(earlier, 'regions', `${HOME}.sqlite`)
    editDatabase(`attach '${before}' as old; delete from main.grant; insert into main.grant select * from old.grant`)
    expect(await found()).toMatchObject([{ place: HOME, about: 'state' }])
  })
})

describe('A Region', () => {
  it('that was put back with its log and tree is found by what another has seen', async () => {
    for (const part of [`regions/${HOME}.sqlite`, `audit/${HOME}`, `trees/${HOME}`]) {
      await rm(join(data.path, part), { recursive: true })
      await cp(join(earlier, part), join(data.path, part), { recursive: true })
    }
    const findings = await found()
    expect(findings).toContainEqual(
      expect.objectContaining({
        place: HOME,
        about: 'witness',
        text: expect.stringContaining(`is not what ${AWAY} has seen`),
      }),
    )
    await expect(start(null)).rejects.toThrow(/put back from a backup alone/)
  })

  it('whose history was rewritten, and signed by its own stolen key, is found by another', async () => {
    await editLog(HOME, (lines) => (lines[0] = lines[0]?.replace('CreateKey', 'CreateToy') ?? ''))
    await withRootKey(signAnew)
    const rewritten = { place: HOME, about: 'witness', text: expect.stringContaining('rewritten') }
    expect(await found()).toMatchObject([rewritten])
    const { notices, alarms } = await start(/rewritten/)
    expect(notices).toEqual([expect.stringContaining(`is not what ${AWAY} has seen`)])
    expect(alarms).toEqual([expect.stringContaining('rewritten')])
  })

  it('whose signing key was replaced is found by another', async () => {
    editDatabase("delete from meta where name = 'audit-keys'")
    await withRootKey(signAnew)
    const findings = await found()
    expect(findings).toContainEqual(
      expect.objectContaining({
        place: HOME,
        about: 'witness',
        text: expect.stringContaining('signed by another key'),
      }),
    )
    const { notices } = await start(/signed by another key/)
    expect(notices).toEqual([expect.stringContaining(`is not what ${AWAY} has seen`)])
  })
})
