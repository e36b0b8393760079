import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  ListAliasesCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { request } from 'node:http'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditLog } from '../audit-log.ts'
import { kmsClient } from '../clients/kms-client.ts'
import { askControl, createAccount } from '../control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { expectAccessible } from './accessible.ts'
import { CHROMIUM, inViews, openConsole, OTHER_VIEWS, signIn, startBrowser } from './browser.ts'

const ROOT = 'arn:aws:iam::111122223333:root'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  const client = await kmsClient(server, HOME)
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ MultiRegion: true }))
  const TargetKeyId = KeyMetadata?.KeyId ?? ''
  await client.send(new CreateAliasCommand({ AliasName: 'alias/payments', TargetKeyId }))
  await client.send(new ReplicateKeyCommand({ KeyId: TargetKeyId, ReplicaRegion: AWAY }))
  await client.send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }))
})
afterAll(() => server[Symbol.asyncDispose]())

const get = (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers })

/** How long a file is as gzip sends it, in bytes. */
async function zippedBytes(path: string): Promise<number> {
  const response = await get(path, { 'accept-encoding': 'gzip' })
  await response.arrayBuffer()
  return Number(response.headers.get('content-length'))
}

/** Asks for a path as it stands: `fetch` would put it in order. */
function statusOf(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url)
    request({ hostname, port, path }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}

describe('The files of the console', () => {
  it('are one page for every address, which may load from this server only and be in no frame', async () => {
    const page = await get('/console/us-east-1/keys')
    expect(page.status).toBe(200)
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(page.headers.get('access-control-allow-origin')).toBeNull()
    const text = await page.text()
    expect(await (await get('/console')).text()).toBe(text)
    expect(text).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=/)
  })

  it('are compressed for whoever takes them so, and kept for ever where their name has their hash', async () => {
    const [, path = ''] = /src="([^"]+\.js)"/.exec(await (await get('/console/')).text()) ?? []
    const zipped = await get(path, { 'accept-encoding': 'gzip' })
    expect(zipped.headers.get('content-encoding')).toBe('gzip')
    expect(zipped.headers.get('cache-control')).toContain('immutable')
    const plain = await get(path, { 'accept-encoding': 'identity' })
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(await zipped.text()).toBe(await plain.text())
    const tag = plain.headers.get('etag') ?? ''
    expect((await get(path, { 'if-none-match': tag })).status).toBe(304)
  })

  it.each([
    '/console/../package.json',
    '/console/..%2f..%2fpackage.json',
    '/console/assets/../../package.json',
    '/console//etc/passwd.js',
    '/console/index.html.gz',
    '/console/assets/nothing.js',
  ])('are no others: %s', async (path) => {
    expect(await statusOf(path)).toBe(404)
  })

  it('are not there where the server can be reached by others, unless they are asked for', async () => {
    await using others = await startTestServer({ regions: HOME, host: '0.0.0.0' })
    const { port } = new URL(others.url)
    expect((await fetch(`http://127.0.0.1:${port}/console/`)).status).not.toBe(200)
    await using off = await startTestServer({ regions: HOME, console: 'off' })
    expect((await fetch(`${off.url}/console/`)).status).not.toBe(200)
    await using on = await startTestServer({ regions: HOME, host: '0.0.0.0', console: 'on' })
    expect((await fetch(`http://127.0.0.1:${new URL(on.url).port}/console/`)).status).toBe(200)
  })
})

