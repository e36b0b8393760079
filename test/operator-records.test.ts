import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askRunningServer } from '../src/cli/control-client.ts'
import { readConfig } from '../src/server/config/config.ts'
import { dataDirectory } from '../src/server/data/data-directory.ts'
import { moveHome } from '../src/server/data/move-home.ts'
import { startServer } from '../src/server/start.ts'
import { auditLog } from './audit-log.ts'
import { askControl } from './control.ts'
import { AWAY, HOME } from './server.ts'
import { startPlaces, trust, type Place, type Places } from './places/places.ts'

interface Recorded {
  readonly eventSource: string
  readonly eventName: string
  readonly userIdentity: { readonly invokedBy: string }
  readonly requestParameters: { readonly region?: string; readonly home?: string }
}

let places: Places
let home: Place
let away: Place
beforeAll(async () => {
  places = await startPlaces([HOME, AWAY])
  ;[home, away] = [places.of(HOME), places.of(AWAY)]
})
afterAll(() => places[Symbol.asyncDispose]())

/** What a log has of what was done to the deployment. */
async function recordedIn(place: { readonly path: string }, log = 'global'): Promise<readonly string[]> {
  const lines = (await auditLog(place, log)).split('\n').filter((line) => line !== '')
  return lines
    .map((line) => JSON.parse(line) as Recorded)
    .filter(({ eventSource }) => eventSource === 'keyspan')
    .map(
      ({ eventName, userIdentity: { invokedBy }, requestParameters: { region, home: to = region } }) =>
        `${eventName}${to === undefined ? '' : ` ${to}`} by ${invokedBy.replace('keyspan ', '')}`,
    )
}

describe('The audit log', () => {
  it('has what operators did to the deployment, at each server that it concerns', async () => {
    await askControl(home, '/region/renew', {})
    await expect.poll(() => recordedIn(away)).toContain('TakeRenewedIdentity us-east-1 by peer us-east-1')
    await askControl(home, '/region/distrust', { region: AWAY })
    await trust(home, away)
    await askControl(away, '/keyring/domain', {})
    await askControl(away, '/keyring/root', { to: 'file' })
    await expect
      .poll(() => askControl(home, '/region/home', { region: AWAY }).then(() => 'moved', String))
      .toBe('moved')
    await away.stop()
    await moveHome(dataDirectory(away.path), HOME, true, Date.now())
    expect(await recordedIn(home, HOME)).toEqual(['RenewIdentity us-east-1 by operator'])
    expect(await recordedIn(home)).toEqual([
      'TrustRegion eu-west-1 by operator',
      'DistrustRegion eu-west-1 by operator',
      'TrustRegion eu-west-1 by operator',
      'MoveHome eu-west-1 by operator',
      'MoveHome eu-west-1 by peer eu-west-1',
    ])
    expect(await recordedIn(away)).toEqual([
      'JoinDeployment us-east-1 by operator',
      'TrustRegion us-east-1 by operator',
      'TakeRenewedIdentity us-east-1 by peer us-east-1',
      'RotateDomainKeys by operator',
      'RotateRootKey by operator',
      'MoveHome eu-west-1 by peer us-east-1',
      'MoveHome us-east-1 by operator',
    ])
  }, 30_000)

  it('has when somebody has unsealed a server', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'keyspan-'))
    try {
      const data = join(directory, 'data')
      const { promise, resolve } = Promise.withResolvers<string>()
      const config = readConfig({ data, port: 0, dev: true, 'root-key-provider': 'passphrase', regions: HOME }, {})
      const starting = startServer(config, pino({ level: 'silent' }), { sealed: resolve })
      await promise
      await askRunningServer(dataDirectory(data), '/unseal', Buffer.from('correct horse battery staple'))
      const server = await starting
      await server.stop()
      expect(await recordedIn({ path: data })).toEqual(['Unseal by operator'])
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})
