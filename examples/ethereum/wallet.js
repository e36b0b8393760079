// An Ethereum account whose private key stays in Keyspan.
//
//   npm install
//   eval "$(keyspan env)"
//   aws kms create-key --key-usage SIGN_VERIFY --key-spec ECC_SECG_P256K1
//
//   node wallet.js address KEY
//   node wallet.js sign KEY '{"chainId":1,"nonce":0,"to":"0x…","value":"1000000000000000000"}'
//
// `sign` prints a transaction (EIP-1559) to be sent with eth_sendRawTransaction.
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { createPublicKey } from 'node:crypto'

const FIELDS = ['chainId', 'nonce', 'maxPriorityFeePerGas', 'maxFeePerGas', 'gasLimit', 'to', 'value', 'data']
const USUAL = {
  nonce: 0,
  maxPriorityFeePerGas: '1000000000',
  maxFeePerGas: '20000000000',
  gasLimit: 21_000,
  data: '0x',
}
const EIP_1559 = 2
const ORDER = secp256k1.Point.Fn.ORDER

const [action, KeyId, text] = process.argv.slice(2)
const kms = new KMSClient({})

const hex = (bytes) => `0x${Buffer.from(bytes).toString('hex')}`

/** The public key: 0x04 and the two coordinates. */
async function publicKey() {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }))
  const { crv, x, y } = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' }).export({
    format: 'jwk',
  })
  if (crv !== 'secp256k1') throw new Error(`Ethereum takes an ECC_SECG_P256K1, and this key is on ${crv}.`)
  return Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
}

const addressOf = (key) => hex(keccak_256(key.subarray(1)).subarray(-20))

/** RLP, Ethereum's encoding of lists and bytes. */
function rlp(item) {
  const isList = Array.isArray(item)
  const body = isList ? Buffer.concat(item.map(rlp)) : item
  if (!isList && body.length === 1 && body[0] < 0x80) return body
  const base = isList ? 0xc0 : 0x80
  if (body.length <= 55) return Buffer.concat([Buffer.of(base + body.length), body])
  const length = bytesOf(body.length)
  return Buffer.concat([Buffer.of(base + 55 + length.length), length, body])
}

/** A number without zeros in front of it, or the bytes of a text in hexadecimal. */
function bytesOf(value) {
  const isBytes = typeof value === 'string' && value.startsWith('0x')
  const digits = isBytes ? value.slice(2) : BigInt(value).toString(16)
  if (!isBytes && digits === '0') return Buffer.alloc(0)
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
}

/**
 * Signs a digest as Ethereum takes it: of the two values of s that are good, the lower one (EIP-2), and with the parity
 * by which the signer is found. KMS gives neither.
 */
async function signDigest(digest, key) {
  const { Signature } = await kms.send(
    new SignCommand({ KeyId, Message: digest, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' }),
  )
  const { r, s } = secp256k1.Signature.fromBytes(Signature, 'der')
  const low = new secp256k1.Signature(r, s > ORDER / 2n ? ORDER - s : s)
  const parity = [0, 1].find((bit) => key.equals(low.addRecoveryBit(bit).recoverPublicKey(digest).toBytes(false)))
  if (parity === undefined) throw new Error('The signature is of another key.')
  return [parity, r, low.s]
}

/** A transaction of the type EIP-1559, or what is signed of it: the same without the signature. */
const transaction = (fields) => Buffer.concat([Buffer.of(EIP_1559), rlp(fields)])

async function sign() {
  const given = { ...USUAL, ...JSON.parse(text) }
  const missing = FIELDS.find((name) => given[name] === undefined)
  if (missing !== undefined) throw new Error(`The transaction has no ${missing}.`)
  const fields = [...FIELDS.map((name) => bytesOf(given[name])), []]
  const signature = await signDigest(keccak_256(transaction(fields)), await publicKey())
  return hex(transaction([...fields, ...signature.map(bytesOf)]))
}

const actions = { sign, address: async () => addressOf(await publicKey()) }
if (!(action in actions)) throw new Error('Say what to do: address KEY, or sign KEY TRANSACTION.')
console.log(await actions[action]())
