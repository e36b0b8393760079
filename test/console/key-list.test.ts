import { CreateAliasCommand, CreateKeyCommand } from '@aws-sdk/client-kms'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient } from '../clients/kms-client.ts'
import { policyOf, principalsOf } from '../clients/principals.ts'
import { advanceClock, createAccount } from '../control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { CHROMIUM, openConsole, signIn, signInAs, startBrowser } from './browser.ts'

const GUEST = '444455556666'
const WAIT = { timeout: 12_000 }
const root = { AWS: 'arn:aws:iam::111122223333:root' }

let server: TestServer
let browser: Browser
let payments: string

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  const client = await kmsClient(server, HOME)
  payments = (await client.send(new CreateKeyCommand({ MultiRegion: true }))).KeyMetadata?.KeyId ?? ''
  await client.send(new CreateAliasCommand({ AliasName: 'alias/payments', TargetKeyId: payments }))
  await client.send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }))
})
afterAll(() => server[Symbol.asyncDispose]())

/** How often a page asks for an operation from now on. */
function countRequests(page: Page, operation: string): () => number {
  let count = 0
  page.on('request', (request) => {
    if (request.headers()['x-amz-target']?.endsWith(`.${operation}`)) count += 1
  })
  return () => count
}

describe.skipIf(CHROMIUM === null)('The list of keys', () => {
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.close())

  it('filters keys by each of their properties', async () => {
    const { page } = await openConsole(browser, server)
    await signIn(page, server)
    await page.getByRole('link', { name: 'payments' }).waitFor()
    const filters = [
      'Regionality = Multi-Region primary',
      'Status = Enabled',
      'Key type = Symmetric',
      'Aliases : payme',
    ]
    for (const filter of [...filters, 'Key spec : symmetric', 'Key usage = Encrypt and decrypt', 'Key ID : mrk-']) {
      await page.getByRole('combobox', { name: 'Filter by property or alias' }).fill(filter)
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: filter }).waitFor()
      await page.getByRole('link', { name: 'payments' }).waitFor()
      await expect.poll(() => page.getByRole('row').count(), { message: filter, ...WAIT }).toBe(2)
    }
  })

  it('lists a key that is hidden from whoever looks, and says nothing of keys to who may list none', async () => {
    const people = await principalsOf(server, HOME)
    const user = await people.user(
      policyOf({ Effect: 'Allow', Action: ['kms:List*', 'kms:Describe*', 'keyspan:Begin*'], Resource: '*' }),
    )
    const nobody = await people.user()
    const hidden = policyOf(
      { Effect: 'Allow', Principal: root, Action: 'kms:*', Resource: '*' },
      { Effect: 'Deny', Principal: { AWS: user.arn }, Action: 'kms:DescribeKey', Resource: '*' },
    )
    const kms = await kmsClient(server, HOME)
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Policy: hidden }))
    const asUser = await openConsole(browser, server)
    await signInAs(asUser.page, user)
    await asUser.page
      .getByRole('row', { name: KeyMetadata?.KeyId ?? '' })
      .getByText('Not shown to you')
      .waitFor()
    await asUser.page.getByRole('row', { name: 'payments' }).getByText('Enabled').waitFor()
    const asNobody = await openConsole(browser, server)
    await signInAs(asNobody.page, nobody)
    await asNobody.page.getByText('kms:ListKeys').waitFor()
    expect(await asNobody.page.getByText('Your first multi-Region key').count()).toBe(0)
    expect(await asNobody.page.getByText('(0)').count()).toBe(0)
  })

  it('asks what keys are of those that are shown, and of all of them to filter by it', async () => {
    await createAccount(server, GUEST)
    const guest = await kmsClient(server, HOME, GUEST)
    await Promise.all(Array.from({ length: 45 }, () => guest.send(new CreateKeyCommand({}))))
    const { page } = await openConsole(browser, server)
    const described = countRequests(page, 'DescribeKey')
    await signIn(page, server, GUEST)
    await expect.poll(() => page.getByRole('row').filter({ hasText: 'Enabled' }).count(), WAIT).toBe(20)
    expect(described()).toBe(20)
    await page.getByRole('button', { name: 'Next page' }).click()
    await expect.poll(() => page.getByRole('row').filter({ hasText: 'Enabled' }).count(), WAIT).toBe(20)
    expect(described()).toBeLessThan(45)
    await page.getByRole('combobox', { name: 'Filter by property or alias' }).fill('Status = Enabled')
    await page.keyboard.press('Enter')
    await page.getByText('45 matches', { exact: true }).first().waitFor()
    await page.getByRole('button', { name: 'Load again' }).click()
    await page.getByText('45 matches', { exact: true }).first().waitFor()
  })
})

