import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** An authority of a test, which signs certificates. */
export interface Authority {
  /** The path of its certificate, in PEM. */
  readonly path: string
  /** @param name such as `IP:127.0.0.1` or `DNS:localhost` */
  certify(name: string): { readonly cert: string; readonly key: string }
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** Makes an authority whose files are in a directory. */
export function makeAuthority(directory: string, name: string): Authority {
  const [path, key] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)]
  openssl('req', '-x509', ...KEY, '-subj', `/CN=${name}`, '-keyout', key, '-out', path)
  return {
    path,
    certify(of) {
      const [cert, own, asked, names] = ['cert', 'own', 'asked', 'names'].map((each) => join(directory, each)) as [
        string,
        string,
        string,
        string,
      ]
      openssl('req', ...KEY, '-subj', '/CN=a server', '-keyout', own, '-out', asked)
      writeFileSync(names, `subjectAltName=${of}`)
      openssl('x509', '-req', '-in', asked, '-CA', path, '-CAkey', key, '-extfile', names, '-days', '2', '-out', cert)
      return { cert: readFileSync(cert, 'utf8'), key: readFileSync(own, 'utf8') }
    },
  }
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', [...args], { stdio: 'ignore' })
}

/** Whether there is openssl on this machine. */
export function hasOpenssl(): boolean {
  try {
    openssl('version')
    return true
  } catch {
    process.stderr.write('ATTENTION: openssl is not on this machine: tests of certificates are skipped.\n')
    return false
  }
}
