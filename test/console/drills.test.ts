import { randomUUID } from 'node:crypto'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, untilState } from '../clients/kms-client.ts'
import { drill } from '../control.ts'
import { AWAY, FAR, HOME, startTestServer, type TestServer } from '../server.ts'
import { expectAccessible } from './accessible.ts'
import { CHROMIUM, openConsole, signIn, startBrowser } from './browser.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({ regions: [HOME, AWAY, FAR].join(',') })
})
afterAll(() => server[Symbol.asyncDispose]())

/** A key in every Region, under a name that no other try has taken. */
async function createFamily(): Promise<string> {
  const home = await kmsClient(server, HOME)
  const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
  const KeyId = KeyMetadata?.KeyId ?? ''
  await home.send(new CreateAliasCommand({ AliasName: `alias/${randomUUID()}`, TargetKeyId: KeyId }))
  for (const ReplicaRegion of [AWAY, FAR]) await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion }))
  for (const region of [HOME, AWAY, FAR]) await untilState(await kmsClient(server, region), KeyId, 'Enabled')
  return KeyId
}

/** A Region that is down gives no answer, and a delay that is too long is refused: the browser says so. */
const unforeseen = (faults: readonly string[]) => faults.filter((fault) => !/ERR_EMPTY_RESPONSE|^400 of /.test(fault))

describe.skipIf(CHROMIUM === null)('The page of drills', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.close())
  afterEach(() => drill(server, 'heal'))

  it('cuts lines, makes them late, takes Regions down, and shows what becomes of a key', async () => {
    const KeyId = await createFamily()
    const { page, faults } = await openConsole(browser, server)
    await signIn(page, server)
    await page.goto(`${server.url}/console/${HOME}/drills`)
    const keys = page.getByRole('table').filter({ hasText: 'Material' })
    const lines = page.getByRole('table').filter({ hasText: 'From / to' })
    await keys.getByRole('row', { name: HOME }).getByText('Primary').waitFor()

    await lines.getByRole('button', { name: `What ${HOME} says to ${AWAY}` }).press('Enter')
    await page.getByRole('menuitem', { name: 'Cut this way' }).click()
    await page.getByText(`${AWAY} does not hear ${HOME}.`).waitFor()
    await (await kmsClient(server, HOME)).send(new RotateKeyOnDemandCommand({ KeyId }))
    await lines.getByRole('row', { name: HOME }).getByText('1 waiting').waitFor()
    await page.getByText(`${HOME} waits to rotate until the new key material is in ${AWAY}.`).waitFor()

    await page.getByRole('button', { name: `Take down ${FAR}` }).click()
    await keys.getByRole('row', { name: FAR }).getByText('No answer').waitFor()
    await lines.getByRole('button', { name: `What ${AWAY} says to ${HOME}` }).click()
    await page.getByRole('menuitem', { name: 'Delay this way' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Delay', { exact: true }).fill('25h')
    await dialog.getByRole('button', { name: 'Delay what passes' }).click()
    await dialog.getByText('"25h" is no delay.').waitFor()
    await dialog.getByLabel('Delay', { exact: true }).fill('10m')
    await dialog.getByRole('button', { name: 'Delay what passes' }).click()
    await lines.getByRole('row', { name: AWAY }).getByText('10m late').waitFor()
    await expectAccessible(page)

    // Wherever somebody is, they see why something does not answer.
    await page.getByRole('link', { name: 'Customer managed keys' }).click()
    await page.getByText(`${FAR} is down.`).first().waitFor()
    await page.getByRole('button', { name: 'Open drills' }).click()
    await page.getByRole('button', { name: 'Move the clock' }).click()
    await page.getByText('The clock is moved.').waitFor()
    await page.getByRole('button', { name: 'End the drill' }).click()
    await page.getByText('A drill is under way').waitFor({ state: 'detached' })
    await keys.getByRole('row', { name: FAR }).getByText('Enabled').waitFor()
    expect(unforeseen(faults)).toEqual([])
  }, 60_000)

  it('lets somebody sign in while a Region is down, in the dark and on a telephone', async () => {
    await createFamily()
    await drill(server, 'partition', [AWAY, FAR])
    await drill(server, 'down', [HOME])
    const { page, faults } = await openConsole(browser, server, '', { dark: true, width: 390 })
    const { accessKeyId, secretAccessKey } = await server.credentials()
    await page.getByLabel('Access key ID').fill(accessKeyId)
    await page.getByLabel('Secret access key').fill(secretAccessKey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText(`${HOME} is down.`).waitFor()
    await page.getByRole('button', { name: 'Open drills' }).click()
    await page.getByRole('row', { name: HOME }).getByText('No answer').first().waitFor()
    await expectAccessible(page)
    expect(unforeseen(faults)).toEqual([])
  }, 60_000)

  it('says how to have a server for drills, where this one is for work', async () => {
    await using live = await startTestServer({ regions: `${HOME},${AWAY}`, dev: false })
    const { page, faults } = await openConsole(browser, live)
    await signIn(page, live)
    await page.goto(`${live.url}/console/${HOME}/drills`)
    await page.getByText('keyspan serve --dev').waitFor()
    await page.getByRole('heading', { name: 'Lines' }).waitFor()
    expect(await page.getByRole('button', { name: 'Cut all' }).count()).toBe(0)
    await expectAccessible(page)
    expect(faults).toEqual([])
  }, 60_000)
})
