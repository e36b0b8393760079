import { PARTITION, type Region } from './region.ts'

/** The six components of an ARN; the last holds everything after the fifth colon. */
export interface Arn {
  readonly partition: string
  readonly service: string
  readonly region: string
  readonly account: string
  readonly resource: string
}

const ARN = /^arn:([^:]+):([^:]+):([^:]*):([^:]*):([^:].*)$/s

/** Splits an ARN into its components, or answers null where the text is no ARN. */
export function parseArn(text: string): Arn | null {
  const parts = ARN.exec(text)
  if (parts === null) return null
  const [, partition = '', service = '', region = '', account = '', resource = ''] = parts
  return { partition, service, region, account, resource }
}

/** The ARN of a KMS key in one Region. */
export function keyArn(region: Region, account: string, keyId: string): string {
  return `arn:${PARTITION}:kms:${region}:${account}:key/${keyId}`
}

/** The ARN of an alias; `name` includes the prefix `alias/`. */
export function aliasArn(region: Region, account: string, name: string): string {
  return `arn:${PARTITION}:kms:${region}:${account}:${name}`
}

/** The ARN that stands for an account, and for its root user. */
export function rootArn(account: string): string {
  return `arn:${PARTITION}:iam::${account}:root`
}

/** The ARN of a session of a role. It has the role's name, and not its path. */
export function sessionArn(account: string, role: string, session: string): string {
  return `arn:${PARTITION}:sts::${account}:assumed-role/${role}/${session}`
}

/** The ARN of a federated session. */
export function federatedUserArn(account: string, name: string): string {
  return `arn:${PARTITION}:sts::${account}:federated-user/${name}`
}
