import { CreateKeyCommand, EncryptCommand, ReplicateKeyCommand, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readTelemetry } from '../../src/server/telemetry/settings.ts'
import { openTelemetry } from '../../src/server/telemetry/telemetry.ts'
import { kmsClient, untilState } from '../clients/kms-client.ts'
import { freePort } from '../free-port.ts'
import { metricsUrlOf, scrape } from '../metrics.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { exampleFile } from './companions.ts'

const hasPrometheus = spawnSync('promtool', ['--version']).status === 0
if (!hasPrometheus) {
  console.warn('SKIPPED: examples/monitoring is checked by Prometheus: apt-get install prometheus.')
}

const monitoring = (name: string) => exampleFile(join('monitoring', name))

/** What the dashboard asks, with its variables replaced as Grafana does. */
function dashboardQueries(): readonly string[] {
  const { panels } = JSON.parse(readFileSync(monitoring('keyspan-dashboard.json'), 'utf8')) as {
    panels: readonly { targets?: readonly { expr: string }[] }[]
  }
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  return queries.map((query) => query.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m'))
}

/** The metrics that a text names. */
function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.match(/\b(?:keyspan|process|nodejs)_[a-z_]+\b/g)?.map((name) => name.replace(/_bucket$/, '')))
}

let server: TestServer

beforeAll(async () => {
  // Nobody listens there: what is dropped is counted all the same.
  const settings = readTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  const telemetry = openTelemetry(settings, 'test', () => {})
  server = await startTestServer({ 'metrics-port': 0 }, { telemetry })
  const home = await kmsClient(server, HOME)
  const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
  const KeyId = KeyMetadata?.KeyId ?? ''
  await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
  await untilState(await kmsClient(server, AWAY), KeyId, 'Enabled')
  await home.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('plaintext') }))
  const { KeyMetadata: doomed } = await home.send(new CreateKeyCommand({}))
  await home.send(new ScheduleKeyDeletionCommand({ KeyId: doomed?.KeyId, PendingWindowInDays: 7 }))
})
afterAll(() => server[Symbol.asyncDispose]())

describe('examples/monitoring', () => {
  it('asks for nothing that a server does not show', async () => {
    const shown = new Set((await scrape(server)).match(/^# TYPE \S+/gm)?.map((line) => line.slice('# TYPE '.length)))
    // They are shown where there is such a key, another place, or a process beside; test/metrics.test.ts, test/places
    // and test/postgres have them.
    const later = [
      'keyspan_seconds_until_key_material_expiration',
      'keyspan_seconds_until_key_rotation',
      'keyspan_peer_silence_seconds',
      'keyspan_accounts_copy_age_seconds',
    ]
    const rules = await readFile(monitoring('keyspan-rules.yml'), 'utf8')
    const asked = namesIn(`${rules} ${dashboardQueries().join(' ')}`)
    expect(asked.size).toBeGreaterThan(20)
    const isLater = (name: string) => later.includes(name) || /^keyspan_(role|follower)/.test(name)
    expect([...asked].filter((name) => !shown.has(name) && !isLater(name))).toEqual([])
  })

  it('shows on its dashboard whatever a server shows', async () => {
    const shown = (await scrape(server)).match(/^# TYPE keyspan_\w+/gm)?.map((line) => line.slice('# TYPE '.length))
    const asked = namesIn(dashboardQueries().join(' '))
    const unasked = ['keyspan_build_info', 'keyspan_disk_size_bytes']
    expect(shown?.filter((name) => !asked.has(name) && !unasked.includes(name))).toEqual([])
  })

  it.skipIf(!hasPrometheus)('is what promtool takes, and its rules do what they are for', () => {
    for (const args of [
      ['check', 'config', 'prometheus.yml'],
      ['check', 'rules', 'keyspan-rules.yml'],
      ['test', 'rules', 'keyspan-rules.test.yml'],
    ]) {
      const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: monitoring(''), encoding: 'utf8' })
      expect(`${stdout}${stderr}`).toContain('SUCCESS')
      expect(status).toBe(0)
    }
  })

  it.skipIf(!hasPrometheus)('has a test for each of its alerts', async () => {
    const alerts = (await readFile(monitoring('keyspan-rules.yml'), 'utf8')).match(/(?<=alert: )\w+/g) ?? []
    const tests = await readFile(monitoring('keyspan-rules.test.yml'), 'utf8')
    const fired = alerts.filter((alert) => new RegExp(`alertname: ${alert}\n *exp_alerts:\n`).test(tests))
    expect(fired).toEqual(alerts)
  })
})

/** Prometheus with the example's settings, pointed to the test's server. */
async function startPrometheus() {
  const directory = await mkdtemp(join(tmpdir(), 'keyspan-prometheus-'))
  await cp(monitoring(''), directory, { recursive: true })
  const settings = await readFile(monitoring('prometheus.yml'), 'utf8')
  const { host } = new URL(metricsUrlOf(server))
  const pointed = settings.replace('127.0.0.1:7790', host).replaceAll('interval: 15s', 'interval: 1s')
  await writeFile(join(directory, 'prometheus.yml'), pointed)
  const port = await freePort()
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  const exit = once(child, 'exit')
  return {
    async ask(path: string): Promise<unknown> {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)
      return ((await response.json()) as { data: unknown }).data
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exit
      await rm(directory, { recursive: true })
    },
  }
}

describe.skipIf(!hasPrometheus)('A real Prometheus', () => {
  it('scrapes a server, evaluates the rules, and answers what the dashboard asks', async () => {
    await using prometheus = await startPrometheus()
    const ask = (query: string) => prometheus.ask(`query?query=${encodeURIComponent(query)}`)
    const labels = { region: HOME, service: 'kms', operation: 'Encrypt', result: 'done' }
    const encrypted = `keyspan_requests_total${JSON.stringify(labels).replaceAll(/"(\w+)":/g, '$1=')}`
    await expect
      .poll(() => ask(encrypted).catch(() => null), { timeout: 20_000, interval: 250 })
      .toMatchObject({ result: [{ value: [expect.any(Number), '1'] }] })
    await expect
      .poll(() => prometheus.ask('rules'), { timeout: 20_000, interval: 250 })
      .toMatchObject({ groups: expect.toSatisfy(areHealthy) })
    for (const query of dashboardQueries()) expect(await ask(query), query).toHaveProperty('result')
    expect(await ask('up{job="keyspan"}')).toMatchObject({ result: [{ value: [expect.any(Number), '1'] }] })
    expect(await ask('ALERTS{alertstate="firing", severity="page"}')).toMatchObject({ result: [] })
  })
})

function areHealthy(groups: readonly { readonly rules: readonly { readonly health: string }[] }[]): boolean {
  const rules = groups.flatMap((group) => group.rules)
  return rules.length > 15 && rules.every(({ health }) => health === 'ok')
}
