import { COMMERCIAL_REGIONS, isCommercialRegion, type Region } from '../../domain/region.ts'
import type { NewAccessKey } from '../../kernel/identities/new-access-key.ts'
import type { AuditMode } from '../../storage/audit/log.ts'
import type { RetentionLimits } from '../trail/retention.ts'
import { ConfigError } from './config-error.ts'

/** Where a value comes from that was not given. */
export const DEFAULT = 'the default'

/** A value with the place it came from, for errors. */
export interface Value {
  readonly text: string
  readonly from: string
}

/** A directory. @throws ConfigError */
export function readData({ text, from }: Value): string {
  if (text !== '') return text
  throw new ConfigError(`${from} names no data directory: it is empty.`)
}

/** A port from 0 to 65535. @throws ConfigError */
export function readPort({ text, from }: Value): number {
  const port = Number(text)
  if (text !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new ConfigError(`The port "${text}" from ${from} is not a number from 0 to 65535.`)
}

/** SECURITY: what others can reach is shown to nobody without a token. */
export function readRegions({ text, from }: Value): readonly Region[] | null {
  if (from === DEFAULT) return null
  const regions = [...new Set(text.split(',').map((region) => region.trim()))]
  const unknown = regions.find((region) => !isCommercialRegion(region))
  if (unknown === undefined) return regions
  throw new ConfigError(
    `The Region "${unknown}" from ${from} is not a commercial AWS Region. There are ${COMMERCIAL_REGIONS.join(', ')}.`,
  )
}

/** Files with commas between them. */
export function readFiles({ text }: Value): readonly string[] {
  return text
    .split(',')
    .map((file) => file.trim())
    .filter((file) => file !== '')
}

/** `true` or `1`, `false` or `0`. @throws ConfigError */
export function readFlag({ text, from }: Value): boolean {
  if (text === 'true' || text === '1') return true
  if (text === 'false' || text === '0' || text === '') return false
  throw new ConfigError(`"${text}" from ${from} is neither true nor false.`)
}

/** An access key id, a colon and a secret; null for none. @throws ConfigError */
export function readCredentials({ text, from }: Value): NewAccessKey | null {
  if (text === '') return null
  const [, accessKeyId, secretAccessKey] = /^(\w{1,128}):(.+)$/.exec(text) ?? []
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return { accessKeyId, secretAccessKey }
  throw new ConfigError(
    `The credentials from ${from} are not an access key id, a colon and a secret, such as test:test.`,
  )
}

/** `normal` or `strict`. @throws ConfigError */
export function readAuditMode({ text, from }: Value): AuditMode {
  if (text === 'normal' || text === 'strict') return text
  throw new ConfigError(`The audit mode "${text}" from ${from} is neither normal nor strict.`)
}

/** `on` or `off`; null for neither. @throws ConfigError */
export function readConsole({ text, from }: Value): boolean | null {
  if (text === '') return null
  if (text === 'on' || text === 'off') return text === 'on'
  throw new ConfigError(`The console "${text}" from ${from} is neither on nor off.`)
}

/** Days, or `forever`, which is null. @throws ConfigError */
export function readAuditKeep({ text, from }: Value): number | null {
  if (text === 'forever') return null
  const days = Number(text)
  if (text !== '' && Number.isInteger(days) && days >= 1 && days <= 36_500) return days
  throw new ConfigError(`The days of the audit log, "${text}" from ${from}, are neither a number from 1 nor forever.`)
}

const UNITS: Readonly<Record<string, number>> = { MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 }

/** A number of MiB, GiB or TiB, `unlimited`, or nothing, which is by the disk. @throws ConfigError */
export function readAuditSize({ text, from }: Value): RetentionLimits['bytes'] {
  if (text === '') return 'by disk'
  if (text === 'unlimited') return text
  const [, number, unit = ''] = /^([1-9]\d{0,5}) ?([MGT]iB)$/.exec(text) ?? []
  if (number !== undefined) return Number(number) * (UNITS[unit] ?? 1)
  throw new ConfigError(
    `The size of the audit log, "${text}" from ${from}, is neither a number of MiB, GiB or TiB, such as 20GiB, nor unlimited.`,
  )
}

/** `enforce` or `log`. @throws ConfigError */
export function readEnforcement({ text, from }: Value): 'enforce' | 'log' {
  if (text === 'enforce' || text === 'log') return text
  throw new ConfigError(`The enforcement "${text}" from ${from} is neither enforce nor log.`)
}

/** `off` or `aws`. @throws ConfigError */
export function readThrottle({ text, from }: Value): 'off' | 'aws' {
  if (text === 'off' || text === 'aws') return text
  throw new ConfigError(`The throttle "${text}" from ${from} is neither off nor aws.`)
}
