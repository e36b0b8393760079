import type { Region } from '../../../domain/region.ts'
import type { Trail } from '../../../domain/trail/trail.ts'

/** The end of a file's name. */
const UNIQUE_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const UNIQUE_LENGTH = 16

/** What an object is named by. Times are epoch milliseconds. */
interface NamedBy {
  readonly account: string
  readonly region: Region
  readonly prefix: string | null
  readonly at: number
}

/** The name of a file (AWS CloudTrail User Guide, "CloudTrail log file name format"). */
export function fileName({ account, region, prefix, at }: NamedBy, unique: string): string {
  const minute = `${basic(at).slice(0, 13)}Z`
  const folder = `${below(prefix)}AWSLogs/${account}/CloudTrail/${region}/${dayPath(at)}`
  return `${folder}/${account}_CloudTrail_${region}_${minute}_${unique}.json.gz`
}

/** The name of a digest of a Region's files (AWS CloudTrail User Guide, "CloudTrail digest file structure"). */
export function digestName({ account, name, homeRegion, settings }: Trail, region: Region, at: number): string {
  const folder = `${below(settings.prefix)}AWSLogs/${account}/CloudTrail-Digest/${region}/${dayPath(at)}`
  return `${folder}/${account}_CloudTrail-Digest_${region}_${name}_${homeRegion}_${basic(at)}.json.gz`
}

/** A time as digests and records have it: `2026-11-29T03:14:15Z`. */
export function secondText(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

function below(prefix: string | null): string {
  return prefix === null ? '' : `${prefix}/`
}

function dayPath(at: number): string {
  return new Date(at).toISOString().slice(0, 10).replaceAll('-', '/')
}

function basic(at: number): string {
  return secondText(at).replaceAll(/[-:]/g, '')
}

/** Random letters and digits, which no two files share. */
export function uniqueText(random: (bytes: number) => Buffer): string {
  const fair = 256 - (256 % UNIQUE_LETTERS.length)
  let text = ''
  while (text.length < UNIQUE_LENGTH) {
    // Bytes beyond the last whole alphabet would favour its beginning.
    const letters = [...random(UNIQUE_LENGTH)].filter((byte) => byte < fair).map((byte) => byte % UNIQUE_LETTERS.length)
    text += letters.map((index) => UNIQUE_LETTERS.charAt(index)).join('')
  }
  return text.slice(0, UNIQUE_LENGTH)
}
