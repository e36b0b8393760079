import type { X509Certificate } from 'node:crypto'
import { INTEGER, isTrue, readDer, type Element } from '../der.ts'

const CURVE = 'secp384r1'
const SIGNATURE = 'ecdsa-with-SHA384'

const BASIC_CONSTRAINTS = '551d13'
const KEY_USAGE = '551d0f'
/** Bits of a key's usage (RFC 5280, section 4.2.1.3), in the first byte behind the count of unused bits. */
const DIGITAL_SIGNATURE = 0x80
const KEY_CERT_SIGN = 0x04
/** The tag of the extensions in a TBSCertificate (RFC 5280, section 4.1). */
const EXTENSIONS = 0xa3

/**
 * What is wrong with a chain of P-384 certificates (RFC 5280, section 6), from a root that is trusted to a leaf that
 * signs; null where nothing is.
 *
 * A certificate's extensions are read only after the one before it is known to have signed it.
 *
 * @param now in epoch milliseconds
 */
export function flawOfChain(chain: readonly X509Certificate[], now: number): string | null {
  for (const [place, certificate] of chain.entries()) {
    const below = chain.length - 1 - place
    const flaw = flawOfIssue(certificate, chain[place - 1]) ?? flawOfCertificate(certificate, below, now)
    if (flaw !== null) return `of its certificates, number ${place + 1} of ${chain.length} from the root ${flaw}`
  }
  return null
}

function flawOfIssue(certificate: X509Certificate, issuer: X509Certificate | undefined): string | null {
  if (certificate.signatureAlgorithm !== SIGNATURE) return `is not signed with ${SIGNATURE}`
  if (issuer === undefined) return null
  const isIssued = certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
  return isIssued ? null : 'was not issued by the one before it'
}

/** @param below how many certificates of the chain come after this one: none after the leaf */
function flawOfCertificate(certificate: X509Certificate, below: number, now: number): string | null {
  if (certificate.publicKey.asymmetricKeyDetails?.namedCurve !== CURVE) return `has no key on ${CURVE}`
  if (now < certificate.validFromDate.getTime()) return `is not valid before ${certificate.validFromDate.toISOString()}`
  if (now > certificate.validToDate.getTime()) return `has expired on ${certificate.validToDate.toISOString()}`
  const extensions = extensionsOf(certificate)
  if (extensions.some(({ id, critical }) => critical && id !== BASIC_CONSTRAINTS && id !== KEY_USAGE)) {
    return 'has a critical extension that is not known here'
  }
  const usage = usageOf(extensions)
  if (below === 0) {
    if (certificate.ca) return 'is of an authority, and not of one that signs documents'
    return (usage & DIGITAL_SIGNATURE) === 0 ? 'may not sign documents' : null
  }
  if (!certificate.ca || (usage & KEY_CERT_SIGN) === 0) return 'may not issue certificates'
  // The leaf does not count (RFC 5280, section 4.2.1.9).
  return below - 1 > pathLengthOf(extensions) ? 'may not issue so long a chain' : null
}

interface Extension {
  readonly id: string
  readonly critical: boolean
  readonly value: Buffer
}

function extensionsOf({ raw }: X509Certificate): readonly Extension[] {
  const [certificate] = readDer(raw)
  const [body] = readDer(contentOf(certificate))
  const list = readDer(contentOf(body)).find(({ tag }) => tag === EXTENSIONS)
  if (list === undefined) return []
  const [sequence] = readDer(list.content)
  return readDer(contentOf(sequence)).map((extension) => {
    const [id, ...rest] = readDer(extension.content)
    return { id: contentOf(id).toString('hex'), critical: isTrue(rest[0]), value: contentOf(rest.at(-1)) }
  })
}

function usageOf(extensions: readonly Extension[]): number {
  const extension = extensions.find(({ id }) => id === KEY_USAGE)
  if (extension === undefined) return 0
  const [bits] = readDer(extension.value)
  return contentOf(bits)[1] ?? 0
}

function pathLengthOf(extensions: readonly Extension[]): number {
  const extension = extensions.find(({ id }) => id === BASIC_CONSTRAINTS)
  if (extension === undefined) return 0
  const [constraints] = readDer(extension.value)
  const limit = readDer(contentOf(constraints)).find(({ tag }) => tag === INTEGER)
  if (limit === undefined) return Infinity
  // Whatever needs more than one byte is longer than any chain here.
  return limit.content.length === 1 ? limit.content.readInt8(0) : Infinity
}

function contentOf(element: Element | undefined): Buffer {
  if (element === undefined) throw new RangeError('An element is missing.')
  return element.content
}
