import { PARTITION } from './region.ts'

/** What has an ARN in IAM by its path and name. */
export interface Placed {
  readonly path: string
  readonly name: string
}

/** The ARN of an IAM user. */
export function userArn(account: string, { path, name }: Placed): string {
  return `arn:${PARTITION}:iam::${account}:user${path}${name}`
}

/** The ARN of an IAM group. */
export function groupArn(account: string, { path, name }: Placed): string {
  return `arn:${PARTITION}:iam::${account}:group${path}${name}`
}

/** The ARN of an IAM role. */
export function roleArn(account: string, { path, name }: Placed): string {
  return `arn:${PARTITION}:iam::${account}:role${path}${name}`
}

/** The ARN of a managed policy; the account of AWS's own is `aws`. */
export function policyArn(account: string, { path, name }: Placed): string {
  return `arn:${PARTITION}:iam::${account}:policy${path}${name}`
}

/** The account, path and name in a managed policy's ARN, or null where the text is none. */
export function parsePolicyArn(arn: string): (Placed & { readonly account: string }) | null {
  const [, account, path, name] = /^arn:aws:iam::(\d{12}|aws):policy(\/(?:[!-~]*\/)?)([\w+=,.@-]+)$/.exec(arn) ?? []
  return account === undefined || path === undefined || name === undefined ? null : { account, path, name }
}

/** Says whether a text is the ARN of a user or of a role. */
export function isUserOrRole(arn: string): boolean {
  return /^arn:aws:iam::\d{12}:(?:user|role)\/(?:[!-~]*\/)?[\w+=,.@-]+$/.test(arn)
}

/** Says whether a text is the id of an account. */
export function isAccountId(text: string): boolean {
  return /^\d{12}$/.test(text)
}
