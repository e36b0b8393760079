// JSON Web Tokens that Keyspan signs: the private key never leaves it, and whoever has the key set verifies alone.
//
//   npm install
//   eval "$(keyspan env)"
//   aws kms create-key --multi-region --key-usage SIGN_VERIFY --key-spec ECC_NIST_P256     # ES256; RSA_2048 for RS256
//
//   node tokens.js keys KEY >jwks.json                   # what a verifier needs; publish it
//   node tokens.js sign KEY '{"sub":"ada"}'              # prints a token that is good for five minutes
//   AWS_REGION=eu-west-1 node tokens.js sign KEY ...     # a replica signs with the same key, under the same `kid`
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { createHash, createPublicKey } from 'node:crypto'

/** What the names of JOSE (RFC 7518) are in KMS, by the key's spec. */
const ALGORITHMS = {
  ECC_NIST_P256: { alg: 'ES256', signing: 'ECDSA_SHA_256', coordinate: 32 },
  ECC_NIST_P384: { alg: 'ES384', signing: 'ECDSA_SHA_384', coordinate: 48 },
  RSA_2048: { alg: 'RS256', signing: 'RSASSA_PKCS1_V1_5_SHA_256' },
  RSA_3072: { alg: 'RS256', signing: 'RSASSA_PKCS1_V1_5_SHA_256' },
  RSA_4096: { alg: 'RS256', signing: 'RSASSA_PKCS1_V1_5_SHA_256' },
}
const LIFETIME_S = 300

const [action, KeyId, claims] = process.argv.slice(2)
const kms = new KMSClient({})

const base64url = (bytes) => Buffer.from(bytes).toString('base64url')

/** The public key as a JWK. Its `kid` is its thumbprint (RFC 7638): the same in every Region, another for another key. */
async function publicKey() {
  const { PublicKey, KeySpec } = await kms.send(new GetPublicKeyCommand({ KeyId }))
  const algorithm = ALGORITHMS[KeySpec]
  if (algorithm === undefined)
    throw new Error(`A ${KeySpec} signs no tokens. Take ${Object.keys(ALGORITHMS).join(', ')}.`)
  const { alg } = algorithm
  const jwk = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' }).export({ format: 'jwk' })
  // The thumbprint is over the required members alone, in the order of their names.
  const members =
    jwk.kty === 'EC' ? { crv: jwk.crv, kty: 'EC', x: jwk.x, y: jwk.y } : { e: jwk.e, kty: 'RSA', n: jwk.n }
  const kid = createHash('sha256').update(JSON.stringify(members)).digest('base64url')
  return { algorithm, jwk: { ...jwk, kid, alg, use: 'sig' } }
}

/** KMS gives an ECDSA signature in DER; a token has its two numbers side by side, each as long as the curve's. */
function sideBySide(der, length) {
  const numbers = []
  // SEQUENCE { INTEGER r, INTEGER s }: each is two bytes of head, and at most 49 of number.
  for (let at = 2; numbers.length < 2; at += 2 + der[at + 1]) {
    const number = der.subarray(at + 2, at + 2 + der[at + 1])
    numbers.push(Buffer.concat([Buffer.alloc(length), number]).subarray(-length))
  }
  return Buffer.concat(numbers)
}

async function sign() {
  const { algorithm, jwk } = await publicKey()
  const now = Math.floor(Date.now() / 1000)
  const head = { alg: algorithm.alg, typ: 'JWT', kid: jwk.kid }
  const body = { iat: now, exp: now + LIFETIME_S, ...JSON.parse(claims) }
  const text = [head, body].map((part) => base64url(JSON.stringify(part))).join('.')
  const { Signature } = await kms.send(
    new SignCommand({ KeyId, Message: Buffer.from(text), MessageType: 'RAW', SigningAlgorithm: algorithm.signing }),
  )
  const signature = algorithm.coordinate === undefined ? Signature : sideBySide(Signature, algorithm.coordinate)
  return `${text}.${base64url(signature)}`
}

const actions = { sign, keys: async () => JSON.stringify({ keys: [(await publicKey()).jwk] }) }
if (!(action in actions)) throw new Error('Say what to do: keys KEY, or sign KEY CLAIMS.')
console.log(await actions[action]())
