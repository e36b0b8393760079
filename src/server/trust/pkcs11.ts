import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { randomIv, randomSecret } from '../../crypto/random.ts'
import { domainKeyAad, KeyringError, type RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { IV_BYTES, TAG_BYTES } from '../../crypto/sealing/symmetric.ts'
import { ConfigError } from '../config/config-error.ts'
import type { RootHsmConfig } from '../config/root.ts'
import { ROOT_KEY_BYTES } from '../data/root-key.ts'
import { openToken, type Session, type Token } from './pkcs11-token.ts'

/** A name of 128 bits. */
const ID_BYTES = 16
/** More keys of one label than this are not looked at. */
const MOST_KEYS = 100
const REF = /^hsm:([0-9a-f]{32})$/

/**
 * A root key that is a key in an HSM, and never leaves it. Domain keys are wrapped by AES-GCM in there, bound to where
 * they belong.
 *
 * @param expected the name of the key by which there are domain keys; null to take the only one of the label that is
 *   named, or to make one
 * @param former the key that is the root key so far: it is not taken again
 * @param pin the caller wipes it
 * @throws ConfigError where a setting is missing, or KeyringError
 */
export async function openHsmRoot(
  config: RootHsmConfig,
  pin: Uint8Array,
  expected: string | null,
  former: string | null = null,
): Promise<RootKeyProvider> {
  const { key } = config
  const { module, label } = placeOfHsm(config)
  const token = await openToken(module, label, pin)
  const ref = expected ?? refOf(takeKey(token, key, former))
  const root = rootIn(token, label, ref)
  const trial = { deployment: '', partition: 'aws', region: 'trial', version: 0, format: 0 }
  const bytes = randomSecret(ROOT_KEY_BYTES)
  const again = await root.unwrap(await root.wrap(bytes, trial), trial)
  if (!again.equals(bytes)) throw new KeyringError(`The token "${label}" does not give back what it has encrypted.`)
  return root
}

/** Where a token is. @throws ConfigError where a setting is missing, or names what is not there */
export function placeOfHsm({ module, token: label }: RootHsmConfig): {
  readonly module: string
  readonly label: string
} {
  if (module !== null && label !== null) {
    // A name without a directory is looked for by the system.
    if (isAbsolute(module) && !existsSync(module)) {
      throw new ConfigError(`There is no PKCS#11 library ${module} (root-hsm-module).`)
    }
    return { module, label }
  }
  const missing = module === null ? 'root-hsm-module, the PKCS#11 library of its maker' : 'root-hsm-token, its label'
  throw new ConfigError(`The root key is in an HSM. Give ${missing}.`)
}

function rootIn(token: Token, label: string, ref: string): RootKeyProvider {
  const gcm = (iv: Uint8Array, aad: Buffer) => ({
    mechanism: token.binding.CKM_AES_GCM,
    parameter: {
      type: token.binding.CK_PARAMS_AES_GCM_v240,
      iv: Buffer.from(iv),
      aad,
      ivBits: IV_BYTES * 8,
      tagBits: TAG_BYTES * 8,
    },
  })
  return {
    kind: 'pkcs11',
    currentRef: () => ref,
    async wrap(plaintext, about) {
      const iv = randomIv()
      const plain = Buffer.from(plaintext)
      try {
        const sealed = token.use((session) => {
          const { module, handle } = session
          module.C_EncryptInit(handle, gcm(iv, domainKeyAad(about)), findKey(token, session, label, ref))
          return module.C_Encrypt(handle, plain, Buffer.alloc(plain.length + TAG_BYTES))
        })
        return { ref, blob: Buffer.concat([iv, sealed]) }
      } finally {
        plain.fill(0)
      }
    },
    async unwrap({ ref: by, blob }, about) {
      const [iv, sealed] = [blob.subarray(0, IV_BYTES), Buffer.from(blob.subarray(IV_BYTES))]
      return token.use((session) => {
        const { module, handle } = session
        module.C_DecryptInit(handle, gcm(iv, domainKeyAad(about)), findKey(token, session, label, by))
        // Outside the JavaScript heap, where wiping it leaves no copy.
        return module.C_Decrypt(handle, sealed, Buffer.from(new ArrayBuffer(sealed.length)))
      })
    },
  }
}

/** @throws KeyringError where the key is not there */
function findKey({ binding }: Token, { module, handle }: Session, label: string, ref: string) {
  const [, id] = REF.exec(ref) ?? []
  const found =
    id === undefined
      ? []
      : find(module, handle, [
          { type: binding.CKA_CLASS, value: binding.CKO_SECRET_KEY },
          { type: binding.CKA_ID, value: Buffer.from(id, 'hex') },
        ])
  const [key] = found
  if (key !== undefined) return key
  throw new KeyringError(
    `The root key ${ref} is not in the token "${label}". Give root-hsm-token the one that holds it, or put the files back ` +
      'that belong together.',
  )
}

/** The only key of a label, or a new one; its id. */
function takeKey(token: Token, label: string | null, former: string | null): Buffer {
  if (label === null)
    throw new ConfigError('The root key is to be in an HSM. Name it there: give root-hsm-key a label.')
  const { binding } = token
  return token.use(({ module, handle }) => {
    const named = [
      { type: binding.CKA_CLASS, value: binding.CKO_SECRET_KEY },
      { type: binding.CKA_LABEL, value: label },
    ]
    const ids = find(module, handle, named).map((key) => {
      const [attribute] = module.C_GetAttributeValue(handle, key, [{ type: binding.CKA_ID }])
      return attribute?.value as Buffer
    })
    const [only, ...others] = ids
    if (only !== undefined && others.length === 0 && refOf(only) !== former) {
      if (only.length === ID_BYTES) return only
      throw new KeyringError(
        `The key "${label}" has an id (CKA_ID) of ${only.length} bytes. Give it one of ${ID_BYTES}.`,
      )
    }
    const id = randomBytes(ID_BYTES)
    module.C_GenerateKey(handle, { mechanism: binding.CKM_AES_KEY_GEN }, [
      ...named,
      { type: binding.CKA_ID, value: id },
      { type: binding.CKA_VALUE_LEN, value: ROOT_KEY_BYTES },
      { type: binding.CKA_TOKEN, value: true },
      { type: binding.CKA_PRIVATE, value: true },
      { type: binding.CKA_SENSITIVE, value: true },
      { type: binding.CKA_EXTRACTABLE, value: false },
      { type: binding.CKA_ENCRYPT, value: true },
      { type: binding.CKA_DECRYPT, value: true },
    ])
    return id
  })
}

function find(
  module: Session['module'],
  handle: Session['handle'],
  template: Parameters<typeof module.C_FindObjectsInit>[1],
) {
  module.C_FindObjectsInit(handle, template)
  try {
    return module.C_FindObjects(handle, MOST_KEYS)
  } finally {
    module.C_FindObjectsFinal(handle)
  }
}

function refOf(id: Buffer): string {
  return `hsm:${id.toString('hex')}`
}
