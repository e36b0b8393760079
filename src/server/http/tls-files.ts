import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { ConfigError } from '../config/config-error.ts'
import { reasonOf } from '../system-errors.ts'

/** What TLS is served with, in PEM. */
export interface TlsFiles {
  readonly cert: Buffer
  readonly key: Buffer
}

/**
 * Reads a certificate chain and its private key.
 *
 * @throws ConfigError that names the file, where one is none or they do not belong together
 */
export async function readTls({ cert, key }: { cert: string; key: string }): Promise<TlsFiles> {
  const files = { cert: await read(cert, 'certificate'), key: await read(key, 'private key') }
  const certificate = parse(cert, () => new X509Certificate(files.cert), 'holds no certificate in PEM')
  const privateKey = parse(
    key,
    () => createPrivateKey(files.key),
    'holds no private key in PEM, or one with a passphrase',
  )
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ConfigError(`The private key in ${key} is not that of the certificate in ${cert}.`)
  }
  parse(cert, () => createSecureContext(files), 'cannot be used for TLS')
  return files
}

async function read(path: string, what: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new ConfigError(`The TLS ${what} ${path} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
}

function parse<Parsed>(path: string, make: () => Parsed, otherwise: string): Parsed {
  try {
    return make()
  } catch (error) {
    throw new ConfigError(`${path} ${otherwise} (${reasonOf(error)}).`, { cause: error })
  }
}
