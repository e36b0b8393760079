import { rootArn } from '../domain/arn.ts'

/** Who asks: the principal behind a verified signature. */
export interface Caller {
  readonly type: 'Root'
  readonly account: string
  /** As refusals and records print it. */
  readonly arn: string
  readonly accessKeyId: string
}

/** The root user of an account, by one of its access keys. */
export function rootCaller(account: string, accessKeyId: string): Caller {
  return { type: 'Root', account, arn: rootArn(account), accessKeyId }
}
