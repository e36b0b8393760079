import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCheckpoint, type Checkpoint } from '../../crypto/transparency/checkpoint.ts'
import { leafHash } from '../../crypto/transparency/merkle.ts'
import { parseNote, parseVerifier, verifyNote, type Note } from '../../crypto/transparency/note.ts'
import type { AuditProofs, DescribedLog, EventProof, Voucher } from '../../services/keyspan/audit-proofs.ts'
import { errors } from '../../services/keyspan/errors.ts'
import { listLog } from '../../storage/audit/files.ts'
import { openLogFile } from '../../storage/audit/log-file.ts'
import { readLevelFiles } from '../../storage/audit-tree/level-files.ts'
import { IndexBehindError } from '../../storage/event-index/event-index.ts'
import { GLOBAL } from '../../storage/event-index/log-index.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import { createAccountTurns } from '../inspect/account-turns.ts'
import type { LocatedRecord, LocateEvent } from '../trail/event-lookup.ts'
import { findLeaf } from './find-leaf.ts'
import type { SignedLog, Transparency } from './transparency.ts'
import { treeFiles } from './tree-files.ts'

/** How many leaves are looked at for a record's: 64 MiB of hashes, a fraction of a second. */
const MOST_LEAVES = 2 ** 21

/** What proofs are made from. */
interface ProofSources {
  readonly data: DataDirectory
  readonly signed: Transparency['signed']
  readonly locate: LocateEvent
}

/**
 * Proves what stands in the logs of a server that runs. A record is found by the index of events, and its leaf in the
 * tree from where the record stands in its files: no log is read.
 */
export function createAuditProofs({ data, signed, locate }: ProofSources): AuditProofs {
  const inTurn = createAccountTurns()
  return {
    describe: (account, region) =>
      inTurn(account, async () => {
        const places = [region, GLOBAL].flatMap((place) => {
          const log = signed(place)
          return log === null ? [] : [describe(place, log, data)]
        })
        return Promise.all(places)
      }),
    prove: (account, region, eventId) =>
      inTurn(account, async () => {
        const record = await located(locate(account, region, eventId))
        if (record === null) {
          throw errors.ResourceNotFoundException(
            `There is no event ${eventId} of account ${account} in ${region} in the last 90 days: give the eventID of one that LookupEvents lists there.`,
          )
        }
        const log = signed(record.log)
        if (log === null) {
          throw errors.ValidationException(
            'This server keeps nothing, and proves nothing: start it without --ephemeral for an audit log that can be proved.',
          )
        }
        return proveRecord(record, log, data)
      }),
  }
}

async function located(asked: Promise<LocatedRecord | null>): Promise<LocatedRecord | null> {
  try {
    return await asked
  } catch (error) {
    if (!(error instanceof IndexBehindError)) throw error
    throw errors.ServiceUnavailableException(
      `The index of the audit log is being made, and lacks ${error.missing} of its files. Ask again in a minute.`,
    )
  }
}

async function describe(place: string, { key, witnesses, checkpoint }: SignedLog, data: DataDirectory) {
  const cosigned = readNote(await cosignedOf(data, place))
  const last = readNote(checkpoint)
  return {
    place,
    key,
    checkpoint:
      last === null || checkpoint === null
        ? null
        : { records: last.checkpoint.size, time: last.checkpoint.time, text: checkpoint },
    witnesses: cosigned === null ? [] : vouchersOf(cosigned, witnesses),
  } satisfies DescribedLog
}

function vouchersOf({ note, checkpoint }: ReadNote, witnesses: SignedLog['witnesses']): readonly Voucher[] {
  return [...witnesses].flatMap(([place, key]) => {
    const verifier = parseVerifier(key)
    const time = verifier === null ? null : verifyNote(verifier, note)
    return time === null ? [] : [{ place, key, records: checkpoint.size, time: time * 1000 }]
  })
}

interface ReadNote {
  readonly note: Note
  readonly checkpoint: Checkpoint
}

/** A checkpoint with its signatures, which were checked when it was made; null where there is none. */
function readNote(text: string | null): ReadNote | null {
  const note = text === null ? null : parseNote(text)
  const checkpoint = note === null ? null : parseCheckpoint(note.text)
  return note === null || checkpoint === null ? null : { note, checkpoint }
}

function cosignedOf(data: DataDirectory, place: string): Promise<string | null> {
  return readFile(treeFiles(data.tree(place)).cosigned, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}

async function proveRecord({ log: place, place: at, line }: LocatedRecord, log: SignedLog, data: DataDirectory) {
  // What others vouch for is read before what it must not be newer than.
  const cosigned = await cosignedOf(data, place)
  const last = readNote(log.checkpoint)?.checkpoint
  if (last === undefined || isBehind(at, last.place)) return null
  const { proofText, prove, ProofError } = await import('./verify/prove.ts')
  await using tiles = await readLevelFiles(data.tree(place))
  const bytes = Buffer.from(line)
  const guess = await guessIndex(data.audit(place), at, last)
  const index = await findLeaf(tiles, last.size, leafHash(bytes), guess, MOST_LEAVES)
  if (index === null) throw errors.ValidationException(notFound(place, line))
  try {
    const proof = await prove({ place, ...log, cosigned, tiles }, bytes, index)
    const { record, key, witnesses } = proof
    return { place, record, index, text: proofText(proof), key, witnesses } satisfies EventProof
  } catch (error) {
    if (error instanceof ProofError) throw errors.ValidationException(error.message)
    throw error
  }
}

function isBehind(one: Checkpoint['place'], end: Checkpoint['place']): boolean {
  return one.file > end.file || (one.file === end.file && one.offset >= end.offset)
}

/** About which number a record has, by how much of the log stands before it. */
async function guessIndex(log: string, at: Checkpoint['place'], { begins, place, size }: Checkpoint): Promise<number> {
  let [before, all] = [0, 0]
  for (const name of await listLog(log)) {
    if (name < begins.file || name > place.file) continue
    const bytes = name === place.file ? place.offset : sizeOf(join(log, name))
    all += bytes
    if (name < at.file) before += bytes
    if (name === at.file) before += at.offset
  }
  return all === 0 ? begins.record : begins.record + Math.floor(((size - begins.record) * before) / all)
}

function sizeOf(path: string): number {
  using file = openLogFile(path)
  return file.size
}

function notFound(place: string, line: string): string {
  const { eventID } = JSON.parse(line) as { readonly eventID: string }
  return (
    `The record is not found in the tree of the audit log of ${place} near where it should be. What to do: whoever runs ` +
    `the server asks keyspan audit prove ${eventID}, which reads the whole log, and keyspan audit verify.`
  )
}
