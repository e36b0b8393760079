import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ConfigError } from './config/config-error.ts'
import { reasonOf } from './system-errors.ts'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * Reads the certificates that the operator trusts to vouch for attestation documents.
 *
 * @throws ConfigError for a file that holds no such certificates
 */
export async function readRoots(files: readonly string[]): Promise<readonly X509Certificate[]> {
  return (await Promise.all(files.map(readFileOfRoots))).flat()
}

async function readFileOfRoots(file: string): Promise<readonly X509Certificate[]> {
  try {
    const certificates = (await readFile(file, 'latin1')).match(CERTIFICATE) ?? []
    if (certificates.length === 0) throw new Error('it has no certificate in PEM')
    return certificates.map((pem) => {
      const certificate = new X509Certificate(pem)
      if (!certificate.ca) throw new Error(`the certificate ${certificate.fingerprint256} is of no authority`)
      return certificate
    })
  } catch (error) {
    throw new ConfigError(`The attestation root ${file} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
}
