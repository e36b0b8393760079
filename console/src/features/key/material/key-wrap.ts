/** The alternative initial value of RFC 5649, section 3, without the length that follows it. */
const INITIAL_VALUE = 0xa65959a6
const SEMIBLOCK = 8
const BLOCK = 16
const ROUNDS = 6

/**
 * Wraps with AES Key Wrap with Padding (AES-KWP, RFC 5649). Browsers have AES-KW without padding only, so the rounds
 * are here; each of them is a block that the browser's own AES encrypts.
 *
 * @param kek 256 bits
 */
export async function wrapPadded(
  kek: Uint8Array<ArrayBuffer>,
  plaintext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('raw', kek, 'AES-CBC', false, ['encrypt'])
  const count = Math.ceil(plaintext.length / SEMIBLOCK)
  const wrapped = new Uint8Array((count + 1) * SEMIBLOCK)
  const head = new DataView(wrapped.buffer)
  head.setUint32(0, INITIAL_VALUE)
  head.setUint32(4, plaintext.length)
  wrapped.set(plaintext, SEMIBLOCK)
  if (count === 1) return encryptBlock(key, wrapped)
  for (let round = 0; round < ROUNDS; round++) {
    for (let index = 1; index <= count; index++) {
      const place = index * SEMIBLOCK
      const block = new Uint8Array(BLOCK)
      block.set(wrapped.subarray(0, SEMIBLOCK))
      block.set(wrapped.subarray(place, place + SEMIBLOCK), SEMIBLOCK)
      const encrypted = await encryptBlock(key, block)
      wrapped.set(encrypted.subarray(0, SEMIBLOCK))
      wrapped.set(encrypted.subarray(SEMIBLOCK), place)
      // The counter has 64 bits; of no plaintext that there is has it more than 32.
      head.setUint32(4, head.getUint32(4) ^ (round * count + index))
    }
  }
  return wrapped
}

/** One block by AES alone: what CBC makes of the first block where its initial value is nothing but zeros. */
async function encryptBlock(key: CryptoKey, block: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const algorithm = { name: 'AES-CBC', iv: new Uint8Array(BLOCK) }
  return new Uint8Array(await crypto.subtle.encrypt(algorithm, key, block), 0, BLOCK).slice()
}
