import { WHOLE } from '../../../crypto/transparency/checkpoint.ts'
import { createEdge, HASH_BYTES } from '../../../crypto/transparency/merkle.ts'
import { parseVerifier, verifyNote } from '../../../crypto/transparency/note.ts'
import { hashesAt, levelOf, TILE_HASHES, type TileReader } from '../../../storage/audit-tree/tiles.ts'
import { CheckpointError, openCheckpoint, type SignedCheckpoint } from '../tree-files.ts'
import { stateTrouble } from '../witness.ts'
import type { Evidence } from './evidence.ts'
import { matchRecords } from './match-records.ts'
import { createFindings, type Findings, type LogReport } from './report.ts'

/** Checks one log by all that there is: its records, its tree, who has signed and seen it, and the state that it is of. */
export async function verifyLog(evidence: Evidence): Promise<LogReport> {
  const { place, log, tiles, key, cosigned } = evidence
  const findings = createFindings(place)
  const notes: string[] = []
  const last = readSigned(evidence, evidence.checkpoint, 'checkpoint', findings)
  const vouched = readSigned(evidence, cosigned, 'cosigned checkpoint', findings)
  const size = last?.checkpoint.size ?? 0
  const roots = await checkTree(evidence, last, vouched, findings)
  const ofRecords = createFindings(place)
  const begins = last?.checkpoint.begins ?? WHOLE
  const { records, uncovered, root } = await matchRecords(log, tiles, size, begins, ofRecords)
  const isSame = last !== null && root?.equals(last.checkpoint.root) === true
  // A damaged tree is no witness against records that are those of the checkpoint.
  if (!isSame) for (const each of ofRecords.listed) findings.add(each)
  if (last !== null && roots === null) {
    const text = isSame
      ? `The tree of ${log} is missing or damaged. Its records are those of its last checkpoint: the next start makes it again.`
      : `The tree of ${log} is missing or damaged, and its records are not those of its last checkpoint.`
    findings.add({ about: 'tree', text })
  }
  if (begins.record > 0)
    notes.push(`its first ${begins.record} records were deleted when they were due: it begins in ${begins.file}`)
  if (last === null && evidence.checkpoint === null) {
    if (evidence.seen.size > 0) findings.add({ about: 'checkpoint', text: `The checkpoint of ${log} is missing.` })
    else notes.push(key === null ? 'no server of this version has looked after it yet' : 'it has no checkpoint yet')
  }
  const witnesses = witnessesOf(evidence, vouched)
  if (witnesses.length === 0 && last !== null) {
    const why = evidence.witnesses.size === 0 ? 'no other Region has been used' : 'none of the others has yet'
    notes.push(`nobody vouches for it: ${why}`)
  }
  const rows = await checkRows(evidence, last, findings, notes)
  return {
    place,
    records,
    uncovered,
    checkpoint: last === null ? null : { size, time: new Date(last.checkpoint.time).toISOString() },
    witnesses,
    rows,
    findings: findings.listed,
    unlisted: findings.unlisted + (isSame ? 0 : ofRecords.unlisted),
    notes,
  }
}

function readSigned(
  { key, log }: Evidence,
  text: string | null,
  what: string,
  findings: Findings,
): SignedCheckpoint | null {
  const verifier = key === null ? null : parseVerifier(key)
  if (text === null) return null
  try {
    if (verifier !== null) return openCheckpoint(text, verifier, `The ${what} of ${log}`)
    findings.add({ about: 'checkpoint', text: `The ${what} of ${log} has no key that it could be checked by.` })
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error
    findings.add({ about: 'checkpoint', text: error.message })
  }
  return null
}

