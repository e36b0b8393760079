import { createSecretKey, type KeyObject } from 'node:crypto'
import type pkcs11js from 'pkcs11js'
import { KeyringError } from '../../crypto/sealing/keyring.ts'
import { ConfigError } from '../config/config-error.ts'
import { reasonOf } from '../system-errors.ts'
import { WrongPassphraseError } from './passphrase.ts'

type Binding = typeof pkcs11js
type Handle = pkcs11js.Handle

/** An HSM's token, with a session that is opened again where it was lost. */
export interface Token {
  readonly binding: Binding
  /**
   * Works in a session in which the PIN was given. What is lost meanwhile is opened again, and the work done once more.
   *
   * @throws KeyringError
   */
  use<Result>(work: (session: Session) => Result): Result
}

/** A session with a token. */
export interface Session {
  readonly module: pkcs11js.PKCS11
  readonly handle: Handle
}

/** What says that a session, or its token, is not there any more: another one may be. */
const LOST = [
  'CKR_SESSION_HANDLE_INVALID',
  'CKR_SESSION_CLOSED',
  'CKR_USER_NOT_LOGGED_IN',
  'CKR_TOKEN_NOT_PRESENT',
  'CKR_TOKEN_NOT_RECOGNIZED',
  'CKR_DEVICE_REMOVED',
  'CKR_DEVICE_ERROR',
  'CKR_OBJECT_HANDLE_INVALID',
  'CKR_KEY_HANDLE_INVALID',
  'CKR_CRYPTOKI_NOT_INITIALIZED',
]
const WRONG_PIN = ['CKR_PIN_INCORRECT', 'CKR_PIN_LEN_RANGE', 'CKR_PIN_INVALID', 'CKR_USER_ALREADY_LOGGED_IN']
/** Who uses the key, to PKCS#11. */
const USER = 1

/** Modules that are loaded: one may be once only in a process. */
const modules = new Map<string, pkcs11js.PKCS11>()
/** By which PINs this process has logged in: a token asks for it once, and takes any other for granted then. */
const pins = new Map<string, KeyObject>()

/**
 * Opens a token.
 *
 * @param path of the module
 * @param label of the token
 * @param pin is kept, to log in again
 * @throws ConfigError, KeyringError or WrongPassphraseError
 */
export async function openToken(path: string, label: string, pin: Uint8Array): Promise<Token> {
  const binding = await loadBinding()
  const module = load(binding, path)
  const kept = createSecretKey(pin)
  const place = { binding, module, name: `${label} of ${path}`, label, pin: kept }
  let session = logIn(place)
  return {
    binding,
    use(work) {
      try {
        return work(session)
      } catch (error) {
        if (!LOST.includes(codeOf(error))) throw asKeyringError(error, label)
      }
      session = logIn(place)
      try {
        return work(session)
      } catch (error) {
        throw asKeyringError(error, label)
      }
    },
  }
}

async function loadBinding(): Promise<Binding> {
  try {
    return (await import('pkcs11js')).default
  } catch (error) {
    throw new ConfigError(
      'The root key is in an HSM, and the package pkcs11js, which speaks to it, is not installed here. It is compiled ' +
        'where it is installed: see that there are python3, make and a C++ compiler, and: npm install pkcs11js',
      { cause: error },
    )
  }
}

function load(binding: Binding, path: string): pkcs11js.PKCS11 {
  const known = modules.get(path)
  if (known !== undefined) return known
  try {
    const module = new binding.PKCS11()
    module.load(path)
    initialize(module)
    modules.set(path, module)
    return module
  } catch (error) {
    throw new ConfigError(
      `${path} is no PKCS#11 module that can be loaded: ${reasonOf(error)}. Check root-hsm-module.`,
      {
        cause: error,
      },
    )
  }
}

function initialize(module: pkcs11js.PKCS11): void {
  try {
    module.C_Initialize()
  } catch (error) {
    if (codeOf(error) !== 'CKR_CRYPTOKI_ALREADY_INITIALIZED') throw error
  }
}

/** To which token, and by which PIN. */
interface LogIn {
  readonly binding: Binding
  readonly module: pkcs11js.PKCS11
  /** Tells the token from all others. */
  readonly name: string
  readonly label: string
  readonly pin: KeyObject
}

/** @throws KeyringError or WrongPassphraseError */
function logIn({ binding, module, name, label, pin }: LogIn): Session {
  try {
    initialize(module)
    const slot = slotOf(module, label)
    const handle = module.C_OpenSession(slot, binding.CKF_SERIAL_SESSION | binding.CKF_RW_SESSION)
    const bytes = pin.export()
    try {
      // The binding takes text, which cannot be wiped.
      module.C_Login(handle, USER, bytes.toString())
    } catch (error) {
      if (codeOf(error) === 'CKR_USER_ALREADY_LOGGED_IN' && pins.get(name)?.equals(pin) === true) {
        return { module, handle }
      }
      module.C_CloseSession(handle)
      throw error
    } finally {
      bytes.fill(0)
    }
    pins.set(name, pin)
    return { module, handle }
  } catch (error) {
    throw asKeyringError(error, label)
  }
}

function slotOf(module: pkcs11js.PKCS11, label: string): Handle {
  const slots = module.C_GetSlotList(true)
  const labels = slots.map((slot) => module.C_GetTokenInfo(slot).label.replaceAll('\0', '').trimEnd())
  const slot = slots[labels.indexOf(label)]
  if (slot !== undefined && labels.indexOf(label) === labels.lastIndexOf(label)) return slot
  const named = labels.filter((each) => each !== '').map((each) => `"${each}"`)
  const there = named.length === 0 ? 'There is none' : `There are ${named.join(', ')}`
  throw new KeyringError(
    `Not one token of the HSM is named "${label}". ${there}. Check root-hsm-token, and that it is connected.`,
  )
}

function codeOf(error: unknown): string {
  return error instanceof Error ? error.message : ''
}

function asKeyringError(error: unknown, label: string): Error {
  if (error instanceof KeyringError) return error
  const code = codeOf(error)
  if (WRONG_PIN.includes(code)) {
    return new WrongPassphraseError(
      `That is not the PIN of the token "${label}". Nothing was opened. Most tokens are locked after a few wrong ones.`,
    )
  }
  const remedy =
    code === 'CKR_PIN_LOCKED'
      ? 'It is locked: its security officer unlocks it.'
      : 'See that it is connected, and try again.'
  return new KeyringError(`The token "${label}" of the HSM refuses: ${code}. ${remedy}`, { cause: error })
}
