import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  EnableKeyCommand,
  PutKeyPolicyCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, untilState } from '../clients/kms-client.ts'
import { policyOf, principalsOf } from '../clients/principals.ts'
import { pauseReplication } from '../control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { expectAccessible } from './accessible.ts'
import { CHROMIUM, openConsole, signIn, signInAs, startBrowser } from './browser.ts'

describe.skipIf(CHROMIUM === null)('The Regionality of a key', { timeout: 60_000 }, () => {
  let server: TestServer
  let browser: Browser
  let page: Page
  let faults: string[]

  beforeAll(async () => {
    server = await startTestServer({ regions: `${HOME},${AWAY}` })
    browser = await startBrowser()
    ;({ page, faults } = await openConsole(browser, server))
    await signIn(page, server)
  })
  afterAll(async () => {
    await browser.close()
    await server[Symbol.asyncDispose]()
  })

  const row = (region: string, name: string) =>
    page
      .getByRole('table', { name })
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: region }) })
  const related = (region: string) => row(region, 'Related multi-Region keys')
  const deleted = (region: string) => row(region, 'Order of deletion')
  const open = (keyId: string) => page.goto(`${server.url}/console/${HOME}/keys/${keyId}#regionality`)

  it('shows what waits for whom while nothing passes, and by itself that it has passed', async () => {
    const home = await kmsClient(server, HOME)
    const KeyId = (await home.send(new CreateKeyCommand({ MultiRegion: true }))).KeyMetadata?.KeyId ?? ''
    await open(KeyId)
    await page.getByRole('img', { name: `Regions of the key: ${HOME}.` }).waitFor()
    await page.getByText('All Regions are in step.').waitFor()

    await pauseReplication(server, true)
    await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    await page.reload()
    await page.getByText(`${HOME} waits for its replica in ${AWAY} to be in use. Since`).waitFor()
    await page
      .getByText(`${AWAY} has yet to hear 2 messages from ${HOME}: the new replica, what they share. Nothing passes`)
      .waitFor()
    await related(AWAY).getByText('Nothing passes').waitFor()
    await related(AWAY).getByText('On its way').waitFor()
    await page.getByRole('img', { name: `Regions of the key: ${HOME}, ${AWAY}.` }).waitFor()
    await expectAccessible(page)

    await pauseReplication(server, false)
    await page.getByText('All Regions are in step.').waitFor()
    await related(AWAY).getByText('In step').waitFor()
    await related(AWAY).getByText('Nothing', { exact: true }).waitFor()
    expect(faults).toEqual([])
  })

  it('shows how a Region differs, moves the primary, and says in which order all of it is deleted', async () => {
    const [home, away] = [await kmsClient(server, HOME), await kmsClient(server, AWAY)]
    const KeyId = (await home.send(new CreateKeyCommand({ MultiRegion: true }))).KeyMetadata?.KeyId ?? ''
    await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    await untilState(away, KeyId, 'Enabled')
    const Policy = policyOf({
      Sid: 'Mine <script>',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
      Action: 'kms:*',
      Resource: '*',
    })
    await away.send(new PutKeyPolicyCommand({ KeyId, Policy }))
    await away.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'team', TagValue: 'payments' }] }))
    await open(KeyId)
    await page.getByRole('button', { name: `Tags, Key policy: show how ${AWAY} differs` }).click()
    await page.getByRole('heading', { name: `How ${AWAY} differs from ${HOME}` }).waitFor()
    await page.getByRole('cell', { name: 'team=payments' }).waitFor()
    await page.getByText('+       "Sid": "Mine <script>"').waitFor()
    await expectAccessible(page)

    await away.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
    await home.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
    await page.reload()
    await deleted(AWAY).getByText('Scheduled').waitFor()
    await deleted(HOME).getByText('at the earliest').waitFor()
    await deleted(HOME).getByRole('cell', { name: AWAY }).waitFor()
    await page.getByText(`${HOME} waits to be deleted until the key in ${AWAY} is. Since`).waitFor()
    await away.send(new CancelKeyDeletionCommand({ KeyId }))
    await home.send(new CancelKeyDeletionCommand({ KeyId }))
    await home.send(new EnableKeyCommand({ KeyId }))
    await away.send(new EnableKeyCommand({ KeyId }))

    await page.reload()
    await page.getByRole('button', { name: 'Change primary Region' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'New primary Region' }).click()
    await page.getByRole('option', { name: AWAY }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Change primary Region' }).click()
    await related(AWAY).getByText('Primary', { exact: true }).waitFor()
    await page.getByText('All Regions are in step.').waitFor()
    await related(AWAY).getByRole('link', { name: AWAY }).click()
    await page.getByText('Multi-Region primary').waitFor()
    await page.getByRole('img', { name: `Regions of the key:` }).waitFor()
    expect(faults).toEqual([])
  })

  it('shows where the Regions are to who may not see more', async () => {
    const home = await kmsClient(server, HOME)
    const KeyId = (await home.send(new CreateKeyCommand({ MultiRegion: true }))).KeyMetadata?.KeyId ?? ''
    const people = await principalsOf(server, HOME)
    const user = await people.user(
      policyOf({ Effect: 'Allow', Action: ['kms:*', 'sts:*', 'keyspan:Begin*'], Resource: '*' }),
    )
    const { page: theirs } = await openConsole(browser, server)
    await signInAs(theirs, user)
    await theirs.goto(`${server.url}/console/${HOME}/keys/${KeyId}#regionality`)
    await theirs.getByRole('img', { name: `Regions of the key: ${HOME}.` }).waitFor()
    await theirs.getByText('is shown to who has keyspan:DescribeFamily').waitFor()
  })
})
