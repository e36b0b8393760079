import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { RequestKind } from '../../server/inspect/usage.ts'

const price = z.number().nonnegative()

const regionPrices = z.strictObject({
  /** Of a key, a month. */
  key: price,
  /** What each rotation adds, a month. */
  rotation: price,
  /** Of 10,000 requests of a kind. */
  per10000: z.strictObject({
    standard: price,
    rsa2048: price,
    asymmetric: price,
    eccPair: price,
    rsaPair: price,
  }),
})

const priceTable = regionPrices.extend({
  /** When the prices were looked up, and where. */
  date: z.iso.date(),
  source: z.string(),
  /** Of which Region they are; others cost the same unless `regions` says otherwise. */
  region: z.string(),
  currency: z.string(),
  /** How many rotations of a key add to its price; those after them are free. */
  chargedRotations: z.number().int().nonnegative(),
  /** How many standard requests of an account are free, a month, in all Regions together. */
  freeRequests: z.number().int().nonnegative(),
  /** What could not be verified. */
  unverified: z.array(z.string()),
  regions: z.record(z.string(), regionPrices.partial()).default({}),
})

/** What AWS asks for, in one table. */
export type PriceTable = z.infer<typeof priceTable>

/** What it asks for in one Region. */
export type RegionPrices = z.infer<typeof regionPrices>

/** AWS's prices as of `date`. */
export const AWS_PRICES: PriceTable = {
  date: '2026-11-28',
  source: 'https://aws.amazon.com/kms/pricing/',
  region: 'us-east-1',
  currency: 'USD',
  key: 1,
  rotation: 1,
  chargedRotations: 2,
  freeRequests: 20_000,
  per10000: { standard: 0.03, rsa2048: 0.03, asymmetric: 0.15, eccPair: 0.1, rsaPair: 12 },
  unverified: [
    'the prices of rsa2048, asymmetric, eccPair and rsaPair: taken from texts that quote the source',
    'that rotations add to the price of each replica as well',
    'that requests with ML-DSA and ML-KEM keys cost as other asymmetric ones, and with HMAC keys as standard ones',
  ],
  regions: {},
}

/**
 * Reads a table of one's own, YAML or JSON.
 *
 * @throws Error that says which member is wrong
 */
export function readPrices(file: string): PriceTable {
  const content: unknown = (() => {
    const text = readFileSync(file, 'utf8')
    try {
      return parse(text)
    } catch (error) {
      throw new Error(`${file} is neither YAML nor JSON: ${String(error)}`, { cause: error })
    }
  })()
  const read = priceTable.safeParse(content)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const member = issue?.path.join('.') ?? ''
  throw new Error(
    `${file} is no table of prices: ${member === '' ? '' : `"${member}": `}${issue?.message ?? ''}. ` +
      'keyspan cost --show-prices prints one that is.',
  )
}

/** The prices of one Region. */
export function pricesIn(table: PriceTable, region: string): RegionPrices {
  const own = table.regions[region]
  return {
    key: own?.key ?? table.key,
    rotation: own?.rotation ?? table.rotation,
    per10000: own?.per10000 ?? table.per10000,
  }
}

/** What the kinds of requests mean, for people. */
export const KIND_NAMES: Readonly<Record<RequestKind, string>> = {
  standard: 'all but those below',
  rsa2048: 'with RSA_2048 keys',
  asymmetric: 'with other asymmetric keys',
  eccPair: 'data key pairs, ECC',
  rsaPair: 'data key pairs, RSA',
}