describe('A link that signs in', () => {
  const link = async (account = '111122223333') => {
    const { url } = (await askControl(server, '/console', { id: account })) as { url: string }
    return new URL(url).hash.replace('#sign-in=', '')
  }
  const redeem = (token: string, headers: Record<string, string> = { origin: server.url }) =>
    fetch(`${server.url}/console/session`, { method: 'POST', headers, body: token })

  it('gives credentials once, to the console’s own page only', async () => {
    const token = await link()
    for (const headers of [{}, { origin: 'https://example.com' }, { origin: 'null' }] as Record<string, string>[]) {
      expect((await redeem(token, headers)).status).toBe(403)
    }
    expect((await fetch(`${server.url}/console/session`)).status).not.toBe(200)
    const response = await redeem(token)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { Credentials } = (await response.json()) as { Credentials: Record<string, string> }
    expect(Credentials['AccessKeyId']).toMatch(/^ASIA/)
    expect((await redeem(token)).status).toBe(403)
    for (const guess of ['', 'x', 'x'.repeat(43), 'x'.repeat(100_000)]) expect((await redeem(guess)).status).toBe(403)
    const log = await auditLog(server, 'global')
    expect(log).toContain('"eventName":"BeginConsoleSession"')
    expect(log).not.toContain(Credentials['SecretAccessKey'])
    expect(log).not.toContain(token)
  })

  it('is for an account that there is', async () => {
    await expect(link('999999999999')).rejects.toThrow('There is no account 999999999999.')
  })
})