describe.skipIf(CHROMIUM === null)('An address', () => {
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.close())

  it('may name a key as AWS does: by its ARN, in any Region, or by its alias', async () => {
    const arn = `arn:aws:kms:${HOME}:111122223333:key/${payments}`
    const { page } = await openConsole(browser, server)
    await signIn(page, server)
    for (const [region, name] of [
      [HOME, arn],
      [AWAY, encodeURIComponent(arn)],
      [HOME, 'alias/payments'],
      [HOME, 'alias%2Fpayments'],
      [AWAY, `arn:aws:kms:${HOME}:111122223333:alias/payments`],
    ]) {
      await page.goto(`${server.url}/console/${region}/keys/${name}`)
      await page.getByRole('heading', { name: payments }).waitFor()
      await expect.poll(() => page.url(), WAIT).toBe(`${server.url}/console/${HOME}/keys/${payments}`)
    }
    await page.goto(`${server.url}/console/${HOME}/keys/alias/nothing`)
    await page.getByText('The request was refused: NotFoundException').waitFor()
    await page.goto(`${server.url}/console/${HOME}/keys/%E0%A4%A`)
    await page.getByText('The request was refused').waitFor()
    await page.goto(`${server.url}/console/${HOME}/nothing`)
    await page.getByText('There is no such page').waitFor()
    await page.getByRole('main').getByRole('link', { name: 'Customer managed keys' }).last().click()
    await page.getByRole('heading', { name: 'Customer managed keys' }).waitFor()
  })

  it('may name a key of another account, of which is shown what AWS tells others', async () => {
    await createAccount(server, '777788889999')
    const theirs = await kmsClient(server, HOME, '777788889999')
    const Policy = policyOf(
      { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::777788889999:root' }, Action: 'kms:*', Resource: '*' },
      { Effect: 'Allow', Principal: root, Action: ['kms:DescribeKey', 'kms:ListGrants'], Resource: '*' },
    )
    const { KeyMetadata } = await theirs.send(new CreateKeyCommand({ Policy, Description: 'theirs' }))
    const { page, faults } = await openConsole(browser, server)
    await signIn(page, server)
    await page.goto(`${server.url}/console/${HOME}/keys/${KeyMetadata?.Arn}#grants`)
    await page.getByText('777788889999', { exact: true }).waitFor()
    await page.getByText('theirs', { exact: true }).waitFor()
    expect(await page.getByRole('tab').allTextContents()).toEqual(['Cryptographic configuration', 'Grants'])
    await page.getByText('No grants').waitFor()
    expect(await page.getByRole('button', { name: 'Key actions' }).count()).toBe(0)
    expect(faults).toEqual([])
  })

  it('leads to the sign-in where the session ends before what was changed is saved', async () => {
    const { page } = await openConsole(browser, server)
    await signIn(page, server)
    await page.getByRole('link', { name: 'payments' }).click()
    await page.getByRole('button', { name: 'Edit description' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('Too late')
    // What the page asks by itself meanwhile must not find it out first.
    await page.route('**/*', (route) => {
      const isOther = !route.request().headers()['x-amz-target']?.endsWith('.UpdateKeyDescription')
      return route.request().method() === 'POST' && isOther ? route.abort() : route.continue()
    })
    await advanceClock(server, '2h')
    await page.getByRole('dialog').getByRole('button', { name: 'Edit description' }).click()
    await page.getByText('Your session is over.').waitFor()
  })
})
