import { createCounter, createHistogram, gauge, type Family } from './families.ts'

/** In seconds: a round trip, or as long as a lease. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3]

/** Counts what passes between processes that serve together. */
export interface NodeCounts {
  /** A follower's request was answered by itself, by the process that leads, or by nobody. */
  readonly answered: (by: 'here' | 'leader' | 'nobody') => void
  /** All followers have heard of a change. */
  readonly heard: (ms: number) => void
  /** A change has waited for a follower until its lease was over. */
  readonly lost: () => void
  families(): readonly Family[]
}

/** Counts that begin at zero. */
export function createNodeCounts(): NodeCounts {
  const requests = createCounter(
    'keyspan_follower_requests_total',
    'Requests to a follower, by who has answered: here, the leader, or nobody where that could not be reached.',
    ['by'],
  )
  const hearing = createHistogram(
    'keyspan_followers_hearing_seconds',
    'How long a change has waited until all followers had heard of it.',
    [],
    BOUNDS,
  )
  const lost = createCounter(
    'keyspan_followers_lost_total',
    'Followers for which a change has waited until their leases were over.',
    [],
  )
  return {
    answered: (by) => requests.add({ by }),
    heard: (ms) => hearing.observe({}, ms / 1000),
    lost: () => lost.add({}),
    families: () => [requests.family(), hearing.family(), lost.family()],
  }
}

/** What a process is beside others that serve the same. */
export type Role = 'leader' | 'follower' | 'standby'

/** Which process leads, and which is what else. */
export function roleMetrics(role: Role): Family {
  return gauge('keyspan_role', 'What this process is beside others: leader, follower or standby.', [
    { labels: { role }, value: 1 },
  ])
}

/** @param followers how many have a lease */
export function leaderMetrics(followers: number): readonly Family[] {
  return [roleMetrics('leader'), gauge('keyspan_followers', 'Processes that answer beside this one.', followers)]
}

/** How a follower is. */
export interface FollowerReport {
  /** Whether requests are answered, here or by the process that leads. */
  readonly isHealthy: boolean
  /** Whether it answers by itself what changes nothing. */
  readonly answersItself: boolean
  /** Since when it has not heard the process that leads, in milliseconds; null where it has no lease. */
  readonly leaseAge: number | null
  /** For how long records have waited to be in the log of the process that leads, in milliseconds. */
  readonly recordsDelay: number
}

/** @param report null for one that stands by */
export function followerMetrics(report: FollowerReport | null): readonly Family[] {
  if (report === null) return [roleMetrics('standby')]
  const { isHealthy, answersItself, leaseAge, recordsDelay } = report
  return [
    roleMetrics('follower'),
    gauge('keyspan_healthy', '1 while requests can be answered, here or by the leader.', Number(isHealthy)),
    gauge('keyspan_follower_reading', '1 while it answers by itself what changes nothing.', Number(answersItself)),
    gauge(
      'keyspan_follower_lease_age_seconds',
      'Since when the lease was renewed.',
      leaseAge === null ? [] : leaseAge / 1000,
    ),
    gauge(
      'keyspan_follower_records_delay_seconds',
      "For how long records wait to be in the leader's log.",
      recordsDelay / 1000,
    ),
  ]
}
