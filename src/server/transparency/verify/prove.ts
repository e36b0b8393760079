import { join } from 'node:path'
import { parseCheckpoint, WHOLE, type LogBeginning } from '../../../crypto/transparency/checkpoint.ts'
import { leafHash } from '../../../crypto/transparency/merkle.ts'
import { parseNote, parseVerifier } from '../../../crypto/transparency/note.ts'
import { proveInclusion, rootByInclusion } from '../../../crypto/transparency/proof.ts'
import { listLog } from '../../../storage/audit/files.ts'
import { linesBetween } from '../../../storage/audit/lines.ts'
import { subtreesIn, type TileReader } from '../../../storage/audit-tree/tiles.ts'
import type { DataDirectory } from '../../data/data-directory.ts'
import type { Kept } from '../../data/kept.ts'
import { openCheckpoint } from '../tree-files.ts'
import { gatherEvidence, type Evidence } from './evidence.ts'
import { eventIdOf } from './match-records.ts'

/** What shows that a record stands in a log, to whoever has the public keys. */
export interface RecordProof {
  readonly place: string
  /** The line, without its end. */
  readonly record: string
  /** Its place among all records of the log, from 0. */
  readonly index: number
  /** In base64, from the leaf's sibling up. */
  readonly hashes: readonly string[]
  /** Signed, and vouched for as far as it is. */
  readonly checkpoint: string
  /** The key of the log, and those of the ones who may vouch for it. */
  readonly key: string
  readonly witnesses: readonly string[]
}

/** What a record is proved by. */
export type LogEvidence = Pick<Evidence, 'place' | 'key' | 'cosigned' | 'checkpoint' | 'witnesses'> & {
  readonly tiles: TileReader
}

/** A record that cannot be proved. */
export class ProofError extends Error {}

/** Finds a record, reading each log once, and proves that it stands there. @throws ProofError */
export async function proveRecord(data: DataDirectory, eventId: string, kept?: Kept): Promise<RecordProof> {
  const evidence = await gatherEvidence(data, null, kept)
  try {
    for (const each of evidence) {
      const found = await findRecord(each.log, beginningOf(each), eventId)
      if (found !== null) return await prove(each, found.line, found.index)
    }
  } finally {
    for (const { tiles } of evidence) await tiles[Symbol.asyncDispose]()
  }
  throw new ProofError(
    `No audit log in ${data.path} has an event "${eventId}": an eventID is meant, of keyspan audit tail.`,
  )
}

/** Where a log begins, by its checkpoint as far as it is one. */
function beginningOf({ checkpoint }: Evidence): LogBeginning {
  const note = checkpoint === null ? null : parseNote(checkpoint)
  return (note === null ? null : parseCheckpoint(note.text))?.begins ?? WHOLE
}

async function findRecord(
  log: string,
  begins: LogBeginning,
  eventId: string,
): Promise<{ line: Buffer; index: number } | null> {
  const mark = Buffer.from(eventId)
  let index = begins.record
  for (const name of await listLog(log)) {
    if (name < begins.file) continue
    for await (const lines of linesBetween(join(log, name), 0, Number.MAX_SAFE_INTEGER)) {
      for (const line of lines) {
        if (line.includes(mark) && eventIdOf(line) === eventId) return { line, index }
        index += 1
      }
    }
  }
  return null
}

/** Proves that a record stands at a place of a log. @throws ProofError */
export async function prove(
  { place, tiles, key, cosigned, checkpoint, witnesses }: LogEvidence,
  line: Buffer,
  index: number,
): Promise<RecordProof> {
  const verifier = key === null ? null : parseVerifier(key)
  const texts = [cosigned, checkpoint].filter((text) => text !== null)
  if (key === null || verifier === null || texts.length === 0) {
    throw new ProofError(`The audit log of ${place} has no checkpoint yet. Start the server, and ask again.`)
  }
  const signed = texts.map((text) => ({
    text,
    ...openCheckpoint(text, verifier, `The checkpoint of ${place}`).checkpoint,
  }))
  const over = signed.find(({ size }) => index < size)
  if (over === undefined) {
    throw new ProofError(`The record is newer than the last checkpoint of ${place}, which a server makes each second.`)
  }
  const hashes = await proveInclusion(subtreesIn(tiles), index, over.size)
  if (rootByInclusion(index, over.size, leafHash(line), hashes)?.equals(over.root) !== true) {
    throw new ProofError(
      'The record is not the one that its log has vouched for. keyspan audit verify says what is wrong.',
    )
  }
  return {
    place,
    record: line.toString(),
    index,
    hashes: hashes.map((hash) => hash.toString('base64')),
    checkpoint: over.text,
    key,
    witnesses: [...witnesses.values()],
  }
}

/** A proof as C2SP's tlog-proof has it; its extra data is the record. */
export function proofText({ record, index, hashes, checkpoint }: RecordProof): string {
  const extra = Buffer.from(record).toString('base64')
  return ['c2sp.org/tlog-proof@v1', `extra ${extra}`, `index ${index}`, ...hashes, '', checkpoint].join('\n')
}
