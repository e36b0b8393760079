import { CreateRoleCommand, CreateUserCommand } from '@aws-sdk/client-iam'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  ListResourceTagsCommand,
} from '@aws-sdk/client-kms'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consolePolicy } from '../../src/domain/console-policy/console-policy.ts'
import { iamClient } from '../clients/iam-client.ts'
import { kmsClient } from '../clients/kms-client.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { expectAccessible } from './accessible.ts'
import { CHROMIUM, inViews, openConsole, OTHER_VIEWS, signIn, startBrowser } from './browser.ts'

const ACCOUNT = '111122223333'
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' },
})

describe.skipIf(CHROMIUM === null)('The wizard that creates a key', () => {
  let server: TestServer
  let browser: Browser
  let page: Page
  let faults: string[]

  beforeAll(async () => {
    server = await startTestServer({ regions: `${HOME},${AWAY}` })
    const iam = await iamClient(server)
    await iam.send(new CreateUserCommand({ UserName: 'ada', Path: '/staff/' }))
    for (let number = 10; number < 22; number++) await iam.send(new CreateUserCommand({ UserName: `user-${number}` }))
    await iam.send(new CreateRoleCommand({ RoleName: 'app', AssumeRolePolicyDocument: TRUST }))
    browser = await startBrowser()
    ;({ page, faults } = await openConsole(browser, server))
    page.setDefaultTimeout(5000)
    await signIn(page, server)
  })
  afterAll(async () => {
    await browser.close()
    await server[Symbol.asyncDispose]()
  })

  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const next = () => button('Next').click()
  const title = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
  const described = async (KeyId: string, region = HOME) =>
    (await (await kmsClient(server, region)).send(new DescribeKeyCommand({ KeyId }))).KeyMetadata
  const policyOf = async (KeyId: string, region = HOME) =>
    (await (await kmsClient(server, region)).send(new GetKeyPolicyCommand({ KeyId }))).Policy

  // "Create multi-Region primary keys": each line is one of its steps.
  it('makes a multi-Region primary key by the twenty-two steps of AWS’s guide', async () => {
    await page.goto(`${server.url}/console/${AWAY}/keys`) // 1
    await page.getByRole('button', { name: `Region: ${AWAY}` }).click() // 2
    await page.getByRole('menuitem', { name: HOME }).click()
    await page.getByRole('link', { name: 'Customer managed keys' }).click() // 3
    await page.getByRole('heading', { name: 'Customer managed keys' }).waitFor()
    await button('Create key').click() // 4
    await title('Configure key')
    expect(await page.getByRole('radio', { name: 'Symmetric', exact: true }).isChecked()).toBe(true) // 5
    expect(await page.getByRole('radio', { name: 'Encrypt and decrypt' }).isChecked()).toBe(true) // 6
    await button('Advanced options').click() // 7
    const origin = page.getByRole('radiogroup', { name: 'Key material origin' })
    expect(await origin.getByRole('radio', { name: 'KMS', exact: true }).isChecked()).toBe(true) // 8
    await page.getByRole('radiogroup', { name: 'Regionality' }).getByRole('radio', { name: 'Multi-Region key' }).check() // 9
    await page.getByText("You can't change this setting after you create the KMS key.").waitFor()
    await next()
    await title('Add labels')
    await page.getByLabel('Alias', { exact: true }).fill('orders') // 10
    await page.getByLabel('Description', { exact: true }).fill('Of the shop') // 11
    await button('Add tag').click() // 12
    await page.getByRole('textbox', { name: 'Tag key' }).fill('team')
    await page.getByRole('textbox', { name: 'Tag value' }).fill('shop')
    await button('Add tag').click()
    await page.getByRole('textbox', { name: 'Tag key' }).nth(1).fill('stage')
    await next()
    await title('Define key administrative permissions')
    await page.getByRole('checkbox', { name: 'ada' }).check() // 13
    await page.getByRole('checkbox', { name: 'Allow key administrators to delete this key.' }).uncheck() // 14
    await next() // 15
    await title('Define key usage permissions')
    await page.getByLabel('Filter by name or path').fill('APP')
    await page.getByRole('checkbox', { name: 'app' }).check() // 16
    await page.getByRole('heading', { name: 'Other AWS accounts' }).waitFor()
    await button('Add another AWS account').click() // 17
    await page.getByRole('textbox', { name: 'AWS account ID' }).fill('444455556666')
    await next() // 18
    await title('Edit key policy')
    await page.getByText('"Allow access for Key Administrators"').waitFor()
    await button('Edit').click() // 19
    await page.getByRole('textbox', { name: 'Key policy' }).getByText('Enable IAM User Permissions').waitFor()
    await page.getByText('REDUNDANT_ACTION').waitFor()
    await button('Back to default').click()
    await next() // 20
    await title('Review')
    await page.getByText('Multi-Region key').waitFor() // 21
    await button('Edit: Add labels').click()
    await page.getByLabel('Description', { exact: true }).fill('Orders of the shop')
    for (let step = 0; step < 4; step++) await next()
    await button('Finish').click() // 22
    await page.getByText('The key is created.').waitFor()

    const key = await described('alias/orders')
    expect(key).toMatchObject({ MultiRegion: true, Description: 'Orders of the shop', KeySpec: 'SYMMETRIC_DEFAULT' })
    expect(key?.MultiRegionConfiguration?.MultiRegionKeyType).toBe('PRIMARY')
    expect(page.url()).toContain(`/console/${HOME}/keys/${key?.KeyId}`)
    expect(await policyOf(key?.KeyId ?? '')).toBe(
      consolePolicy(
        ACCOUNT,
        { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT', origin: 'AWS_KMS', multiRegion: true },
        {
          administrators: [`arn:aws:iam::${ACCOUNT}:user/staff/ada`],
          administratorsDelete: false,
          users: [`arn:aws:iam::${ACCOUNT}:role/app`],
          accounts: ['444455556666'],
        },
      ),
    )
    const kms = await kmsClient(server, HOME)
    const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId: key?.KeyId }))
    expect(Tags).toEqual([
      { TagKey: 'team', TagValue: 'shop' },
      { TagKey: 'stage', TagValue: '' },
    ])
    expect(faults).toEqual([])
  })

  it('says what is wrong in the step where it is, and loses nothing on the way back', async () => {
    await page.goto(`${server.url}/console/${HOME}/keys/create`)
    await page.getByRole('radio', { name: 'Asymmetric' }).check()
    await page.getByRole('radio', { name: 'Sign and verify' }).check()
    await next()
    await next()
    await page.getByText('Type an alias.').waitFor()
    await page.getByLabel('Alias', { exact: true }).fill('aws/orders')
    await page.getByText('Aliases that begin with aws/ are those of services.').waitFor()
    await page.getByLabel('Alias', { exact: true }).fill('taken')
    await next()
    await next()
    await title('Define key usage permissions')
    await button('Add another AWS account').click()
    await page.getByRole('textbox', { name: 'AWS account ID' }).fill('4444')
    await next()
    await page.getByText('Type an account ID of 12 digits').waitFor()
    await page.getByRole('textbox', { name: 'AWS account ID' }).fill('444455556666')
    await next()
    const standard = (await page.locator('pre[aria-label="Key policy"]').textContent()) ?? ''
    await button('Edit').click()
    const write = async (policy: string) => {
      await page.getByRole('textbox', { name: 'Key policy' }).press('Control+a')
      await page.keyboard.insertText(policy)
    }
    await write('{')
    await next()
    await page.getByText('This is not JSON.').waitFor()
    await write(standard.replace('444455556666:root', `111122223333:user/nobody`))
    await next()
    await button('Finish').click()
    await page.getByText('The request was refused: MalformedPolicyDocumentException').first().waitFor()
    await button('Edit: Key policy').click()
    await button('Back to default').click()
    await next()
    await expectAccessible(page)
    const kms = await kmsClient(server, HOME)
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/taken', TargetKeyId: KeyMetadata?.KeyId }))
    await button('Finish').click()
    await page.getByText('The key is created, but it has no alias: taken was refused').waitFor()
    await page.getByText('AlreadyExistsException').waitFor()
    await button('Go to its aliases').click()
    await page.getByText('The key has no name in this Region.').waitFor()
    const [, keyId = ''] = /keys\/([\w-]+)#aliases$/.exec(page.url()) ?? []
    expect(await described(keyId)).toMatchObject({
      KeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
      MultiRegion: false,
    })
    expect(await policyOf(keyId)).toContain('444455556666:root')
  })

  it('goes on to the import of material where it comes from outside', async () => {
    await page.goto(`${server.url}/console/${HOME}/keys/create`)
    await page.getByRole('radio', { name: 'Generate and verify MAC' }).check()
    await button('Advanced options').click()
    await page.getByRole('radio', { name: 'External (Import key material)' }).check()
    await next()
    await page.getByLabel('Alias', { exact: true }).fill('outside')
    for (let step = 0; step < 4; step++) await next()
    await button('Finish').click()
    await page.getByRole('tab', { name: 'Key material', selected: true }).waitFor()
    await page.getByText('Pending import').first().waitFor()
    expect(await described('alias/outside')).toMatchObject({ Origin: 'EXTERNAL', KeySpec: 'HMAC_256' })
  })

  it('replicates a key, and says of each Region how far it is', async () => {
    const { KeyId = '' } = (await described('alias/orders')) ?? {}
    const away = await kmsClient(server, AWAY)
    const { KeyMetadata } = await away.send(new CreateKeyCommand({}))
    await away.send(new CreateAliasCommand({ AliasName: 'alias/orders', TargetKeyId: KeyMetadata?.KeyId }))
    await page.goto(`${server.url}/console/${HOME}/keys/${KeyId}#regionality`)
    await button('Create new replica keys').click()
    await title('Select Regions')
    await next()
    await page.getByText('Choose a Region.').waitFor()
    await page.getByRole('button', { name: /^Replica Regions/ }).click()
    expect(await page.getByRole('option', { name: HOME }).count()).toBe(0)
    await page.getByRole('option', { name: AWAY }).click()
    // The server serves two Regions.
    expect(await page.getByRole('option', { name: 'sa-east-1' }).count()).toBe(0)
    await page.keyboard.press('Escape')
    await next()
    await page.getByLabel('Alias', { exact: true }).fill('orders')
    await next()
    expect(await page.getByRole('checkbox', { name: 'ada' }).isChecked()).toBe(true)
    await next()
    await page.getByRole('button', { name: 'Remove the account 444455556666' }).click()
    await next()
    await next()
    await title('Review')
    await button('Finish').click()
    await page.getByText('The replica is created, but its alias was refused').waitFor()
    await expectAccessible(page)
    await away.send(new DeleteAliasCommand({ AliasName: 'alias/orders' }))
    await button(`Try again in ${AWAY}`).click()
    await page.getByText('Created', { exact: true }).waitFor()
    expect(await described('alias/orders', AWAY)).toMatchObject({ KeyId, KeyState: 'Enabled' })
    const policy = (await policyOf(KeyId, AWAY)) ?? ''
    expect(policy).toContain('Allow attachment of persistent resources')
    expect(policy).not.toContain('444455556666')
  })

  it('shows the policy of the primary where it is not as the console writes it', async () => {
    const kms = await kmsClient(server, HOME)
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ MultiRegion: true }))
    await page.goto(`${server.url}/console/${HOME}/keys/${KeyMetadata?.KeyId}/replicate`)
    await title('Select Regions')
    expect(await page.getByText('Define key administrative permissions').count()).toBe(0)
    const single = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId
    await page.goto(`${server.url}/console/${HOME}/keys/${single}/replicate`)
    await page.getByText('Only a multi-Region primary key is replicated').waitFor()
  })

  it('is for everybody, at every step', { timeout: 120_000 }, async () => {
    const other = await openConsole(browser, server, '', OTHER_VIEWS[0])
    await signIn(other.page, server)
    await other.page.goto(`${server.url}/console/${HOME}/keys/create`)
    const names = [
      'Configure key',
      'Add labels',
      'Define key administrative permissions',
      'Define key usage permissions',
    ]
    for (const name of [...names, 'Edit key policy', 'Review']) {
      await other.page.getByRole('heading', { level: 1, name }).waitFor()
      if (name === 'Configure key') await other.page.getByRole('button', { name: 'Advanced options' }).click()
      if (name === 'Edit key policy') {
        await other.page.getByRole('button', { name: 'Edit', exact: true }).click()
        await other.page.getByText('No findings').waitFor()
      }
      if (name === 'Add labels') await other.page.getByLabel('Alias', { exact: true }).fill('any')
      await inViews(other.page, OTHER_VIEWS, async () => {
        await expectAccessible(other.page)
        const wider = await other.page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
        expect(wider).toBeLessThanOrEqual(0)
      })
      await other.page.keyboard.press('Escape')
      if (name !== 'Review') await other.page.getByRole('button', { name: 'Next', exact: true }).press('Enter')
    }
  })
})
