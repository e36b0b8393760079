import { readFile } from 'node:fs/promises'
import { ConfigError } from '../config/config-error.ts'
import { reasonOf } from '../system-errors.ts'

/** A shorter token could be guessed. */
const MIN_LENGTH = 16

/**
 * Reads what whoever asks for metrics has to know; null where no file is named. White space around it is left out.
 *
 * @throws ConfigError that names the file
 */
export async function readMetricsToken(path: string | null): Promise<string | null> {
  if (path === null) return null
  const token = await readFile(path, 'utf8').then(
    (text) => text.trim(),
    (error: unknown) => {
      throw new ConfigError(`The token for metrics in ${path} cannot be read: ${reasonOf(error)}.`, { cause: error })
    },
  )
  if (/^[\x21-\x7E]+$/.test(token) && token.length >= MIN_LENGTH) return token
  throw new ConfigError(
    `The token for metrics in ${path} must be one line of at least ${MIN_LENGTH} characters without spaces. ` +
      `Make one: openssl rand -hex 32 >${path}`,
  )
}
