import { ConfigError } from './config-error.ts'
import type { SettingName } from './settings.ts'
import type { Value } from './values.ts'

/** Where trails of CloudTrail are delivered, and how often. */
export interface TrailsConfig {
  /** A directory, or the URL of an S3 endpoint; null for `trails` in the data directory. */
  readonly to: string | null
  /** The file of the credentials for an S3 endpoint; null for none. */
  readonly credentials: string | null
  /** In seconds. */
  readonly interval: number
  /** Of digests, in seconds. */
  readonly digestInterval: number
}

/** The longest interval, in seconds. */
const MAX_INTERVAL = 86_400

/** @throws ConfigError */
export function readTrails(value: (name: SettingName) => Value): TrailsConfig {
  const to = value('trails')
  const credentials = value('trails-credentials')
  if (isEndpoint(to.text) !== (credentials.text !== '')) {
    throw new ConfigError(
      credentials.text === ''
        ? `Trails are to be delivered to ${to.text}, which needs credentials: give trails-credentials, a file of them.`
        : `The credentials in ${credentials.text} are for an S3 endpoint: give trails its URL, or leave them out.`,
    )
  }
  if (isEndpoint(to.text) && !URL.canParse(to.text)) {
    throw new ConfigError(`"${to.text}" from ${to.from} is no URL of an S3 endpoint, such as https://s3.example.com.`)
  }
  return {
    to: to.text === '' ? null : to.text,
    credentials: credentials.text === '' ? null : credentials.text,
    interval: readSeconds(value('trails-interval')),
    digestInterval: readSeconds(value('trails-digest')),
  }
}

/** Says whether a place is an S3 endpoint, and no directory. */
export function isEndpoint(place: string): boolean {
  return /^https?:\/\//.test(place)
}

function readSeconds({ text, from }: Value): number {
  const seconds = Number(text)
  if (text !== '' && Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_INTERVAL) return seconds
  throw new ConfigError(`The interval "${text}" from ${from} is not a number of seconds from 1 to ${MAX_INTERVAL}.`)
}
