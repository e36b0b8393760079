import type { TestServer } from './server.ts'

/** Where a test server shows its metrics. */
export function metricsUrlOf(server: TestServer): string {
  if (server.metricsUrl === null) throw new Error('The server was started without metrics.')
  return server.metricsUrl
}

/** What a server shows to Prometheus. */
export async function scrape(server: TestServer): Promise<string> {
  const response = await fetch(metricsUrlOf(server))
  if (response.status !== 200) throw new Error(`A scrape was answered with ${response.status}.`)
  return response.text()
}

/** One value of a scrape, by all of its labels; null where it is not there. */
export function value(text: string, name: string, labels: Readonly<Record<string, string>>): number | null {
  for (const line of text.split('\n')) {
    const [, found = '', pairs = '', number = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    const shown = Object.fromEntries(
      [...pairs.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', text = '']) => [key, text]),
    )
    const isIt = found === name && Object.keys(shown).length === Object.keys(labels).length
    if (isIt && Object.entries(labels).every(([key, each]) => shown[key] === each)) return Number(number)
  }
  return null
}
