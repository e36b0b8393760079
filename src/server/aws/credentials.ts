import { readFileSync } from 'node:fs'
import { ConfigError } from '../config/config-error.ts'
import { reasonOf } from '../system-errors.ts'

/** By what requests to AWS, or to what speaks its protocols, are signed. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Null for a long-term key. */
  readonly sessionToken: string | null
  /** Null where none is named. */
  readonly region: string | null
}

/**
 * Reads a file of credentials in AWS's format: its first profile, which may name a `region` too.
 *
 * SECURITY: what is wrong is told without anything that the file says.
 *
 * @throws ConfigError
 */
export function readCredentialsFile(path: string): AwsCredentials {
  const values = new Map<string, string>()
  for (const line of linesOf(path)) {
    if (line.startsWith('[') && values.size > 0) break
    const equals = line.indexOf('=')
    if (equals > 0) values.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim())
  }
  const accessKeyId = values.get('aws_access_key_id')
  const secretAccessKey = values.get('aws_secret_access_key')
  if (!accessKeyId || !secretAccessKey) {
    const missing = accessKeyId ? 'aws_secret_access_key' : 'aws_access_key_id'
    throw new ConfigError(
      `The credentials in ${path} have no ${missing}. The file is one of AWS's: a line [default], then ` +
        'aws_access_key_id = ..., aws_secret_access_key = ..., and where they are needed aws_session_token and region.',
    )
  }
  const sessionToken = values.get('aws_session_token') ?? null
  return { accessKeyId, secretAccessKey, sessionToken, region: values.get('region') ?? null }
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.trim())
  } catch (error) {
    throw new ConfigError(`The credentials in ${path} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
}
