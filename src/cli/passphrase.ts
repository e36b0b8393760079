import type { Command } from 'commander'
import type { DataDirectory } from '../server/data/data-directory.ts'
import { readAll } from '../server/read-stream.ts'
import { lookAtRoot, type RootOpening } from '../server/trust/open-root.ts'
import { withoutLineEnd } from '../server/trust/passphrase.ts'
import { rootConfigOf } from './options.ts'

/**
 * Opens the root key of a data directory for a command; a passphrase that no file has is asked for.
 *
 * @param isNew whether nothing was ever wrapped with it; what the directory says where it is not given
 */
export async function openRootOf(
  command: Command,
  data: DataDirectory,
  isNew?: boolean,
): ReturnType<RootOpening['open']> {
  const opening = await lookAtRoot(data, rootConfigOf(command), isNew)
  const passphrase = opening.isSealed ? await askPassphrase(opening.kind === 'pkcs11' ? 'PIN: ' : 'Passphrase: ') : null
  try {
    return await opening.open(passphrase)
  } finally {
    passphrase?.fill(0)
  }
}

/** Asks for a new passphrase: on a terminal twice, so that it is the one that was meant. The caller wipes it. */
export async function askNewPassphrase(): Promise<Buffer> {
  const passphrase = await askPassphrase('New passphrase: ')
  if (!process.stdin.isTTY) return passphrase
  const again = await askPassphrase('The same again: ')
  const isSame = passphrase.equals(again)
  again.fill(0)
  if (isSame) return passphrase
  passphrase.fill(0)
  throw new Error('The two passphrases are not the same. Nothing was changed: try again.')
}

/** Asks for a passphrase: on a terminal, where nothing of it is shown, or from standard input. The caller wipes it. */
export function askPassphrase(prompt: string): Promise<Buffer> {
  return process.stdin.isTTY ? readTyped(prompt) : readPiped()
}

/** More than any passphrase, in bytes. */
const LONGEST = 4096

async function readPiped(): Promise<Buffer> {
  return withoutLineEnd(await readAll(process.stdin, LONGEST, tooLong))
}

function tooLong(): Error {
  return new Error('What comes from standard input is too long for a passphrase.')
}

const END_OF_TEXT = 0x03
const END_OF_TRANSMISSION = 0x04
const BACKSPACE = [0x08, 0x7f]
const LINE_END = [0x0a, 0x0d]
/** The first two bits of a byte that goes on with a character. */
const CONTINUES = 0b1000_0000

function readTyped(prompt: string): Promise<Buffer> {
  const { stdin, stderr } = process
  stderr.write(prompt)
  stdin.setRawMode(true)
  const typed = Buffer.alloc(LONGEST)
  let length = 0
  return new Promise((resolve, reject) => {
    const end = (done: () => void): void => {
      stdin.off('data', hear)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
      done()
      typed.fill(0)
    }
    const hear = (bytes: Buffer): void => {
      for (const byte of bytes) {
        if (LINE_END.includes(byte)) return end(() => resolve(Buffer.from(typed.subarray(0, length))))
        if (byte === END_OF_TEXT || byte === END_OF_TRANSMISSION)
          return end(() => reject(new Error('It was given up.')))
        if (BACKSPACE.includes(byte)) {
          length = Math.max(0, length - 1)
          while (length > 0 && ((typed[length] ?? 0) & 0b1100_0000) === CONTINUES) length -= 1
        } else if (length < LONGEST) {
          typed[length] = byte
          length += 1
        }
      }
      bytes.fill(0)
    }
    stdin.on('data', hear)
    stdin.resume()
  })
}
