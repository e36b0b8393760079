import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { request } from 'node:https'
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certificatesPem, identityCertificate } from '../../src/crypto/identity-certificate.ts'
import { generateSigningKey } from '../../src/crypto/region-signature.ts'
import { askControl } from '../control.ts'
import { startTestServer, AWAY, HOME, type TestServer } from '../server.ts'

let server: TestServer
let url: URL
/** Trusted as a Region. */
let friend: SecureContext
/** Of somebody who is not. */
let stranger: SecureContext

function contextOf(identity: ReturnType<typeof generateSigningKey>): SecureContext {
  const key = identity.privateKey.export({ format: 'pem', type: 'pkcs8' })
  const cert = certificatesPem([identityCertificate(AWAY, identity.publicKey, identity.privateKey)])
  return createSecureContext({ cert, key })
}

beforeAll(async () => {
  server = await startTestServer({ regions: HOME, 'peer-port': '0' })
  url = new URL(server.peersUrl ?? '')
  const identity = generateSigningKey()
  friend = contextOf(identity)
  stranger = contextOf(generateSigningKey())
  const { text } = (await askControl(server, '/region/identity', {})) as { text: string }
  const own = JSON.parse(text) as { deployment: string; home: string }
  const { introductionFingerprint, introductionText } = await import('../../src/server/peers/introduction.ts')
  const regions = [{ region: AWAY, publicKey: identity.publicKey, incarnation: crypto.randomUUID(), succession: [] }]
  const theirs = { deployment: own.deployment, home: own.home, regions }
  const fingerprint = introductionFingerprint(theirs)
  await askControl(server, '/region/trust', { text: introductionText(theirs), fingerprint })
})
afterAll(() => server[Symbol.asyncDispose]())

interface Asking {
  readonly context?: SecureContext
  readonly path?: string
  readonly body?: string
  readonly protocol?: string
  readonly name?: string
}

/** Asks as a peer does; resolves to what became of it. */
async function ask({ context, path = '/hint', body = '{"at":"keys"}', protocol = 'kms-mrk/1', name = HOME }: Asking) {
  const asking = request({
    host: url.hostname,
    port: url.port,
    path,
    method: 'POST',
    servername: `${name}.region.keyspan`,
    rejectUnauthorized: false,
    agent: false,
    headers: { 'x-keyspan-protocol': protocol, 'content-length': Buffer.byteLength(body) },
    ...(context !== undefined && { secureContext: context }),
  })
  asking.on('error', () => {})
  asking.end(body)
  try {
    const [response] = (await once(asking, 'response')) as [NodeJS.ReadableStream & { statusCode: number }]
    let text = ''
    for await (const chunk of response) text += String(chunk)
    return { status: response.statusCode, text }
  } catch (error) {
    return { status: 0, text: String(error) }
  }
}

describe('Where peers are heard', () => {
  it('hears those who are trusted', async () => {
    expect(await ask({ context: friend })).toEqual({ status: 200, text: '{}' })
  })

  it('hears nobody else: without an identity, with another one, for a Region that is not here', async () => {
    expect(await ask({})).toMatchObject({ status: 403 })
    expect(await ask({ context: stranger })).toMatchObject({ status: 403 })
    expect(await ask({ context: stranger, path: '/global', body: '{}' })).toMatchObject({ status: 403 })
    expect(await ask({ context: friend, name: AWAY })).toMatchObject({ status: 0 })
  })

  it.each([
    { path: '/hint', body: '{"at":"x"}' },
    { path: '/hint', body: 'no JSON' },
    { path: '/exchange', body: '{}' },
    { path: '/exchange', body: JSON.stringify({ payload: 'e30=', signature: 'AAAA' }) },
    {
      path: '/exchange',
      body: JSON.stringify({ payload: Buffer.from('{"destination":"eu-west-1"}').toString('base64'), signature: '' }),
    },
    { path: '/global', body: JSON.stringify({ payload: 'bnVsbA==', signature: 'AAAA' }) },
    { path: '/ask', body: '{"about":"secrets"}' },
    { path: '/ask', body: '{"about":"key","account":{"a":1},"keyId":null}' },
    {
      path: '/relay',
      body: '{"method":"POST","path":"/","query":"","headers":{},"body":"!","sourceIp":"","secure":true}',
    },
    { path: '/role', body: '{"origin":{},"requestId":"","region":"","sourceIp":"","userAgent":"","secure":true}' },
    { path: '/nothing', body: '{}' },
    { path: '/hint', body: '{"at":"keys"}', protocol: 'kms-mrk/9' },
    { path: '/relay', body: JSON.stringify('x'.repeat(3 * 1024 * 1024)) },
  ])('refuses what it is asked wrongly, and says so: $path $body', async (asked) => {
    const { status, text } = await ask({ context: friend, ...asked })
    expect([0, 400], text).toContain(status)
    expect(await ask({ context: friend })).toMatchObject({ status: 200 })
  })

  it('answers a request that is passed on only as its signature lets it', async () => {
    const passed = {
      method: 'POST',
      path: '/',
      query: '',
      headers: { 'content-type': 'application/x-www-form-urlencoded', __proto__x: '1' },
      body: Buffer.from('Action=CreateUser&Version=2010-05-08&UserName=x').toString('base64'),
      sourceIp: '127.0.0.1',
      secure: true,
    }
    const { status, text } = await ask({ context: friend, path: '/relay', body: JSON.stringify(passed) })
    expect(status).toBe(200)
    expect((JSON.parse(text) as { status: number }).status).toBeGreaterThanOrEqual(400)
  })

  it('stands what is no TLS', async () => {
    const socket = connectTcp(Number(url.port), url.hostname)
    socket.on('error', () => {})
    socket.end('GET / HTTP/1.1\r\n\r\n')
    await once(socket, 'close')
    expect(await ask({ context: friend })).toMatchObject({ status: 200 })
  })
})

describe('Strangers', () => {
  const MANY = 60
  /** Opens connections and says nothing on them; counts those that are still there. */
  async function holdMany(): Promise<{ readonly count: () => number; end(): void }> {
    const sockets = await Promise.all(
      Array.from({ length: MANY }, async () => {
        const socket = connectTcp(Number(url.port), url.hostname)
        socket.on('error', () => {})
        await Promise.race([once(socket, 'connect'), once(socket, 'close')])
        return socket
      }),
    )
    return {
      count: () => sockets.filter((socket) => !socket.closed).length,
      end: () => sockets.forEach((socket) => socket.destroy()),
    }
  }

  it('hold few connections, for a short while, and no Region’s', async () => {
    const held = await holdMany()
    await expect.poll(held.count).toBeLessThanOrEqual(16)
    // What is said too often from one place in a second is not listened to.
    await expect.poll(() => ask({ context: friend })).toMatchObject({ status: 200 })
    await expect.poll(held.count).toBe(0)
    held.end()
  })

  it('hold no connection by a handshake that is done', async () => {
    const socket = connectTls({
      host: url.hostname,
      port: Number(url.port),
      servername: `${HOME}.region.keyspan`,
      rejectUnauthorized: false,
      secureContext: stranger,
    })
    socket.on('error', () => {})
    await once(socket, 'secureConnect')
    await once(socket, 'close')
    expect(await ask({ context: friend })).toMatchObject({ status: 200 })
  })
})
