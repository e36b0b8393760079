import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAIN } from './program/program.ts'
import { signRequest } from './signed-request.ts'
import { startTestServer, type TestServer } from './server.ts'

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('SKIPPED: TLS needs openssl to make a certificate, which is not on this machine.')
    return false
  }
}

describe.skipIf(!hasOpenssl())('With a certificate', () => {
  let directory: string
  let server: TestServer

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
    execFileSync('openssl', ['req', '-x509', ...curve, ...name, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    server = await startTestServer({ regions: 'us-east-1', 'tls-cert': cert, 'tls-key': key })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true })
  })

  it('serves HTTPS, and profiles say so', async () => {
    expect(server.url).toMatch(/^https:/)
    expect(readFileSync(join(server.path, 'aws', 'config'), 'utf8')).toContain(`endpoint_url = ${server.url}`)
    const credentials = await server.credentials()
    const { headers, body } = await signRequest({ url: server.url, credentials, target: 'TrentService.ListKeys' })
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const ca = readFileSync(join(directory, 'cert.pem'))
      const asking = request(server.url, { method: 'POST', headers, ca }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      asking.on('error', reject)
      asking.end(body)
    })
    expect(status).toBe(200)
  })
  it('says that it serves, to its own health check, whoever has issued the certificate', async () => {
    const settings = ['--port', new URL(server.url).port, '--tls-cert', join(directory, 'cert.pem')]
    const args = ['health', ...settings, '--tls-key', join(directory, 'key.pem')]
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args])
    expect(stdout).toBe(`${server.url} serves.\n`)
  })

  it('is asked by keyspan key create, which trusts whom the AWS CLI is told to', async () => {
    const create = (environment: NodeJS.ProcessEnv) =>
      promisify(execFile)(process.execPath, [MAIN, 'key', 'create', '--data', server.path], { env: environment })
    await expect(create({})).rejects.toThrow('cannot be asked: self-signed certificate')
    const { stdout } = await create({ AWS_CA_BUNDLE: join(directory, 'cert.pem') })
    expect(stdout).toMatch(/^Key arn:aws:kms:us-east-1:\d+:key\/\S+ is made\.\n$/)
  })
})
