/**
 * AWS Signature Version 4, in its header form (AWS IAM User Guide, "Signature Version 4 for API requests").
 *
 * The canonical request is built from the bytes that came; whatever two readers could read differently is refused.
 */
import { createHmac, createSecretKey, hash, timingSafeEqual, type KeyObject } from 'node:crypto'
import { createRecent } from '../domain/recent.ts'
import type { Region } from '../domain/region.ts'
import { canonicalPath, canonicalQuery } from './canonical-request.ts'
import { signatureErrors, type SignatureRefusal } from './signature-errors.ts'
import type { WireRequest } from './wire.ts'

const ALGORITHM = 'AWS4-HMAC-SHA256'
const TERMINATOR = 'aws4_request'
/** How far a client's clock may be off: AWS's five minutes. */
const SKEW_MS = 5 * 60 * 1000
const CACHED_KEYS = 10_000

/** Whose a signature is said to be, and of what. */
interface Claim {
  readonly accessKeyId: string
  /** yyyymmdd */
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
}

/** A signature as it was claimed; nothing of it is proven. */
export interface ParsedSignature extends Claim {
  readonly signature: Buffer
  /** yyyymmddThhmmssZ */
  readonly amzDate: string
  readonly sessionToken: string | null
}

/** Takes a request's signature apart. */
export function parseSignature(request: WireRequest): ParsedSignature | SignatureRefusal {
  const { headers, query } = request
  const authorization = headers['authorization']
  if (authorization === undefined) {
    return /(?:^|&)X-Amz-(?:Signature|Algorithm)=/i.test(query)
      ? signatureErrors.presigned()
      : signatureErrors.missing()
  }
  const again = sameClaim(authorization, headers)
  if (again !== null) return again
  if (!authorization.startsWith(`${ALGORITHM} `)) return signatureErrors.algorithm(authorization)
  const parts = partsOf(authorization.slice(ALGORITHM.length + 1))
  if (typeof parts === 'string') return signatureErrors.malformed(parts, authorization)
  const [credential, signedHeaders, signature] = ['Credential', 'SignedHeaders', 'Signature'].map((name) =>
    parts.get(name),
  )
  const amzDate = headers['x-amz-date'] ?? basicDate(headers['date'])
  if (!credential || !signedHeaders || !signature || amzDate === null) {
    return signatureErrors.incomplete({ credential, signedHeaders, signature, amzDate }, authorization)
  }
  const [accessKeyId, date, region, service, terminator, ...more] = credential.split('/')
  if (!accessKeyId || !date || !region || !service || terminator === undefined || more.length > 0) {
    return signatureErrors.credential(credential)
  }
  if (terminator !== TERMINATOR) return signatureErrors.terminator(terminator)
  if (!SIGNATURE.test(signature)) return signatureErrors.mismatch()
  const claim: Claim = { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(';') }
  const end = authorization.length - SIGNATURE_DIGITS
  if (end <= LONGEST_CLAIM && authorization.endsWith(`Signature=${signature}`)) {
    claims.set(authorization.slice(0, end), claim)
  }
  return withSignature(claim, signature, amzDate, headers)
}

const SIGNATURE = /^[0-9a-f]{64}$/
const SIGNATURE_DIGITS = 64
/** In characters: whoever sends long ones has none of them remembered. */
const LONGEST_CLAIM = 1024
const CLAIMS = 1000

/** What was read before, by all of an Authorization header but its last digits: they alone change with each request. */
const claims = createRecent<string, Claim>(CLAIMS)

function sameClaim(authorization: string, headers: WireRequest['headers']): ParsedSignature | null {
  const end = authorization.length - SIGNATURE_DIGITS
  const amzDate = headers['x-amz-date']
  const claim = end > LONGEST_CLAIM || amzDate === undefined ? undefined : claims.get(authorization.slice(0, end))
  if (claim === undefined || amzDate === undefined) return null
  const signature = authorization.slice(end)
  return SIGNATURE.test(signature) ? withSignature(claim, signature, amzDate, headers) : null
}

function withSignature(
  claim: Claim,
  signature: string,
  amzDate: string,
  headers: WireRequest['headers'],
): ParsedSignature {
  const sessionToken = headers['x-amz-security-token'] ?? null
  return { ...claim, signature: Buffer.from(signature, 'hex'), amzDate, sessionToken }
}

/** The parameters by name; or the first that is no pair, or is given twice: which of the two is meant is not guessed. */
function partsOf(text: string): ReadonlyMap<string, string> | string {
  const parts = new Map<string, string>()
  for (const part of text.split(',')) {
    const equals = part.indexOf('=')
    const name = part.slice(0, Math.max(equals, 0)).trim()
    if (name === '' || parts.has(name)) return part.trim()
    parts.set(name, part.slice(equals + 1).trim())
  }
  return parts
}

function basicDate(text: string | undefined): string | null {
  const time = Date.parse(text ?? '')
  return Number.isNaN(time) ? null : toBasic(time)
}

function toBasic(time: number): string {
  return new Date(time).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
}

/** The key that signs requests to a service in a Region on a day. @param secret see `SignatureVerifier.verify` */
export function signingKeyOf(secret: KeyObject, { date, region, service }: Scope): KeyObject {
  let key = secret
  for (const part of [date, region, service, TERMINATOR]) {
    key = createSecretKey(createHmac('sha256', key).update(part).digest())
  }
  return key
}

/** Verifies signatures. */
export interface SignatureVerifier {
  /**
   * Null where the signature is good.
   *
   * @param secret the text `AWS4` and the secret access key, as the derivation of signing keys begins
   */
  verify(request: WireRequest, parsed: ParsedSignature, secret: KeyObject): SignatureRefusal | null
}