/** Holds a tree against its checkpoints, and what others have seen of it. Null where it is not that of the checkpoint. */
async function checkTree(
  { log, tiles, seen, key }: Evidence,
  last: SignedCheckpoint | null,
  vouched: SignedCheckpoint | null,
  findings: Findings,
): Promise<ReadonlyMap<number, Buffer> | null> {
  const size = last?.checkpoint.size ?? 0
  const wanted = new Set([size, ...(vouched === null ? [] : [vouched.checkpoint.size])])
  for (const each of seen.values()) wanted.add(each.size)
  const roots = await rootsOf(tiles, size, wanted).catch(() => null)
  const isGood = roots !== null && (last === null || roots.get(size)?.equals(last.checkpoint.root) === true)
  if (vouched !== null && isGood && roots.get(vouched.checkpoint.size)?.equals(vouched.checkpoint.root) !== true) {
    const text = `The records in ${log} are not those that others have vouched for: the first ${vouched.checkpoint.size} were rewritten, or their end was cut.`
    findings.add({ about: 'witness', text })
  }
  for (const [by, each] of seen) {
    const trouble =
      each.verifier === key
        ? last === null || !isGood
          ? null
          : seenTrouble(each, last, roots)
        : `it is signed by another key: ${key}, and was by ${each.verifier}`
    if (trouble !== null)
      findings.add({ about: 'witness', text: `The log in ${log} is not what ${by} has seen: ${trouble}.` })
  }
  return isGood ? roots : null
}

function seenTrouble(
  seen: Evidence['seen'] extends ReadonlyMap<string, infer Each> ? Each : never,
  { checkpoint }: SignedCheckpoint,
  roots: ReadonlyMap<number, Buffer>,
): string | null {
  if (seen.size > checkpoint.size) {
    return `it has ${checkpoint.size} records, and had ${seen.size}: it was put back, or its end was cut`
  }
  if (roots.get(seen.size)?.toString('base64') !== seen.root) {
    return `its first ${seen.size} records are not those that were seen: they were rewritten`
  }
  return stateTrouble(seen, checkpoint.state)
}

/** The roots of the first so many leaves of a tree, each hash of a higher level being the one that the leaves make. */
async function rootsOf(
  tiles: TileReader,
  size: number,
  wanted: ReadonlySet<number>,
): Promise<ReadonlyMap<number, Buffer>> {
  const above: { readonly level: number; readonly hash: Buffer }[] = []
  const edge = createEdge(0, [], (height, hash) => {
    const level = levelOf(height)
    if (level !== null && level > 0) above.push({ level, hash })
  })
  const roots = new Map<number, Buffer>()
  if (wanted.has(0)) roots.set(0, edge.root())
  while (edge.size < size) {
    const count = Math.min(TILE_HASHES, size - edge.size)
    const bytes = await tiles.read(0, edge.size, count)
    for (let at = 0; at < bytes.length; at += HASH_BYTES) {
      edge.append(bytes.subarray(at, at + HASH_BYTES))
      if (wanted.has(edge.size)) roots.set(edge.size, edge.root())
    }
    for (const { level, hash } of above.splice(0)) {
      const kept = await tiles.read(level, hashesAt(level, edge.size) - 1, 1)
      if (!kept.equals(hash)) throw new Error(`Level ${level} of the tree is not that of its leaves.`)
    }
  }
  return roots
}

function witnessesOf({ witnesses }: Evidence, vouched: SignedCheckpoint | null): LogReport['witnesses'] {
  const found: { place: string; size: number; time: string }[] = []
  for (const [place, key] of witnesses) {
    const verifier = parseVerifier(key)
    const time = vouched === null || verifier === null ? null : verifyNote(verifier, vouched.note)
    if (time === null || vouched === null) continue
    found.push({ place, size: vouched.checkpoint.size, time: new Date(time * 1000).toISOString() })
  }
  return found
}

/** Looks at every row of the store of a log. Gives how many there are; null where they are not looked at. */
async function checkRows(
  { checkState, place, seen }: Evidence,
  last: SignedCheckpoint | null,
  findings: Findings,
  notes: string[],
): Promise<number | null> {
  if (checkState === null) {
    notes.push('its database was not looked at: it is not here, or its root key is not')
    return null
  }
  const { rows, state, isWhole, damaged } = await checkState()
  for (const text of damaged) findings.add({ about: 'state', text })
  if (state === null) {
    if (last === null && damaged.length === 0) notes.push('its database has no digest yet')
    else findings.add({ about: 'state', text: `The digest of the database of ${place} is missing.` })
    return rows
  }
  if (!isWhole) {
    const text = `The database of ${place} has not the rows that it should have: some were deleted, or put back as they once were.`
    findings.add({ about: 'state', text })
  }
  const known = [...(last === null ? [] : [last.checkpoint.state]), ...seen.values()]
  const trouble = known.map((each) => stateTrouble(each, state)).find((each) => each !== null)
  if (trouble !== undefined)
    findings.add({ about: 'state', text: `The database of ${place} is not what its log knows: ${trouble}.` })
  return rows
}
