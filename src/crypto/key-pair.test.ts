import { createSecretKey, generateKeyPairSync, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { generatePrivateKey, openKeyPair } from './key-pair.ts'

interface FromSeed {
  readonly set: string
  /** PKCS#8 up to the seed. */
  readonly head: string
  readonly seed: string
  /** How many bytes the public half has, and the first and the last 32 of them. */
  readonly bytes: number
  readonly first: string
  readonly last: string
}

/**
 * From NIST's ACVP samples (usnistgov/ACVP-Server, gen-val/json-files): ML-KEM-keyGen-FIPS203 of version 1.1.0.40,
 * whose seed is d and z, and ML-DSA-keyGen-FIPS204 of version 1.1.0.38. Of both, the first test of each parameter set
 * (1, 26 and 51), with the public half cut short.
 */
const ACVP: readonly FromSeed[] = [
  {
    set: 'ML-KEM-512',
    head: '3054020100300b060960864801650304040104428040',
    seed:
      'bba3c0f5df044cdf4d9caa53ca15fde26f34eb3541555cfc54ca9c31b964d0c8' +
      '0a64fdd51a8d91b3166c4958a94efc3166a4f5df680980b878db8371b7624c96',
    bytes: 800,
    first: '1cab32be749ca76124ee19907b9ccb7fd30f8b2c38dc970e81f9956c97a8bd3c',
    last: 'e28326848b67a0a3994d2dba4b7a8f623b901e17cbee610847a2903301c58287',
  },
  {
    set: 'ML-KEM-768',
    head: '3054020100300b060960864801650304040204428040',
    seed:
      'a2b4bca315a6ea4600b4a316e09a2578aa1e8bce919c8df3a96c71c843f5b38b' +
      'd6bf055cb7b375e3271ed131f1ba31f83fef533a239878a71074578b891265d1',
    bytes: 1184,
    first: '5219c4cc17c35a828f3e21b2ab7496805c99ee041fca0158a3314f07d053f364',
    last: 'e2212400769de8e1915f26ba198af8e53dacb598711738da8c583a388e027a59',
  },
  {
    set: 'ML-KEM-1024',
    head: '3054020100300b060960864801650304040304428040',
    seed:
      '2b5330c4f23bfdfd5c31f050ba3b38235324bf032372fc12d04dd08920f0bd59' +
      '0a064d6c06ceab73e59cfca9ff6402255a326aef1e9cb678bf36929dafe29a58',
    bytes: 1568,
    first: 'b24174a5b00dbf520cb9e3783d482e03ca3166d40d082a7bab664845b617add9',
    last: 'f4ccf703ee3c1cc0ba7316dd658e6b6e0815f8fc9a70b1bba325ec32e2930916',
  },
  {
    set: 'ML-DSA-44',
    head: '3034020100300b060960864801650304031104228020',
    seed: '4be7a01a99a5e5bcfe3c06785d8e4ec664082227d86704e9e44862623a05c8b3',
    bytes: 1312,
    first: 'adb0b33464816091f2a95977c67f085fdc24b37854d4db0a577ae9401e408148',
    last: '79fe70441c03fe0b541016da53aedc40cb69a4c952cd075a89d5032380e4a1c3',
  },
  {
    set: 'ML-DSA-65',
    head: '3034020100300b060960864801650304031204228020',
    seed: '8ab6448bf58f897d528a8de9f8e59329ac929a9cde7edf3e27e01bc9ef128a67',
    bytes: 1952,
    first: '49de190622b0681761a9db044015bf812760429001fdff5fc897166546277e84',
    last: '95b29744763675bbabebdce1b816769d66f9bc72de319e1ec39e8f979e49b61c',
  },
  {
    set: 'ML-DSA-87',
    head: '3034020100300b060960864801650304031304228020',
    seed: '5ac4d695186486c11d21f0300dbda6f38b8d1fa07a254549b64422d44b1aac42',
    bytes: 2592,
    first: 'a43d30aa48e12e950a08f7ed597ec7c84c7f6207cdb9850958edeab45253f379',
    last: 'de84a77c6b4cba9164365468c0a5ce13c844b53816d0e6774b01e03eefe9a221',
  },
]

describe('The public half of a seed', () => {
  it.each(ACVP)('is what NIST says, for $set', ({ head, seed, bytes, first, last }) => {
    const { spki } = openKeyPair(createSecretKey(Buffer.from(head + seed, 'hex')))
    const publicKey = spki.subarray(22)
    expect(publicKey).toHaveLength(bytes)
    expect(publicKey.subarray(0, 32).toString('hex')).toBe(first)
    expect(publicKey.subarray(-32).toString('hex')).toBe(last)
  })
})

describe('RSA keys that are made', () => {
  it('are many at once, and leave room for signatures', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    let made = 0
    const making = Array.from({ length: 6 }, async () => {
      await generatePrivateKey({ type: 'rsa', bits: 3072 })
      made += 1
    })
    await promisify(sign)('sha256', Buffer.from('message'), privateKey)
    // Of the six, two are under way. Without a limit, four would be, and a signature would wait for one of them.
    expect(made).toBeLessThan(2)
    await Promise.all(making)
    expect(made).toBe(6)
  })
})
