import { REQUEST_KINDS, type RegionUsage, type RequestKind, type Usage } from '../../server/inspect/usage.ts'
import { pricesIn, type PriceTable } from './prices.ts'

/** Days of a month. */
const MONTH = 30
const PRICED_REQUESTS = 10_000

/** What an account's keys in one Region would cost, a month. */
export interface KeyCost {
  readonly region: string
  readonly keys: number
  /** Rotations that add to the price. */
  readonly rotations: number
  /** Keys that cost nothing: to be deleted, or managed by AWS. */
  readonly free: number
  readonly price: number
}

/** What an account's requests of one kind in one Region would cost, a month. */
export interface RequestCost {
  readonly region: string
  readonly kind: RequestKind
  /** In the days that were counted. */
  readonly counted: number
  /** As many as that makes a month, and how many of them are paid for. */
  readonly monthly: number
  readonly paid: number
  readonly price: number
}

/** What an account would pay to AWS, a month. */
export interface Bill {
  readonly account: string
  readonly keys: readonly KeyCost[]
  readonly requests: readonly RequestCost[]
  readonly total: number
}

/** What the accounts of a usage would pay. */
export function billsOf({ regions, days }: Usage, table: PriceTable): readonly Bill[] {
  const accounts = [...new Set(regions.map(({ account }) => account))]
  return accounts.map((account) => {
    const own = regions.filter((each) => each.account === account)
    const keys = own.map((usage) => keyCost(usage, table)).filter(({ keys: count, free }) => count + free > 0)
    const requests = requestCosts(own, days, table)
    const total = [...keys, ...requests].reduce((sum, { price }) => sum + price, 0)
    return { account, keys, requests, total }
  })
}

function keyCost({ region, keys, leaving, managed }: RegionUsage, table: PriceTable): KeyCost {
  const prices = pricesIn(table, region)
  const counts = Object.entries(keys)
  const count = counts.reduce((sum, [, each]) => sum + each, 0)
  const rotations = counts.reduce(
    (sum, [times, each]) => sum + Math.min(Number(times), table.chargedRotations) * each,
    0,
  )
  const price = count * prices.key + rotations * prices.rotation
  return { region, keys: count, rotations, free: leaving + managed, price }
}

/** What is free is taken from standard requests, Region by Region. */
function requestCosts(regions: readonly RegionUsage[], days: number, table: PriceTable): readonly RequestCost[] {
  let free = table.freeRequests
  return regions.flatMap(({ region, requests }) =>
    REQUEST_KINDS.flatMap((kind) => {
      const counted = requests[kind] ?? 0
      if (counted === 0) return []
      const monthly = Math.round((counted * MONTH) / days)
      const given = kind === 'standard' ? Math.min(free, monthly) : 0
      free -= given
      const paid = monthly - given
      const price = (paid / PRICED_REQUESTS) * pricesIn(table, region).per10000[kind]
      return [{ region, kind, counted, monthly, paid, price }]
    }),
  )
}
