import { refuseInState } from '../../../domain/key-state.ts'
import type { Deletion, KeyRecord } from '../../../domain/key.ts'
import { DAY_MS } from '../../../domain/limits.ts'
import type { Region } from '../../../domain/region.ts'
import { headOf, type FamilyMember, type RelatedKey } from './members.ts'

/** One Region's part in the deletion of all related keys. */
export interface DeletionStep {
  readonly region: Region
  /** Those with the same number can go in any order; those with a higher one after them. */
  readonly order: number
  /**
   * `FREE` where it was not asked for, `SCHEDULED` where it has a date, `WAITING` where others have to go first, `GONE`
   * where it is done and its primary has not heard of it.
   */
  readonly stage: 'FREE' | 'SCHEDULED' | 'WAITING' | 'GONE' | 'UNKNOWN'
  /** When it was asked for; this and what follows in epoch milliseconds, null where that is not known. */
  readonly since: number | null
  /** When it is deleted. */
  readonly at: number | null
  /** Of one that waits: when it is deleted at the earliest, where all that it waits for have a date. */
  readonly notBefore: number | null
  /** Those that must be gone before it. */
  readonly after: readonly Region[]
  /** Whether it cannot be asked for now, because the primary changes. */
  readonly isMoving: boolean
}

/** When a deletion was asked for, in epoch milliseconds; null where that is not kept. */
export function deletionAskedAt({ deletion, family }: KeyRecord): number | null {
  if (deletion === null) return null
  if (deletion.since !== undefined) return deletion.since
  // A primary's time may have begun when its last replica was gone.
  const isPrimary = family !== null && family.authority !== null
  return isPrimary || deletion.at === null ? null : deletion.at - deletion.windowDays * DAY_MS
}

/** In which order related keys are deleted: a primary after all of its replicas. */
export function deletionOrder(
  related: readonly RelatedKey[],
  members: readonly FamilyMember[],
): readonly DeletionStep[] {
  const head = headOf(related)
  const others = members.filter(({ region }) => region !== head?.region)
  const records = new Map(related.map(({ region, snapshot }) => [region, snapshot.record]))
  const replicas = others.map(({ region, role, state }) => {
    const order = role === 'PRIMARY' && state === 'UNREACHABLE' ? 2 : 1
    return { ...stepOf(region, records.get(region) ?? null, order, []), ...stageOf(state) }
  })
  if (head === null) return replicas
  const after = others.map(({ region }) => region)
  const last = stepOf(head.region, head, after.length === 0 ? 1 : 2, after)
  return [...replicas, { ...last, notBefore: earliest(head.deletion, replicas) }]
}

/** What follows from where the key is, whatever its record says. */
function stageOf(state: FamilyMember['state']): Partial<Pick<DeletionStep, 'stage'>> {
  if (state === 'GONE') return { stage: 'GONE' }
  return state === 'UNREACHABLE' ? { stage: 'UNKNOWN' } : {}
}

function stepOf(region: Region, record: KeyRecord | null, order: number, after: readonly Region[]): DeletionStep {
  const deletion = record?.deletion ?? null
  return {
    region,
    order,
    stage: deletion === null ? 'FREE' : deletion.at === null ? 'WAITING' : 'SCHEDULED',
    since: record === null ? null : deletionAskedAt(record),
    at: deletion?.at ?? null,
    notBefore: null,
    after,
    isMoving: record !== null && refuseInState('ScheduleKeyDeletion', record) === 'updating',
  }
}

/** A primary's window begins when the last replica is gone. */
function earliest(deletion: Deletion | null, replicas: readonly DeletionStep[]): number | null {
  if (deletion === null || deletion.at !== null) return null
  const times = replicas.flatMap(({ at }) => (at === null ? [] : [at]))
  return times.length < replicas.length || times.length === 0 ? null : Math.max(...times) + deletion.windowDays * DAY_MS
}

/** The order for people; nothing where no deletion was asked for. */
export function deletionText(steps: readonly DeletionStep[]): readonly string[] {
  if (steps.every(({ stage }) => stage === 'FREE' || stage === 'UNKNOWN')) return []
  return ['Deleted in this order:', ...steps.map((step) => `  ${step.order}. ${step.region}: ${stageText(step)}.`)]
}

function stageText({ stage, at, notBefore, after }: DeletionStep): string {
  switch (stage) {
    case 'FREE':
      return 'not asked for'
    case 'SCHEDULED':
      return `at ${time(at)}`
    case 'WAITING': {
      const then = notBefore === null ? '' : `, at ${time(notBefore)} at the earliest`
      return `after ${after.join(', ')}${then}`
    }
    case 'UNKNOWN':
      return 'its Region cannot be reached now'
    case 'GONE':
      return 'done; its primary has yet to hear of it'
  }
}

function time(at: number | null): string {
  return at === null ? '-' : new Date(at).toISOString()
}
