/**
 * The protocol as the model runs it: the very transitions of the server, and nothing in their place.
 *
 * A mutation replaces one of these functions by one that is wrong; the model must then find a broken invariant.
 */
import { NO_IMPORTS, withImport } from '../../src/domain/imports.ts'
import type { KeyRecord, Material } from '../../src/domain/key.ts'
import type { MaterialId } from '../../src/domain/material-id.ts'
import type { ReplicaBirth } from '../../src/domain/multi-region.ts'
import type { Region } from '../../src/domain/region.ts'
import {
  beginFamily,
  changeShared,
  expire,
  handOff,
  repeat,
  replicate,
  rotate,
  scheduleDeletion,
} from '../../src/replication/commands.ts'
import { conclude, type Seat, type Step } from '../../src/replication/governing.ts'
import { discard, importAgain, importNew, rotateToImported } from '../../src/replication/imports.ts'
import type { Message } from '../../src/replication/message.ts'
import { ask, distrustMember, forget, LEAP, recover } from '../../src/replication/recovery.ts'
import { receive } from '../../src/replication/transitions.ts'
import { keyRecord } from '../key-record.ts'

export const REGIONS: readonly Region[] = ['A', 'B', 'C']

/** Time stands still: nothing in the protocol depends on it. */
export const NOW = 0

export interface Protocol {
  receive(seat: Seat, region: Region, message: Message, now: number): Step
  replicate(seat: Seat, to: Region, birth: ReplicaBirth): Step
  rotate(seat: Seat, material: Material, now: number): Step
  importNew(seat: Seat, id: MaterialId, expiresAt: number | null): Step
  importAgain(seat: Seat, id: MaterialId, expiresAt: number | null): Step
  discard(seat: Seat, ids: readonly MaterialId[]): Step
  rotateToImported(seat: Seat, now: number): Step
  handOff(seat: Seat, to: Region): Step
  changeShared(seat: Seat, change: Pick<KeyRecord, 'rotation'>): Step
  scheduleDeletion(key: KeyRecord, windowDays: number, now: number): KeyRecord
  expire(seat: Seat): Step
  repeat(seat: Seat, isUnderWay: (to: Region) => boolean): Step
  /** A Region was put back: what becomes of the key before anything else does. */
  restored(seat: Seat): Step
  /** Whoever was put back hears that another has noticed: it knows already. */
  noticed(seat: Seat): Step
  ask(seat: Seat, others: readonly Region[], now: number): Step
  distrustMember(seat: Seat, region: Region): Step
  forget(seat: Seat, gone: Region, now: number): Step
  force(seat: Seat, destroyed: Region): Step
  /** The end of every step. */
  conclude(step: Step, now: number): Step
  /** What a Region might do by itself, without being told: nothing, unless a mutation says otherwise. */
  spontaneous(seat: Seat): readonly Step[]
}

/** The protocol as it is. */
export const PROTOCOL: Protocol = {
  receive,
  replicate,
  rotate,
  importNew,
  importAgain,
  discard,
  rotateToImported,
  handOff,
  changeShared,
  scheduleDeletion,
  expire,
  repeat,
  restored: (seat) => recover(seat),
  noticed: (seat) => ({ seat, out: [] }),
  ask,
  distrustMember,
  forget,
  force: (seat, destroyed) => recover(seat, { without: destroyed, leap: LEAP }),
  conclude,
  spontaneous: () => [],
}

/**
 * A new multi-Region key: its primary is in the first Region, the others know nothing of it.
 *
 * @param external whether its first material was imported
 */
export function beginning(external: boolean): readonly Seat[] {
  const first: Material = { id: 'm1', generation: 1, rotation: null, requested: null }
  const key = keyRecord({
    region: 'A',
    id: 'mrk-1',
    createdAt: NOW,
    materials: [first],
    current: first.id,
    ...(external && { origin: 'EXTERNAL', imports: withImport(NO_IMPORTS, first.id, null) }),
    family: beginFamily('A'),
  })
  return REGIONS.map((region) => ({ key: region === 'A' ? key : null, tombstone: null }))
}
