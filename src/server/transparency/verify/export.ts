import { createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { noteText, parseVerifier } from '../../../crypto/transparency/note.ts'
import { listLog } from '../../../storage/audit/files.ts'
import { openLogFile } from '../../../storage/audit/log-file.ts'
import type { DataDirectory } from '../../data/data-directory.ts'
import type { Kept } from '../../data/kept.ts'
import { reasonOf } from '../../system-errors.ts'
import { openCheckpoint } from '../tree-files.ts'
import { gatherEvidence, readText, type Evidence } from './evidence.ts'
import { readTileFiles, writeTileFiles } from './tile-files.ts'

/** What an export says of itself. It is written last: one without it is not whole. */
const MANIFEST = 'export.json'
const FORMAT = 1
/** How much is copied at a time. */
const PART_BYTES = 256 * 1024

const manifest = z.object({
  format: z.literal(FORMAT),
  exportedAt: z.string(),
  logs: z.array(z.object({ place: z.string().regex(/^[a-z0-9-]+$/), records: z.number(), key: z.string() })),
  witnesses: z.record(z.string(), z.string()),
})
type Manifest = z.infer<typeof manifest>

/** An export that cannot be written or read. */
export class ExportError extends Error {}

/**
 * Writes what somebody else needs to check the audit logs without any secret: for each log its files up to a
 * checkpoint, the tiles, and the checkpoint with its signatures; and the public keys of all of them.
 *
 * @param target must be empty or missing
 * @throws ExportError
 */
export async function exportAudit(data: DataDirectory, target: string, now: number, kept?: Kept): Promise<Manifest> {
  await mkdir(target, { recursive: true, mode: 0o700 })
  if ((await readdir(target)).length > 0) {
    throw new ExportError(`${target} is not empty. Each export has a directory of its own.`)
  }
  const evidence = await gatherEvidence(data, null, kept)
  const logs: Manifest['logs'] = []
  try {
    for (const each of evidence) {
      const records = await exportLog(each, join(target, each.place))
      if (records !== null && each.key !== null) logs.push({ place: each.place, records, key: each.key })
    }
  } finally {
    for (const { tiles } of evidence) await tiles[Symbol.asyncDispose]()
  }
  const witnesses = Object.fromEntries(evidence.flatMap((each) => [...each.witnesses]))
  const made: Manifest = { format: FORMAT, exportedAt: new Date(now).toISOString(), logs, witnesses }
  await writeFile(join(target, MANIFEST), `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 })
  return made
}

/** Writes one log, up to the last checkpoint that others have vouched for. Null where it has no checkpoint. */
async function exportLog(evidence: Evidence, target: string): Promise<number | null> {
  const { log, tiles, key, place } = evidence
  const verifier = key === null ? null : parseVerifier(key)
  if (evidence.checkpoint === null || verifier === null) return null
  const open = (text: string) => openCheckpoint(text, verifier, `The checkpoint of ${place}`)
  const newest = open(evidence.checkpoint)
  const vouched = evidence.cosigned === null ? null : open(evidence.cosigned)
  // What was deleted since it was vouched for is not here to be checked.
  const isVouched = vouched?.checkpoint.begins.record === newest.checkpoint.begins.record
  const { checkpoint, note } = isVouched ? vouched : newest
  const text = noteText(note)
  const files = join(target, 'log')
  await mkdir(files, { recursive: true, mode: 0o700 })
  for (const name of await listLog(log)) {
    const { file, offset } = checkpoint.place
    if (name < checkpoint.begins.file) continue
    if (name > file || (name === file && offset === 0)) break
    const part = bytesOf(join(log, name), name === file ? offset : Number.MAX_SAFE_INTEGER)
    await pipeline(part, createWriteStream(join(files, name), { mode: 0o600 }))
  }
  await writeTileFiles(target, tiles, checkpoint.size)
  await writeFile(join(target, 'checkpoint'), text, { mode: 0o600 })
  return checkpoint.size
}

/** The first bytes of a file of a log, as they were written. */
async function* bytesOf(path: string, end: number): AsyncGenerator<Buffer> {
  using file = openLogFile(path)
  for (let position = 0; position < end;) {
    const part = Buffer.allocUnsafe(Math.min(PART_BYTES, end - position))
    const length = await file.read(part, position)
    if (length === 0) return
    yield part.subarray(0, length)
    position += length
  }
}

/**
 * What an export has to check its logs by. The keys are its own: whoever checks compares them with those that they know.
 *
 * @throws ExportError
 */
export async function gatherExport(directory: string): Promise<readonly Evidence[]> {
  const path = join(directory, MANIFEST)
  let found: Manifest
  try {
    found = manifest.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    throw new ExportError(
      `${directory} holds no whole export: ${path} cannot be read (${reasonOf(error)}). Name a directory that keyspan ` +
        'audit export has made.',
      { cause: error },
    )
  }
  return Promise.all(found.logs.map((each) => evidenceOf(directory, each, found.witnesses)))
}

async function evidenceOf(
  directory: string,
  { place, key, records }: Manifest['logs'][number],
  witnesses: Manifest['witnesses'],
): Promise<Evidence> {
  const checkpoint = await readText(join(directory, place, 'checkpoint'))
  return {
    place,
    key,
    log: join(directory, place, 'log'),
    tiles: { ...readTileFiles(join(directory, place), records), [Symbol.asyncDispose]: async () => {} },
    checkpoint,
    cosigned: checkpoint,
    witnesses: new Map(Object.entries(witnesses).filter(([each]) => each !== place)),
    seen: new Map(),
    checkState: null,
  }
}
