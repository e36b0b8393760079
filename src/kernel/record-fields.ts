import { parseArn } from '../domain/arn.ts'

/** The version of CloudTrail's record format. */
export const EVENT_VERSION = '1.11'

/** A key or role as records name it. */
export function resourceOf(arn: string) {
  const { account: accountId, service } = parseArn(arn) ?? {}
  return { accountId, type: service === 'iam' ? 'AWS::IAM::Role' : 'AWS::KMS::Key', ARN: arn }
}

/** The second that was written last: records come many to a second. */
let last = { second: Number.NaN, text: '' }

/** A time as records have it, to the second. @param now epoch milliseconds */
export function timeOf(now: number): string {
  const second = Math.floor(now / 1000)
  if (second !== last.second) last = { second, text: new Date(now).toISOString().replace(/\.\d{3}Z$/, 'Z') }
  return last.text
}
