import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetPublicKeyCommand,
  ReplicateKeyCommand,
  type CreateKeyCommandInput,
} from '@aws-sdk/client-kms'
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, untilState } from '../clients/kms-client.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { expectAccessible } from './accessible.ts'
import { CHROMIUM, openConsole, signIn, startBrowser } from './browser.ts'

// Each import has an RSA key of 4096 bits made, which takes seconds.
describe.skipIf(CHROMIUM === null)('The key material of a key', { timeout: 90_000 }, () => {
  let server: TestServer
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    server = await startTestServer({ regions: `${HOME},${AWAY}` })
    browser = await startBrowser()
    ;({ page } = await openConsole(browser, server))
    page.setDefaultTimeout(25_000)
    await signIn(page, server)
  })
  afterAll(async () => {
    await browser.close()
    await server[Symbol.asyncDispose]()
  })

  const dialog = () => page.getByRole('dialog')
  const create = async (input: CreateKeyCommandInput) => {
    const kms = await kmsClient(server, HOME)
    return (await kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL', ...input }))).KeyMetadata?.KeyId ?? ''
  }
  const open = (keyId: string, tab: string, region = HOME) =>
    page.goto(`${server.url}/console/${region}/keys/${keyId}#${tab}`)
  const choose = (name: string, bytes: Uint8Array | string) =>
    dialog()
      .locator('input[type=file]')
      .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) })
  const importIt = () => dialog().getByRole('button', { name: 'Import key material' }).click()
  const imported = () => page.getByText('The key material is imported.').first().waitFor()

  it('is imported from a file into a primary and its replica, deleted, and imported again', async () => {
    const keyId = await create({ MultiRegion: true })
    const material = randomBytes(32)
    const kms = await kmsClient(server, HOME)
    const away = await kmsClient(server, AWAY)
    await open(keyId, 'material')
    await page.getByText('No key material').waitFor()
    await page.getByRole('button', { name: 'Import key material' }).click()
    await choose('short.bin', material.subarray(1))
    await dialog().getByText('The file has 31 bytes, and the key takes 32.').waitFor()
    expect(await dialog().getByRole('button', { name: 'Import key material' }).isDisabled()).toBe(true)
    await dialog().getByRole('button', { name: 'Remove short.bin' }).click()
    await choose('material.bin', material)
    await dialog().getByRole('textbox', { name: 'Description' }).fill('from the vault')
    await dialog().getByRole('radio', { name: 'It expires' }).check()
    await dialog().getByLabel('Days until it expires').fill('366')
    await dialog().getByText('A number from 1 to 365.').first().waitFor()
    await dialog().getByLabel('Days until it expires').fill('365')
    await expectAccessible(page)
    await importIt()
    await page.getByRole('cell', { name: 'from the vault' }).waitFor()
    await page.getByText('Current', { exact: true }).waitFor()
    await expectAccessible(page)
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: keyId }))
    expect(KeyMetadata).toMatchObject({ KeyState: 'Enabled', ExpirationModel: 'KEY_MATERIAL_EXPIRES' })
    const Plaintext = Buffer.from('an order')
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: keyId, Plaintext }))

    await kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: AWAY }))
    await untilState(away, keyId, 'PendingImport')
    await open(keyId, 'material', AWAY)
    await page.getByRole('button', { name: /^Import the key material/ }).click()
    await choose('other.bin', randomBytes(32))
    await importIt()
    await dialog().getByText('IncorrectKeyMaterialException').waitFor()
    await dialog().getByRole('button', { name: 'Remove other.bin' }).click()
    await choose('material.bin', material)
    await importIt()
    await imported()
    await untilState(away, keyId, 'Enabled')
    expect(Buffer.from((await away.send(new DecryptCommand({ CiphertextBlob }))).Plaintext ?? [])).toEqual(Plaintext)

    await page.getByRole('button', { name: /^Delete the key material/ }).click()
    await dialog().getByRole('button', { name: 'Delete key material' }).click()
    await page.getByRole('cell', { name: 'Pending import' }).waitFor()
    expect((await away.send(new DescribeKeyCommand({ KeyId: keyId }))).KeyMetadata?.KeyState).toBe('PendingImport')
  })

  it('is made in the browser, and kept by whoever makes it', async () => {
    const keyId = await create({ KeySpec: 'HMAC_384', KeyUsage: 'GENERATE_VERIFY_MAC' })
    await open(keyId, 'material')
    await page.getByRole('button', { name: 'Import key material' }).click()
    await dialog().getByRole('radio', { name: 'Random bytes, made in this browser' }).check()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog().getByRole('button', { name: 'Make and download' }).click(),
    ])
    expect(await readFile(await download.path())).toHaveLength(48)
    await importIt()
    await page.getByText('Imported', { exact: true }).waitFor()
    await untilState(await kmsClient(server, HOME), keyId, 'Enabled')
  })

  it.each([
    ['RSA_2048', generateKeyPairSync('rsa', { modulusLength: 2048 }), 'der'],
    ['ECC_NIST_P256', generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'pem'],
  ] as const)('is a private key of %s, whose public half is that of the key', async (KeySpec, pair, format) => {
    const keyId = await create({ KeySpec, KeyUsage: 'SIGN_VERIFY' })
    await open(keyId, 'material')
    await page.getByRole('button', { name: 'Import key material' }).click()
    await choose('encrypted.pem', '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----')
    await dialog().getByText('openssl pkcs8 -topk8 -nodes').waitFor()
    await dialog().getByRole('button', { name: 'Remove encrypted.pem' }).click()
    const options = { type: 'pkcs8', format } as { type: 'pkcs8'; format: 'pem' }
    await choose('key', pair.privateKey.export(options))
    await importIt()
    await page.getByText('Imported', { exact: true }).waitFor()
    const { PublicKey } = await (await kmsClient(server, HOME)).send(new GetPublicKeyCommand({ KeyId: keyId }))
    expect(Buffer.from(PublicKey ?? [])).toEqual(pair.publicKey.export({ type: 'spki', format: 'der' }))
    await page.getByRole('tab', { name: 'Public key' }).click()
    await page.getByText('-----BEGIN PUBLIC KEY-----').waitFor()
    await expectAccessible(page)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ])
    expect(download.suggestedFilename()).toBe(`${keyId}.pem`)
    const pem = await readFile(await download.path(), 'utf8')
    expect(createPublicKey(pem).equals(pair.publicKey)).toBe(true)
  })
})
