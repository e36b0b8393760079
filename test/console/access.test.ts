import {
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  PutUserPermissionsBoundaryCommand,
} from '@aws-sdk/client-iam'
import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  EncryptCommand,
  ReplicateKeyCommand,
} from '@aws-sdk/client-kms'
import {
  AcceptHandshakeCommand,
  AttachPolicyCommand,
  CreateOrganizationCommand,
  CreatePolicyCommand as CreateOrganizationPolicyCommand,
  EnablePolicyTypeCommand,
  InviteAccountToOrganizationCommand,
  ListRootsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consoleVocabulary } from '../../build/console-vocabulary.ts'
import { ACTIONS, CONDITION_KEYS } from '../../console/src/parts/policy/vocabulary.ts'
import { kmsClient, untilState } from '../clients/kms-client.ts'
import { policyOf, principalsOf, type TestPrincipal, type TestPrincipals } from '../clients/principals.ts'
import { createAccount } from '../control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { expectAccessible } from './accessible.ts'
import { CHROMIUM, inViews, openConsole, OTHER_VIEWS, signIn, startBrowser } from './browser.ts'

const ROOT = 'arn:aws:iam::111122223333:root'
const allow = (Action: string | readonly string[], more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
})
const byAccount = { Sid: 'Enable IAM User Permissions', ...allow('kms:*', { Principal: { AWS: ROOT } }) }
const OF_PAYMENTS = { Condition: { StringEquals: { 'kms:EncryptionContext:team': 'payments' } } }

let server: TestServer
let owner: TestPrincipals

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  owner = await principalsOf(server, HOME)
})
afterAll(() => server[Symbol.asyncDispose]())

async function createKey(
  alias: string,
  statements: readonly object[] = [byAccount],
  more: { MultiRegion?: boolean } = {},
) {
  const kms = await kmsClient(server, HOME)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Policy: policyOf(...statements), ...more }))
  const id = KeyMetadata?.KeyId ?? ''
  await kms.send(new CreateAliasCommand({ AliasName: `alias/${alias}`, TargetKeyId: id }))
  return id
}

/** Encrypts as somebody; says whether that was let pass. */
async function encrypts(somebody: TestPrincipal, KeyId: string, EncryptionContext?: Record<string, string>) {
  const request = new EncryptCommand({ KeyId, Plaintext: Buffer.from('x'), EncryptionContext })
  return somebody
    .kms(HOME)
    .send(request)
    .then(
      () => true,
      () => false,
    )
}

async function signInAs(page: Page, { credentials }: TestPrincipal): Promise<void> {
  await page.getByLabel('Access key ID').fill(credentials.accessKeyId)
  await page.getByLabel('Secret access key').fill(credentials.secretAccessKey)
  await page.getByLabel('Session token').fill(credentials.sessionToken ?? '')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Customer managed keys' }).waitFor()
}

it('What the editor completes is what the server knows', () => {
  expect({ actions: ACTIONS, conditionKeys: CONDITION_KEYS }).toEqual(consoleVocabulary())
  expect(ACTIONS).toContain('kms:ReplicateKey')
  expect(CONDITION_KEYS).toContain('kms:EncryptionContext:')
})