describe.skipIf(CHROMIUM === null)('The console', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.close())

  it('signs in with an access key, keeps no secret that lasts, and forgets it all', async () => {
    const { page, faults } = await openConsole(browser, server)
    const { secretAccessKey } = await server.credentials()
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Give an access key ID and its secret.').waitFor()
    await signIn(page, server)
    const kept = await page.evaluate(() =>
      JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]),
    )
    expect(kept).not.toContain(secretAccessKey)
    expect(kept).toContain('ASIA')
    await page.reload()
    await page.getByText('payments').first().waitFor()
    await page.getByRole('button', { name: 'root @ 111122223333' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByLabel('Access key ID').waitFor()
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
    expect(faults).toEqual([])
  })

  it('signs in by the link that keyspan console prints, and the token leaves the address', async () => {
    const { url } = (await askControl(server, '/console', { id: '111122223333' })) as { url: string }
    const { page, faults } = await openConsole(browser, server, url.slice(`${server.url}/console/`.length))
    await page.getByRole('link', { name: 'payments' }).waitFor()
    expect(page.url()).not.toContain('sign-in')
    expect(faults).toEqual([])
    const again = await openConsole(browser, server, url.slice(`${server.url}/console/`.length))
    await again.page.getByText('The link was used, or is older than a minute.').waitFor()
  })

  it('says why an access key is not good', async () => {
    const { page } = await openConsole(browser, server)
    await page.getByLabel('Access key ID').fill('AKIAIOSFODNN7EXAMPLE')
    await page.getByLabel('Secret access key').fill('nothing')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('The request was refused: InvalidClientTokenId').waitFor()
  })

  it('lists the keys of a Region, for everybody', async () => {
    const views = [{}, ...OTHER_VIEWS]
    const { page, faults } = await openConsole(browser, server, `${HOME}/keys`)
    await page.getByLabel('Access key ID').waitFor()
    await inViews(page, views, () => expectAccessible(page))
    await signIn(page, server)
    await inViews(page, views, async () => {
      await page.getByRole('link', { name: 'payments' }).waitFor()
      expect(await page.getByRole('row').count()).toBe(3)
      await expectAccessible(page)
    })
    expect(faults).toEqual([])
  })

  it('keeps the tab of a key in the address: it stays when the page is loaded again, and has a way back', async () => {
    const { page } = await openConsole(browser, server)
    await signIn(page, server)
    await page.getByRole('link', { name: 'payments' }).click()
    await page.getByRole('tab', { name: 'Tags' }).click()
    await page.getByRole('tab', { name: 'Grants' }).click()
    await page.reload()
    await page.getByRole('tab', { name: 'Grants', selected: true }).waitFor()
    await page.goBack()
    await page.getByRole('tab', { name: 'Tags', selected: true }).waitFor()
    await page.goBack()
    await page.getByRole('tab', { name: 'Key policy', selected: true }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: 'Customer managed keys' }).waitFor()
  })

  it('says when the session is over, and comes back to the page', async () => {
    const { page } = await openConsole(browser, server)
    await signIn(page, server)
    await page.goto(`${server.url}/console/${HOME}/system`)
    await page.getByRole('heading', { name: 'Regions in use' }).waitFor()
    const keep = (change: string) =>
      page.evaluate((to) => {
        const kept = sessionStorage.getItem('keyspan.session') ?? ''
        sessionStorage.setItem('keyspan.session', kept.replace(/"sessionToken":"[^"]*"/, to))
      }, change)
    await keep('"sessionToken":"none"')
    await page.reload()
    await page.getByText('Your session is over.').waitFor()
    const { accessKeyId, secretAccessKey } = await server.credentials()
    await page.getByLabel('Access key ID').fill(accessKeyId)
    await page.getByLabel('Secret access key').fill(secretAccessKey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Regions in use' }).waitFor()
    await keep('{')
    await page.reload()
    await page.getByLabel('Access key ID').waitFor()
  })

  it('says what to do where a page cannot be loaded', async () => {
    const { page } = await openConsole(browser, server)
    await signIn(page, server)
    await page.route(/system-page/, (route) => route.abort())
    await page.getByRole('link', { name: 'System' }).click()
    await page.getByText('the server does not answer').waitFor()
    await page.unroute(/system-page/)
    await page.getByRole('button', { name: 'Load the page again' }).click()
    await page.getByRole('heading', { name: 'Regions in use' }).waitFor()
  })

  it('leads to the keys of another Region', async () => {
    const { page } = await openConsole(browser, server)
    await signIn(page, server)
    await page.getByRole('button', { name: 'Region: us-east-1' }).click()
    await page.getByRole('menuitem', { name: AWAY }).click()
    await page.getByText('Multi-Region replica').waitFor()
    expect(page.url()).toContain(`/console/${AWAY}/keys`)
  })
  it('takes little to be there: what is loaded until the keys are listed', async () => {
    const { page } = await openConsole(browser, server)
    await signIn(page, server)
    await page.getByRole('link', { name: 'payments' }).waitFor()
    const loaded = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter((entry) => entry instanceof PerformanceResourceTiming)
        .map(({ name, encodedBodySize }) => ({ name, bytes: encodedBodySize })),
    )
    const bytesOf = (ending: string) =>
      loaded.filter(({ name }) => name.endsWith(ending)).reduce((sum, { bytes }) => sum + bytes, 0)
    expect(bytesOf('.js')).toBeGreaterThan(0)
    expect(bytesOf('.js')).toBeLessThan(330_000)
    expect(bytesOf('.css')).toBeLessThan(110_000)
    // Also for a browser that takes nothing better.
    const zipped = loaded
      .filter(({ name }) => name.endsWith('.js'))
      .map(({ name }) => zippedBytes(new URL(name).pathname))
    const all = (await Promise.all(zipped)).reduce((sum, bytes) => sum + bytes, 0)
    expect(all).toBeGreaterThan(bytesOf('.js'))
    expect(all).toBeLessThan(330_000)
  })
  it('shows a key, each part of it for everybody', { timeout: 120_000 }, async () => {
    const { page, faults } = await openConsole(browser, server, '', OTHER_VIEWS[0])
    await signIn(page, server)
    await page.getByRole('link', { name: 'payments' }).click()
    await page.getByText('Enable IAM User Permissions').waitFor()
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click()
      await inViews(page, OTHER_VIEWS, () => expectAccessible(page))
    }
    await inViews(page, OTHER_VIEWS, async () => {
      await page.getByRole('tab', { name: 'Regionality' }).click()
      await page.getByRole('link', { name: AWAY }).first().waitFor()
    })
    expect(faults).toEqual([])
  })

  it('changes a key: what was typed is what AWS’s API is asked for, and what it refuses is told', async () => {
    const { page } = await openConsole(browser, server)
    await signIn(page, server)
    await page.getByRole('link', { name: 'payments' }).click()
    await page.getByRole('tab', { name: 'Tags' }).click()
    await page.getByRole('button', { name: 'Add tag' }).click()
    await page.getByLabel('Tag key').fill('aws:owner')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Add tag' }).click()
    await dialog.getByText('TagException').waitFor()
    await page.getByLabel('Tag key').fill('team')
    await page.getByLabel('Tag value').fill('payments')
    await dialog.getByRole('button', { name: 'Add tag' }).click()
    await page.getByText('The tag is added.').waitFor()
    await page.getByRole('cell', { name: 'payments' }).waitFor()
    await page.getByRole('button', { name: 'Key actions' }).click()
    await page.getByRole('menuitem', { name: 'Schedule key deletion' }).click()
    const schedule = page.getByRole('dialog').getByRole('button', { name: 'Schedule key deletion' })
    expect(await schedule.isDisabled()).toBe(true)
    await page.getByLabel('To confirm, type delete').fill('delete')
    await schedule.click()
    await page.getByText('Pending replica deletion').waitFor()
    await page.getByRole('button', { name: 'Key actions' }).click()
    await page.getByRole('menuitem', { name: 'Cancel key deletion' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel key deletion' }).click()
    await page.getByText('The deletion is cancelled.').waitFor()
  })
  it('changes what a key is called and said to be, and rotates it', async () => {
    const client = await kmsClient(server, HOME)
    const made = await Promise.all(
      [1, 2].map(() => client.send(new CreateKeyCommand({ Tags: [{ TagKey: 'team', TagValue: 'ops' }] }))),
    )
    const [from = '', to = ''] = made.map(({ KeyMetadata }) => KeyMetadata?.KeyId)
    await client.send(new CreateAliasCommand({ AliasName: 'alias/moves', TargetKeyId: from }))
    await client.send(new CreateGrantCommand({ KeyId: from, GranteePrincipal: ROOT, Operations: ['Encrypt'] }))
    const { page, faults } = await openConsole(browser, server)
    await signIn(page, server)
    await page.goto(`${server.url}/console/${HOME}/keys/${from}`)
    const dialog = page.getByRole('dialog')
    await page.getByRole('button', { name: 'Edit description' }).click()
    await dialog.getByRole('textbox').fill('What moves')
    await dialog.getByRole('button', { name: 'Edit description' }).click()
    // What was typed stands in it, as long as it closes.
    await dialog.waitFor({ state: 'hidden' })
    await page.getByText('What moves', { exact: true }).waitFor()
    await page.getByRole('tab', { name: 'Tags' }).click()
    await page.getByRole('button', { name: 'Edit tag team' }).click()
    await dialog.getByLabel('Tag value').fill('sales')
    await dialog.getByRole('button', { name: 'Edit tag' }).click()
    await page.getByRole('cell', { name: 'sales' }).waitFor()
    await page.getByRole('tab', { name: 'Key rotation' }).click()
    await page.getByRole('button', { name: 'Rotate now' }).click()
    await dialog.getByRole('button', { name: 'Rotate now' }).click()
    await page.getByRole('cell', { name: 'On-demand' }).waitFor()
    await page.getByRole('button', { name: 'Set rotation' }).click()
    await dialog.getByLabel('Rotation period (in days)').fill('90')
    await dialog.getByRole('button', { name: 'Set rotation' }).click()
    await page.getByText('90 days').waitFor()
    await page.getByRole('button', { name: 'Key actions' }).click()
    await page.getByRole('menuitem', { name: 'Schedule key deletion' }).click()
    await dialog.getByText(`1, to ${ROOT}`).waitFor()
    await dialog.getByText('Not used since').waitFor()
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Cancel' }).last().click()
    await page.getByRole('tab', { name: 'Aliases' }).click()
    await page.getByRole('button', { name: 'Move alias/moves to another key' }).click()
    await dialog.getByRole('combobox').fill(to)
    await dialog.getByRole('button', { name: 'Move alias' }).click()
    await page.getByText('The alias is moved.').waitFor()
    await page.getByText('No aliases').waitFor()
    const { Aliases } = await client.send(new ListAliasesCommand({ KeyId: to }))
    expect(Aliases?.map(({ AliasName }) => AliasName)).toEqual(['alias/moves'])
    expect(faults).toEqual([])
  })

  it('does the same to several keys, and tells what became of each', async () => {
    const client = await kmsClient(server, HOME)
    const keys = await Promise.all(
      ['bulk-a', 'bulk-b'].map(async (name) => {
        const { KeyMetadata } = await client.send(new CreateKeyCommand({}))
        await client.send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId: KeyMetadata?.KeyId }))
        return KeyMetadata?.KeyId ?? ''
      }),
    )
    const stateOf = async (KeyId: string) =>
      (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState
    const { page, faults } = await openConsole(browser, server)
    await signIn(page, server)
    const dialog = page.getByRole('dialog')
    const choose = async (action: string) => {
      await page.getByRole('button', { name: 'Key actions' }).click()
      await page.getByRole('menuitem', { name: action, exact: true }).click()
    }
    for (const name of ['bulk-a', 'bulk-b']) await page.getByRole('checkbox', { name: `Key ${name}` }).check()
    await choose('Disable')
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Disable' }).click()
    await page.getByText('Disable: 2 keys.').waitFor()
    expect(await Promise.all(keys.map(stateOf))).toEqual(['Disabled', 'Disabled'])
    await choose('Schedule key deletion')
    await dialog.getByLabel('To confirm, type delete').fill('delete')
    // Somebody else was faster.
    await client.send(new ScheduleKeyDeletionCommand({ KeyId: keys[0] }))
    const schedule = dialog.getByRole('button', { name: 'Schedule key deletion' })
    await schedule.click()
    await dialog.getByText('KMSInvalidStateException').waitFor()
    await dialog.getByText('Done').waitFor()
    await expectAccessible(page)
    expect(await Promise.all(keys.map(stateOf))).toEqual(['PendingDeletion', 'PendingDeletion'])
    expect(faults).toEqual([expect.stringContaining('400')])
  })

  it('tells what has happened to a key, in every Region, and shows each record', async () => {
    const { page, faults } = await openConsole(browser, server)
    await signIn(page, server)
    await page.getByRole('link', { name: 'payments' }).click()
    await page.getByRole('tab', { name: 'Audit' }).click()
    await page.getByRole('button', { name: 'Show the record of ReplicateKey' }).waitFor()
    await page.getByText('SynchronizeMultiRegionKey').first().waitFor()
    await page.getByRole('rowheader', { name: 'Of no Region' }).waitFor()
    await page.getByRole('button', { name: 'All' }).click()
    await page.getByRole('button', { name: 'Show the record of DescribeKey' }).first().waitFor()
    await page.getByRole('button', { name: 'Refused' }).click()
    await expect.poll(() => page.getByRole('button', { name: 'Show the record of ReplicateKey' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Changes' }).click()
    await page.getByRole('button', { name: 'Show the record of ReplicateKey' }).click()
    await page.getByRole('dialog').getByText('"replicaRegion": "eu-west-1"').waitFor()
    await page.getByRole('button', { name: 'Prove this record' }).click()
    await page.getByText('The record is in the tree that was signed').waitFor()
    await page.getByText(/^Signed by keyspan\/.*us-east-1$/).waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download the proof' }).click()
    expect((await download).suggestedFilename()).toMatch(/^[0-9a-f-]{36}\.tlog-proof$/)
    await expectAccessible(page)
    expect(faults).toEqual([])
  })
  it('leads to the first key where there is none, and says how the server is to whoever runs it', async () => {
    await createAccount(server, '444455556666')
    const { page, faults } = await openConsole(browser, server)
    await signIn(page, server, '444455556666')
    await page.getByText('Your first multi-Region key').waitFor()
    await expectAccessible(page)
    await page.getByRole('link', { name: 'System' }).click()
    await page.getByText('More is shown to the account that this deployment began with.').waitFor()
    await page.getByRole('link', { name: 'Customer managed keys' }).click()
    await page.getByRole('button', { name: 'root' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await signIn(page, server)
    await page.getByRole('link', { name: 'System' }).click()
    await page.getByRole('rowheader', { name: AWAY }).waitFor()
    for (const shown of ['Requests are answered', 'A file', 'Changed here', 'All was heard']) {
      await page.getByText(shown).first().waitFor()
    }
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Region: us-east-1' }).click()
    expect(await page.getByRole('menuitem').allTextContents()).toEqual([
      `US East (N. Virginia)${HOME}`,
      `Europe (Ireland)${AWAY}`,
    ])
    expect(faults).toEqual([])
  })
})
