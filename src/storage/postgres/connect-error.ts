import type { PostgresAddress } from './postgres-url.ts'

/** Why PostgreSQL cannot be used: what was wrong, and what to do about it. */
export interface Obstacle {
  readonly text: string
  /** Whether trying again does not help. */
  readonly isFinal: boolean
}

type Host = PostgresAddress['hosts'][number]

/** By the codes of Node, of TLS and of PostgreSQL (SQLSTATE). `?` is the host with its port. */
const OBSTACLES: Readonly<Record<string, readonly [text: string, isFinal: boolean]>> = {
  ECONNREFUSED: ['nobody listens at ?', false],
  ECONNRESET: ['? has ended the connection', false],
  EHOSTUNREACH: ['there is no way to ?', false],
  ENETUNREACH: ['there is no way to ?', false],
  ENOTFOUND: ['the name of ? is not known', false],
  EAI_AGAIN: ['the name of ? cannot be looked up now', false],
  ENOENT: ['there is no socket of ?', false],
  '57P03': ['? is starting up or shutting down', false],
  '53300': ['? has as many sessions as it may have: raise its max_connections', false],
  CERT_HAS_EXPIRED: ['the certificate of ? has expired. Give it a new one.', true],
  CERT_NOT_YET_VALID: ['the certificate of ? is not valid yet. Look at the clocks of both machines.', true],
}

const UNTRUSTED = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
]

const PASSWORDS = '--database-password-file, PGPASSFILE or PGPASSWORD'

/** Says why a host cannot be used. No message of it has a password: neither Node nor PostgreSQL is told to show one. */
export function obstacleOf(error: unknown, { host, port }: Host, { user, database }: PostgresAddress): Obstacle {
  const { code = '', message = String(error) } = error as { code?: string; message?: string }
  const place = `${host}:${port}`
  const known = OBSTACLES[code]
  if (known !== undefined) return { text: known[0].replace('?', place), isFinal: known[1] }
  if (UNTRUSTED.includes(code)) {
    return final(
      `the certificate of ${place} is of nobody who is believed. Name the PEM file of its authority: ` +
        '?sslmode=verify-full&sslrootcert=ca.pem',
    )
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return final(
      `the certificate of ${place} is not for "${host}" (${namesIn(error)}). Give --database the name that it is for.`,
    )
  }
  if (message === 'The server does not support SSL connections') {
    return final(
      `${place} has no TLS. Switch it on there (ssl = on), or, where nobody else can read the network between, add ` +
        '?sslmode=disable',
    )
  }
  if (code === '28P01') {
    return final(
      `${place} does not take this password for the user ${user}. Put the right one where it comes from: ${PASSWORDS}.`,
    )
  }
  if (/client password must be/.test(message)) {
    return final(`${place} wants a password of the user ${user}, and there is none. Give it by ${PASSWORDS}.`)
  }
  if (code === '3D000') {
    return final(`${place} has no database "${database}". Make it: createdb --owner ${user} ${database}`)
  }
  if (code === '28000') {
    return final(`${place} does not let the user ${user} in: ${message}. Look at its roles, and at its pg_hba.conf.`)
  }
  if (/^(28|42)...$/.test(code)) return final(`${place} refuses: ${message}.`)
  if (message.startsWith('Connection terminated')) return { text: `${place} has ended the connection`, isFinal: false }
  return { text: `${place}: ${/timeout/.test(message) ? 'no answer within 5 seconds' : message}`, isFinal: false }
}

function final(text: string): Obstacle {
  return { text, isFinal: true }
}

/** For whom a certificate is, as Node tells. */
function namesIn(error: unknown): string {
  const { subjectaltname } = (error as { cert?: { subjectaltname?: string } }).cert ?? {}
  return subjectaltname === undefined ? 'it names nobody' : `it is for ${subjectaltname}`
}
