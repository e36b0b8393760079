import { table } from '../../server/inspect/family/table.ts'
import type { Bill } from './bill.ts'
import { KIND_NAMES, type PriceTable } from './prices.ts'

/** What no bill here has. */
export const LEFT_OUT: readonly string[] = [
  'taxes, discounts and credits',
  'requests that were refused, and those that the services of AWS make for you, such as S3 and EBS',
  'custom key stores: AWS CloudHSM and external key stores',
  'data that crosses Regions, logs and alarms: CloudTrail, CloudWatch',
  'that accounts of an organization share what is free, and that a month has more or fewer days than 30',
]

/** The bills as people read them. */
export function billText(bills: readonly Bill[], prices: PriceTable): string {
  const { currency, date, region, source, unverified } = prices
  const shown = bills.map(({ account, keys, requests, total }) => {
    const keyRows = keys.map((each) => [
      each.region,
      String(each.keys),
      String(each.rotations),
      String(each.free),
      money(each.price),
    ])
    const requestRows = requests.map((each) => [
      each.region,
      KIND_NAMES[each.kind],
      String(each.monthly),
      String(each.paid),
      money(each.price),
    ])
    const parts = [
      ...(keys.length > 0 ? [table([['keys in', 'paid', 'rotations', 'free', currency], ...keyRows])] : []),
      ...(requests.length > 0
        ? [table([['requests in', '', 'a month', 'paid', currency], ...requestRows])]
        : ['No requests.']),
    ]
    return `${account}: ${money(total)} ${currency} a month\n\n${parts.join('\n\n')}`
  })
  const none = bills.length === 0 ? ['There are no keys, and no requests.'] : []
  return [
    ...none,
    ...shown,
    `Prices of ${region} of ${date}, ${source}`,
    ...(unverified.length > 0 ? [`Not verified:\n${listOf(unverified)}`] : []),
    `Left out:\n${listOf(LEFT_OUT)}`,
  ].join('\n\n')
}

function listOf(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n')
}

function money(amount: number): string {
  return amount.toFixed(2)
}