describe.skipIf(CHROMIUM === null)('The console', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.close())

  it('tells a user why it was refused, and its owner applies the remedy: then it passes', async () => {
    const ada = await owner.user(policyOf(allow(['kms:ListKeys', 'kms:ListAliases', 'keyspan:ExplainRefusal'])))
    const admin = await owner.role('Admin', policyOf(allow(['iam:*', 'kms:*', 'keyspan:*'])))
    const id = await createKey('orders')
    const { page } = await openConsole(browser, server)
    await signInAs(page, ada)
    await page.goto(`${server.url}/console/${HOME}/keys/${id}`)
    await page.getByText('The request was refused: AccessDeniedException').waitFor()
    await page.getByRole('link', { name: 'Why?' }).click()
    await page
      .getByText('none of the caller’s allows it')
      .or(page.getByText("none of the caller's allows it"))
      .waitFor()
    await page.getByText(`Give user ${ada.name} a policy with this statement:`).waitFor()
    const address = page.url()
    expect(await encrypts(ada, id)).toBe(false)

    const { page: other, faults } = await openConsole(browser, server)
    await signInAs(other, admin)
    await other.goto(`${server.url}/console/${HOME}/keys/${id}`)
    await other.getByRole('tab', { name: 'Access' }).click()
    await other.getByRole('link', { name: 'kms:Encrypt' }).click()
    await other.getByRole('button', { name: 'Apply this remedy' }).first().click()
    const dialog = other.getByRole('dialog')
    await dialog.getByText(`The inline policy keyspan-remedy is made, for user ${ada.name}.`).waitFor()
    await expectAccessible(other)
    await dialog.getByRole('button', { name: 'Apply this remedy' }).click()
    await other.getByText('The remedy is applied: ask again.').first().waitFor()
    expect(await encrypts(ada, id)).toBe(true)

    await other.goto(address)
    await other.getByRole('button', { name: 'Apply this remedy' }).first().click()
    await dialog.getByText(`The inline policy keyspan-remedy of user ${ada.name} is changed.`).waitFor()
    await dialog.getByRole('button', { name: 'Apply this remedy' }).click()
    await other.getByText('The remedy is applied: ask again.').first().waitFor()
    expect(await encrypts(ada, id)).toBe(true)
    expect(faults).toEqual([])
  }, 60_000)

  it('applies a remedy to a key policy after showing who gains by it', async () => {
    const bob = await owner.user()
    const id = await createKey('guarded', [
      byAccount,
      { Sid: 'Payments', ...allow('kms:Encrypt', { Principal: { AWS: bob.arn }, ...OF_PAYMENTS }) },
    ])
    expect(await encrypts(bob, id, { team: 'hr' })).toBe(false)
    const reader = await owner.role('Reader', policyOf(allow(['kms:List*', 'kms:Describe*', 'keyspan:*'])))
    const { page: theirs } = await openConsole(browser, server)
    await signInAs(theirs, reader)
    await theirs.goto(`${server.url}/console/${HOME}/access`)
    await theirs.getByRole('row', { name: bob.name }).getByRole('link', { name: 'kms:Encrypt' }).click()
    await theirs.getByText('You may not make this change: ask somebody who may.').first().waitFor()

    const { page, faults } = await openConsole(browser, server, '', { dark: true })
    await signIn(page, server)
    await page.goto(`${server.url}/console/${HOME}/access`)
    await page.getByRole('row', { name: bob.name }).getByRole('link', { name: 'kms:Encrypt' }).click()
    await page.getByText('Everything that had a say').click()
    await page.getByRole('button', { name: 'Open Resource-based policy' }).click()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Apply this remedy' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('row', { name: bob.name }).getByText('Changes').waitFor()
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Apply this remedy' }).click()
    await page.getByText('The remedy is applied: ask again.').first().waitFor()
    expect(await encrypts(bob, id, { team: 'hr' })).toBe(true)
    expect(await encrypts(bob, id, { team: 'sales' })).toBe(false)
    expect(faults).toEqual([])
  }, 60_000)

  it('applies a remedy to a managed policy, to a boundary, and as a grant', async () => {
    const erin = await owner.user()
    const managed = async (name: string, statement: object) => {
      const created = await owner.iam.send(
        new CreatePolicyCommand({ PolicyName: name, PolicyDocument: policyOf(statement) }),
      )
      return created.Policy?.Arn ?? ''
    }
    const PolicyArn = await managed('payments-only', allow('kms:Encrypt', OF_PAYMENTS))
    await owner.iam.send(new AttachUserPolicyCommand({ UserName: erin.name, PolicyArn }))
    for (const days of [1, 2, 3, 4]) {
      const PolicyDocument = policyOf(allow('kms:Encrypt', { ...OF_PAYMENTS, Sid: `Day${days}` }))
      await owner.iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }))
    }
    const frank = await owner.user(policyOf(allow('kms:*')))
    const PermissionsBoundary = await managed('decrypt-only', allow('kms:Decrypt'))
    await owner.iam.send(new PutUserPermissionsBoundaryCommand({ UserName: frank.name, PermissionsBoundary }))
    const gail = await owner.user()
    const id = await createKey('remedied')
    const grant = { KeyId: id, GranteePrincipal: gail.arn, Operations: ['Encrypt' as const] }
    const Constraints = { EncryptionContextSubset: { team: 'payments' } }
    await (await kmsClient(server, HOME)).send(new CreateGrantCommand({ ...grant, Constraints }))
    for (const each of [erin, frank, gail]) expect(await encrypts(each, id, { team: 'hr' })).toBe(false)

    const { page, faults } = await openConsole(browser, server)
    await signIn(page, server)
    const dialog = page.getByRole('dialog')
    const apply = async (somebody: TestPrincipal, shown: string) => {
      await page.goto(`${server.url}/console/${HOME}/access`)
      await page.getByRole('row', { name: somebody.name }).getByRole('link', { name: 'kms:Encrypt' }).click()
      await page.getByRole('button', { name: 'Apply this remedy' }).first().click()
      await dialog.getByText(shown).first().waitFor()
      await expectAccessible(page)
      await dialog.getByRole('button', { name: 'Apply this remedy' }).click()
      await page.getByText('The remedy is applied: ask again.').first().waitFor()
      expect(await encrypts(somebody, id, { team: 'hr' })).toBe(true)
    }
    await apply(erin, 'v1, the oldest, is deleted for it.')
    await apply(frank, 'attached to: 0. Those that it is the boundary of: 1.')
    await apply(gail, 'New grant')
    expect(await encrypts(gail, id, { team: 'sales' })).toBe(false)
    expect(faults).toEqual([])
  }, 60_000)

  it('says who can apply a remedy to a policy of the organization', async () => {
    const MEMBER = '444455556666'
    await createAccount(server, MEMBER)
    const client = async (account?: string) =>
      new OrganizationsClient({ region: HOME, endpoint: server.url, credentials: await server.credentials(account) })
    const management = await client()
    await management.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }))
    const { Roots } = await management.send(new ListRootsCommand({}))
    const PolicyType = 'SERVICE_CONTROL_POLICY'
    await management.send(new EnablePolicyTypeCommand({ RootId: Roots?.[0]?.Id, PolicyType }))
    const Target = { Id: MEMBER, Type: 'ACCOUNT' as const }
    const { Handshake } = await management.send(new InviteAccountToOrganizationCommand({ Target }))
    await (await client(MEMBER)).send(new AcceptHandshakeCommand({ HandshakeId: Handshake?.Id }))
    const Content = policyOf({ Effect: 'Deny', Action: 'kms:CreateKey', Resource: '*' })
    const { Policy } = await management.send(
      new CreateOrganizationPolicyCommand({ Type: PolicyType, Content, Name: 'no-keys', Description: '' }),
    )
    const PolicyId = Policy?.PolicySummary?.Id ?? ''
    await management.send(new AttachPolicyCommand({ PolicyId, TargetId: MEMBER }))
    const refused = (await kmsClient(server, HOME, MEMBER)).send(new CreateKeyCommand({}))
    await expect(refused).rejects.toThrow('service control policy')
    const { page } = await openConsole(browser, server)
    await signIn(page, server, MEMBER)
    await page.goto(`${server.url}/console/${HOME}/access`)
    await page.getByRole('link', { name: 'kms:CreateKey' }).click()
    await page
      .getByText(
        `Account 111122223333, which manages the organization, can make this change, by organizations:UpdatePolicy of ${PolicyId}`,
      )
      .waitFor()
    expect(await page.getByRole('button', { name: 'Apply this remedy' }).count()).toBe(0)
    await expectAccessible(page)
  })

  it('shows who can use a key, Region by Region, and what would become of a request', async () => {
    const carol = await owner.user(policyOf(allow('kms:Encrypt', OF_PAYMENTS)))
    const id = await createKey('matrix', [byAccount], { MultiRegion: true })
    await (await kmsClient(server, HOME)).send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
    await untilState(await kmsClient(server, AWAY), id, 'Enabled')
    const { page, faults } = await openConsole(browser, server)
    await signIn(page, server)
    await page.goto(`${server.url}/console/${HOME}/keys/${id}`)
    await page.getByRole('tab', { name: 'Access' }).click()
    const who = page.getByRole('table').first()
    await who.getByRole('row', { name: 'root' }).getByText('Yes').first().waitFor()
    await page.getByPlaceholder('Find principals').fill(carol.name)
    await who.getByRole('row', { name: 'root' }).waitFor({ state: 'detached' })
    const row = who.getByRole('row', { name: carol.name })
    await row.getByRole('button', { name: 'If' }).press('Enter')
    await page.getByText('kms:EncryptionContext:team is payments').waitFor()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await page
      .getByRole('button', { name: `Region ${HOME}` })
      .last()
      .click()
    await page.getByRole('option', { name: AWAY }).click()
    // A replica replicates nothing.
    await who.getByRole('columnheader', { name: 'ReplicateKey' }).waitFor({ state: 'detached' })
    await row.getByRole('button', { name: 'If' }).waitFor()
    await page.getByLabel('Encryption context').fill('team')
    await page.getByRole('button', { name: 'Simulate' }).click()
    await page.getByText('Give a name and a value on each line').first().waitFor()
    await page.getByLabel('Encryption context').fill('team=payments')
    await page.getByRole('textbox', { name: 'Principal' }).fill(carol.arn)
    await page.getByRole('combobox', { name: 'Operation' }).fill('Encrypt')
    await page.getByRole('button', { name: 'Simulate' }).click()
    await page.getByRole('region', { name: 'What would become of it' }).getByText('Allowed', { exact: true }).waitFor()
    expect(faults).toEqual([])
  }, 60_000)

  it('is for everybody, also where access is looked at', async () => {
    const id = await createKey('view')
    const { page, faults } = await openConsole(browser, server, '', OTHER_VIEWS[0])
    await signIn(page, server)
    await page.goto(`${server.url}/console/${HOME}/keys/${id}`)
    await page.getByRole('tab', { name: 'Access' }).click()
    await page.getByRole('table').first().getByRole('row', { name: 'root' }).getByText('Yes').first().waitFor()
    await page.getByRole('button', { name: 'Simulate' }).click()
    await page.getByRole('region', { name: 'What would become of it' }).waitFor()
    await inViews(page, OTHER_VIEWS, () => expectAccessible(page))
    await page.getByRole('tab', { name: 'Key policy' }).click()
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    await page.getByText('No findings').waitFor()
    await inViews(page, OTHER_VIEWS, () => expectAccessible(page))
    expect(faults).toEqual([])
  }, 60_000)

  it('checks a policy as it is typed, completes it, and shows its effect before it is saved', async () => {
    const dave = await owner.user()
    const toDave = { Sid: 'Dave', ...allow('kms:Encrypt', { Principal: { AWS: dave.arn } }) }
    const id = await createKey('edited', [byAccount, toDave])
    expect(await encrypts(dave, id)).toBe(true)
    const { page, faults } = await openConsole(browser, server)
    await signIn(page, server)
    await page.goto(`${server.url}/console/${HOME}/keys/${id}`)
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    const editor = page.getByRole('textbox', { name: 'Key policy' })
    await page.getByText('No findings').waitFor()
    await editor.getByText('"kms:Encrypt"').click()
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    for (const _letter of 'Encrypt') await page.keyboard.press('Backspace')
    await page.keyboard.type('Decrypx')
    await page.getByText('The action kms:Decrypx does not exist.').waitFor()
    await page.locator('.cm-lintRange-error').waitFor()
    await page.getByRole('link', { name: /^Line \d+$/ }).click()
    await expectAccessible(page)
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Backspace')
    await page.keyboard.press('Control+Space')
    await page.getByRole('option', { name: 'kms:Decrypt' }).click()
    await page.getByText('No findings').waitFor()
    await page.getByRole('button', { name: 'Review changes' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('row', { name: 'kms:Decrypt' }).getByText('Gains').waitFor()
    await dialog.getByRole('row', { name: 'kms:Encrypt' }).getByText('Loses').waitFor()
    await dialog.getByText(`${dave.arn}: kms:Encrypt, once`).waitFor()
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('The key policy is changed.').waitFor()
    expect(await encrypts(dave, id)).toBe(false)
    expect(faults).toEqual([])
  }, 60_000)
})
