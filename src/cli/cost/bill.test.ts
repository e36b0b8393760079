import { expect, it } from 'vitest'
import type { RegionUsage } from '../../server/inspect/usage.ts'
import { billsOf } from './bill.ts'
import { AWS_PRICES } from './prices.ts'

const nothing = { account: '111122223333', region: 'us-east-1', keys: {}, leaving: 0, managed: 0, requests: {} }

/** What an account would pay. */
function totalOf(regions: readonly Partial<RegionUsage>[], days = 30, prices = AWS_PRICES): number | undefined {
  return billsOf({ days, regions: regions.map((each) => ({ ...nothing, ...each })) }, prices)[0]?.total
}

it.each([
  ['nothing', [{}], 0],
  ['a key', [{ keys: { 0: 1 } }], 1],
  ['a key and two replicas', ['us-east-1', 'eu-west-1', 'sa-east-1'].map((region) => ({ region, keys: { 0: 1 } })), 3],
  ['the first two rotations, and no more', [{ keys: { 0: 1, 1: 1, 2: 1, 25: 1 } }], 4 + 1 + 2 + 2],
  ['nothing for keys that leave, or are of AWS', [{ leaving: 3, managed: 2 }], 0],
  ['nothing for the first standard requests', [{ requests: { standard: 20_000 } }], 0],
  ['those after them', [{ requests: { standard: 2_020_000 } }], 6],
  ['the free ones once in all Regions', [{ requests: { standard: 15_000 } }, { requests: { standard: 15_000 } }], 0.03],
  [
    'every other request',
    [{ requests: { rsa2048: 10_000, asymmetric: 10_000, eccPair: 10_000, rsaPair: 10_000 } }],
    12.28,
  ],
])('charges for %s', (_what, regions: readonly Partial<RegionUsage>[], total) => {
  expect(totalOf(regions)).toBeCloseTo(total)
})

it('makes a month of the days that were counted', () => {
  expect(totalOf([{ requests: { rsaPair: 7000 } }], 7)).toBeCloseTo(36)
})

it('takes the prices of a Region where it has its own', () => {
  const regions = { 'sa-east-1': { key: 2 } }
  const here = { region: 'sa-east-1', keys: { 1: 1 }, requests: { rsa2048: 10_000 } }
  expect(totalOf([here], 30, { ...AWS_PRICES, regions })).toBeCloseTo(2 + 1 + 0.03)
})

it('gives each account its own bill', () => {
  const regions = ['111122223333', '444455556666'].map((account) => ({ ...nothing, account, keys: { 0: 1 } }))
  expect(billsOf({ days: 30, regions }, AWS_PRICES).map(({ account, total }) => [account, total])).toEqual([
    ['111122223333', 1],
    ['444455556666', 1],
  ])
})
