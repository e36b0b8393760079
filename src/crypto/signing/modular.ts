/** Arithmetic modulo a group's order: on public numbers with BigInt, and on one secret in constant time. */

const LIMB_BITS = 16
const LIMB_MASK = 0xffff

/** A public number from its big-endian bytes. */
export function fromBytes(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

/** A public number as so many big-endian bytes. */
export function toBytes(value: bigint, bytes: number): Buffer {
  return Buffer.from(value.toString(16).padStart(bytes * 2, '0'), 'hex')
}

/** The inverse of a public number modulo a prime, by the extended Euclidean algorithm. */
export function inverse(value: bigint, prime: bigint): bigint {
  let [r, next] = [prime, value % prime]
  let [x, nextX] = [0n, 1n]
  while (next !== 0n) {
    const quotient = r / next
    ;[r, next] = [next, r - quotient * next]
    ;[x, nextX] = [nextX, x - quotient * nextX]
  }
  return ((x % prime) + prime) % prime
}

/**
 * Writes `secret * factor mod modulus` to `product`, all big-endian and of one even length.
 *
 * Time and memory accesses depend on the public factor and modulus alone. Every copy of the secret but the caller's is
 * wiped.
 */
export function multiplySecret(secret: Uint8Array, factor: bigint, modulus: bigint, product: Buffer): void {
  const size = secret.length / 2 + 1
  const base = limbsOf(secret, size)
  const order = limbsOf(toBytes(modulus, secret.length), size)
  const sum = new Uint32Array(size)
  const spare = new Uint32Array(size)
  for (const bit of factor.toString(2)) {
    addModulo(sum, sum, order, spare)
    if (bit === '1') addModulo(sum, base, order, spare)
  }
  for (let index = 0; index < size - 1; index += 1) {
    product.writeUInt16BE(sum[index] ?? 0, product.length - 2 * (index + 1))
  }
  for (const limbs of [base, sum, spare]) limbs.fill(0)
}

/** The limbs of a big-endian number, the lowest first. */
function limbsOf(bytes: Uint8Array, size: number): Uint32Array {
  const limbs = new Uint32Array(size)
  for (let index = 0; index < size - 1; index += 1) {
    const at = bytes.length - 2 * (index + 1)
    limbs[index] = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  }
  return limbs
}

/** x = x + y modulo the order, for x and y below it. Both results are worked out and one is taken by a mask. */
function addModulo(x: Uint32Array, y: Uint32Array, order: Uint32Array, spare: Uint32Array): void {
  let carry = 0
  let borrow = 0
  for (let index = 0; index < x.length; index += 1) {
    const sum = (x[index] ?? 0) + (y[index] ?? 0) + carry
    carry = sum >>> LIMB_BITS
    x[index] = sum & LIMB_MASK
    const difference = (sum & LIMB_MASK) - (order[index] ?? 0) - borrow
    borrow = (difference >>> LIMB_BITS) & 1
    spare[index] = difference & LIMB_MASK
  }
  const taken = borrow - 1
  for (let index = 0; index < x.length; index += 1) {
    x[index] = ((x[index] ?? 0) & ~taken) | ((spare[index] ?? 0) & taken)
  }
}