/** @param now the real time in epoch milliseconds, whatever the server's clock says */
export function createSignatureVerifier(now: () => number): SignatureVerifier {
  const signingKeys = createRecent<string, { secret: KeyObject; key: KeyObject }>(CACHED_KEYS)

  function signingKey(parsed: ParsedSignature, scope: string, secret: KeyObject): KeyObject {
    const name = `${parsed.accessKeyId}/${scope}`
    const known = signingKeys.get(name)
    if (known?.secret === secret) return known.key
    const key = signingKeyOf(secret, parsed)
    signingKeys.set(name, { secret, key })
    return key
  }

  return {
    verify(request, parsed, secret) {
      const refusal = refuseDate(parsed, now()) ?? refuseHeaders(request, parsed)
      if (refusal !== null) return refusal
      const scope = scopeOf(parsed)
      const bodyHash = hash('sha256', request.body)
      const claimed = request.headers['x-amz-content-sha256']
      if (claimed !== undefined && claimed !== bodyHash) return signatureErrors.contentHash(claimed)
      const canonical = canonicalRequest(request, parsed.signedHeaders, bodyHash)
      if (canonical === null) return signatureErrors.mismatch()
      const expected = signatureOf(canonical, parsed, signingKey(parsed, scope, secret))
      return timingSafeEqual(expected, parsed.signature) ? null : signatureErrors.mismatch()
    },
  }
}

type Scope = Pick<ParsedSignature, 'date' | 'region' | 'service'>

function scopeOf({ date, region, service }: Scope): string {
  return `${date}/${region}/${service}/${TERMINATOR}`
}

function signatureOf(canonical: string, scope: Scope & Pick<ParsedSignature, 'amzDate'>, key: KeyObject): Buffer {
  const toSign = `${ALGORITHM}\n${scope.amzDate}\n${scopeOf(scope)}\n${hash('sha256', canonical)}`
  return createHmac('sha256', key).update(toSign).digest()
}

/** Who signs a request, and for what. */
export interface Signer {
  readonly accessKeyId: string
  /** The text `AWS4` and the secret access key. */
  readonly secret: KeyObject
  readonly region: Region
  readonly service: string
}

/**
 * The headers of a request with its signature: every one of them is signed.
 *
 * @param request its headers have its host
 * @param now in epoch milliseconds
 */
export function signHeaders(
  request: Pick<WireRequest, 'method' | 'path' | 'query' | 'headers' | 'body'>,
  { accessKeyId, secret, region, service }: Signer,
  now: number,
): Readonly<Record<string, string>> {
  const amzDate = toBasic(now)
  const headers = { ...request.headers, 'x-amz-date': amzDate }
  const signed = Object.keys(headers).toSorted()
  const canonical = canonicalRequest({ ...request, headers }, signed, hash('sha256', request.body))
  if (canonical === null) throw new Error(`INVARIANT: the query ${request.query} is not well encoded`)
  const scope = { date: amzDate.slice(0, 8), region, service, amzDate }
  const signature = signatureOf(canonical, scope, signingKeyOf(secret, scope)).toString('hex')
  const credential = `${accessKeyId}/${scopeOf(scope)}`
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${signed.join(';')}, Signature=${signature}`
  return { ...headers, authorization }
}

function refuseDate({ amzDate, date }: ParsedSignature, now: number): SignatureRefusal | null {
  const time = basicTime(amzDate)
  if (Number.isNaN(time)) return signatureErrors.date(amzDate)
  if (date !== amzDate.slice(0, 8)) return signatureErrors.scopeDate(date, amzDate)
  if (time < now - SKEW_MS) return signatureErrors.expired(amzDate, toBasic(now - SKEW_MS), toBasic(now))
  if (time > now + SKEW_MS) return signatureErrors.notYetCurrent(amzDate, toBasic(now + SKEW_MS), toBasic(now))
  return null
}

/** The time that was read last: requests come many to a second. */
let lastRead = { text: '', time: Number.NaN }

/** The time that yyyymmddThhmmssZ is, in epoch milliseconds; NaN where it is none. */
function basicTime(text: string): number {
  if (text === lastRead.text) return lastRead.time
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? []
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  lastRead = { text, time }
  return time
}

/** What decides about a request must be signed: the host, and every header of AWS's. */
function refuseHeaders({ headers }: WireRequest, { signedHeaders }: ParsedSignature): SignatureRefusal | null {
  if (!signedHeaders.includes('host')) return signatureErrors.unsigned('Host')
  for (const name in headers) {
    if (name.startsWith('x-amz-') && !signedHeaders.includes(name)) return signatureErrors.unsigned(name)
  }
  for (const name of signedHeaders) if (!Object.hasOwn(headers, name)) return signatureErrors.mismatch()
  return null
}

/** Null where the request has none, because its query could be read in more than one way. */
function canonicalRequest(
  { method, path, query, headers }: Pick<WireRequest, 'method' | 'path' | 'query' | 'headers'>,
  signed: readonly string[],
  bodyHash: string,
): string | null {
  const sorted = canonicalQuery(query)
  if (sorted === null) return null
  let lines = `${method}\n${canonicalPath(path)}\n${sorted}\n`
  for (const name of signed) lines += `${name}:${canonicalValue(headers[name] ?? '')}\n`
  return `${lines}\n${signed.join(';')}\n${bodyHash}`
}

function canonicalValue(value: string): string {
  return (value.includes('  ') || value.includes('\t') ? value.replaceAll(/[ \t]+/g, ' ') : value).trim()
}
