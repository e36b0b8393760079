import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'
import { onTestFinished, TestRunner } from 'vitest'
import type { TestServer } from '../server.ts'

/** Where a Chromium may be. The one without windows comes first: for the same pages it works half as much. */
const PLACES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'].map(
  (name) => `/usr/bin/${name}`,
)

/** The Chromium of the machine; null where there is none. */
export const CHROMIUM = process.env['KEYSPAN_CHROMIUM'] ?? PLACES.find((path) => existsSync(path)) ?? null

if (CHROMIUM === null) {
  console.warn('SKIPPED: the console is tried in a Chromium, and this machine has none. KEYSPAN_CHROMIUM names one.')
}

/** Starts a browser without a window. */
export function startBrowser(): Promise<Browser> {
  // A container's root user may have no sandbox.
  return chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] })
}

/** How long something is waited for, in milliseconds. */
const WAIT_MS = 12_000

/** How a page is looked at. */
export interface View {
  readonly dark?: boolean
  readonly width?: number
}

/** How nobody sees a page who wrote it. */
export const OTHER_VIEWS: readonly View[] = [{ width: 390 }, { dark: true }]

function settingsOf({ dark = false, width = 1280 }: View) {
  const colorScheme = dark ? ('dark' as const) : ('light' as const)
  return { colorScheme, viewport: { width, height: width < 600 ? 844 : 800 } }
}

/** Does the same with a page in one view after the other, and leaves it in the first. */
export async function inViews(page: Page, views: readonly View[], work: () => Promise<void>): Promise<void> {
  const look = async (view: View) => {
    const { colorScheme, viewport } = settingsOf(view)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize(viewport)
  }
  for (const view of views) {
    await look(view)
    await work().catch((error: unknown) => {
      throw new Error(`Looked at as ${JSON.stringify(view)}: ${String(error)}`, { cause: error })
    })
  }
  await look(views[0] ?? {})
}

/** Pages that a test has left as if nobody had been there, by their browsers: another begins for a tenth of a new one. */
const left = new WeakMap<Browser, Page[]>()

/**
 * Opens the console of a server in a page with nothing in its memory, and notes what goes wrong in it. Where a test has
 * opened it, those behind it may have it.
 */
export async function openConsole(
  browser: Browser,
  server: TestServer,
  path = '',
  view: View = {},
): Promise<{ page: Page; faults: string[] }> {
  const page = left.get(browser)?.pop() ?? (await (await browser.newContext()).newPage())
  const { colorScheme, viewport } = settingsOf(view)
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await page.setViewportSize(viewport)
  // Less than a test has: what was waited for in vain is said.
  page.setDefaultTimeout(WAIT_MS)
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    // Of an answer with a status, what was asked says more.
    if (!message.text().includes('responded with a status of')) faults.push(message.text())
  })
  page.on('response', (response) => {
    if (response.status() < 400) return
    const asked = response.request().headers()['x-amz-target'] ?? new URL(response.url()).pathname
    faults.push(`${response.status()} of ${asked}`)
  })
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(() => leave(browser, server, page))
  await page.goto(`${server.url}/console/${path}`)
  return { page, faults }
}

/** Puts a page back as it was, or closes it where that cannot be: its server may be gone. */
async function leave(browser: Browser, server: TestServer, page: Page): Promise<void> {
  for (const event of ['pageerror', 'console', 'request', 'response'] as const) page.removeAllListeners(event)
  try {
    await page.unrouteAll()
    // Of the same server, so that what is kept for it can be reached, and without a script.
    await page.goto(`${server.url}/console/icon.svg`)
    await page.evaluate(() => {
      localStorage.clear()
      sessionStorage.clear()
    })
    left.set(browser, [...(left.get(browser) ?? []), page])
  } catch {
    await page.context().close()
  }
}

/** Signs in as the root user of the first account, or of another. */
export async function signIn(page: Page, server: TestServer, account?: string): Promise<void> {
  await signInAs(page, { credentials: await server.credentials(account) })
}

/** Signs in with an access key. */
export async function signInAs(
  page: Page,
  { credentials }: { readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } },
): Promise<void> {
  await page.getByLabel('Access key ID').fill(credentials.accessKeyId)
  await page.getByLabel('Secret access key').fill(credentials.secretAccessKey)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Customer managed keys' }).waitFor()
}
