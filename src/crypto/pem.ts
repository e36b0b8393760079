const DIGITS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const PADDING = 0x3d
const HEAD = Buffer.from('-----BEGIN PRIVATE KEY-----\n')
const TAIL = Buffer.from('\n-----END PRIVATE KEY-----\n')

/**
 * A private key, PKCS #8 in DER, as PEM (RFC 7468), in one line and in a buffer that can be wiped: text cannot be.
 */
export function privateKeyPem(der: Uint8Array): Buffer {
  const body = Buffer.alloc(Math.ceil(der.length / 3) * 4, PADDING)
  for (let from = 0, to = 0; from < der.length; from += 3, to += 4) {
    const [one = 0, two = 0, three = 0] = [der[from], der[from + 1], der[from + 2]]
    const left = der.length - from
    body[to] = digit(one >> 2)
    body[to + 1] = digit(((one & 3) << 4) | (two >> 4))
    if (left > 1) body[to + 2] = digit(((two & 15) << 2) | (three >> 6))
    if (left > 2) body[to + 3] = digit(three & 63)
  }
  const pem = Buffer.concat([HEAD, body, TAIL])
  body.fill(0)
  return pem
}

function digit(value: number): number {
  return DIGITS[value] ?? PADDING
}
