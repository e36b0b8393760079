import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CreateUserCommand, GetUserCommand, IAMClient } from '@aws-sdk/client-iam'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { moveHome } from '../../src/server/data/move-home.ts'
import type { PeersReport } from '../../src/server/peers/peers.ts'
import { askControl } from '../control.ts'
import { copyInstants } from '../crash/instants.ts'
import { AWAY, FAR, HOME } from '../server.ts'
import { startPlaces, type Place, type Places } from './places.ts'

let places: Places
let home: Place
let away: Place
beforeEach(async () => {
  places = await startPlaces([HOME, AWAY])
  ;[home, away] = [places.of(HOME), places.of(AWAY)]
}, 30_000)
afterEach(() => places[Symbol.asyncDispose]())

type At = Pick<Place, 'region' | 'url' | 'credentials'>

const iam = async (place: At, maxAttempts = 1) =>
  new IAMClient({ region: place.region, endpoint: place.url, credentials: await place.credentials(), maxAttempts })
const create = async (place: At, UserName: string, maxAttempts?: number) =>
  (await iam(place, maxAttempts)).send(new CreateUserCommand({ UserName }))
const isThere = async (place: At, UserName: string) =>
  (await iam(place)).send(new GetUserCommand({ UserName })).then(
    () => true,
    () => false,
  )
const give = (place: { readonly path: string }, region: string) => askControl(place, '/region/home', { region })
const reportOf = async (place: { readonly path: string }) =>
  ((await askControl(place, '/region/status', {})) as { peers: PeersReport }).peers
/** Where a server believes that accounts are changed; null for here. */
const homeOf = async (place: { readonly path: string }) => {
  const { home: followed, givenTo } = await reportOf(place)
  return givenTo === null ? (followed?.region ?? null) : `given to ${givenTo}`
}

describe('The home of accounts moves', () => {
  it('while both servers are in use: all that was answered is everywhere, and the others follow', async () => {
    await using three = await startPlaces([HOME, AWAY, FAR])
    const all = [three.of(HOME), three.of(AWAY), three.of(FAR)] as const
    const [first, second, third] = all
    const answered: string[] = []
    const refused: { readonly $metadata?: { httpStatusCode?: number } }[] = []
    const over = new AbortController()
    const load = all.map(async (place, index) => {
      for (let count = 0; !over.signal.aborted; count += 1) {
        const name = `u${index}-${count}`
        await create(place, name).then(
          () => answered.push(name),
          (error: object) => refused.push(error),
        )
      }
    })
    const untilMore = async () => {
      const before = answered.length
      await expect.poll(() => answered.length).toBeGreaterThan(before + 10)
    }
    await untilMore()
    await give(first, AWAY)
    await untilMore()
    await give(second, FAR)
    await untilMore()
    over.abort()
    await Promise.all(load)
    for (const { $metadata } of refused) expect($metadata?.httpStatusCode).toBe(503)
    expect([await homeOf(first), await homeOf(second), await homeOf(third)]).toEqual([FAR, FAR, null])
    for (const place of all) {
      for (const name of answered) await expect.poll(() => isThere(place, name)).toBe(true)
    }
    // It was kept, and what is passed on is passed on to where it is now.
    for (const place of all) await place.start()
    await create(first, 'last', 5)
    for (const place of all) await expect.poll(() => isThere(place, 'last')).toBe(true)
  }, 90_000)

  it('to one place, at whatever instant the servers are killed', async () => {
    await create(home, 'before')
    const copies = await mkdtemp(join(tmpdir(), 'keyspan-'))
    try {
      const { paths } = await copyInstants(dirname(home.path), copies, () => give(home, AWAY), { every: 2 })
      expect(paths.length).toBeGreaterThan(2)
      expect([await homeOf(home), await homeOf(away)]).toEqual([AWAY, null])
      for (const root of paths) {
        const [one, other] = [{ path: join(root, HOME) }, { path: join(root, AWAY) }]
        // No server of another instant may answer one of this.
        await home.stop()
        await away.stop()
        await home.start({ data: one.path })
        await away.start({ data: other.path })
        const homes = async () => [await homeOf(one), await homeOf(other)].join()
        await expect.poll(homes).toMatch(/^(us-east-1,|,us-east-1|eu-west-1,|,eu-west-1)$/)
        await create(away, 'after', 5)
        for (const place of [home, away]) {
          for (const name of ['before', 'after']) await expect.poll(() => isThere(place, name)).toBe(true)
        }
      }
    } finally {
      await home.stop()
      await away.stop()
      await rm(copies, { recursive: true })
    }
  }, 90_000)

  it('not at all where the other cannot take it, and says why', async () => {
    await expect(give(home, FAR)).rejects.toThrow(/given to ap-southeast-2, and nothing has changed.*not trusted here/)
    await expect(give(home, HOME)).rejects.toThrow(/has the accounts already/)
    await expect(give(away, AWAY)).rejects.toThrow(/those of us-east-1: say this on its server/)
    await expect(give(away, HOME)).rejects.toThrow(/those of us-east-1: say this on its server/)
    await away.stop()
    await expect(give(home, AWAY)).rejects.toThrow(/nothing has changed.*nobody listens there/)
    await create(home, 'still')
    await away.start()
    await give(home, AWAY)
    await expect.poll(() => isThere(away, 'still')).toBe(true)
  })

  it('back to who gives them to one that is lost, where an operator says so', async () => {
    await create(home, 'before')
    await away.stop()
    await home.stop()
    // As a kill leaves it that comes after they were given and before they were taken.
    const { openDeployment } = await import('../../src/server/data/deployment.ts')
    const { openKeptRoot } = await import('../../src/server/trust/open-root.ts')
    const { markGiven } = await import('../../src/server/peers/home-seat.ts')
    const data = dataDirectory(home.path)
    const { store } = await openDeployment(data, await openKeptRoot(data), Date.now())
    await store.transaction((writes) => markGiven(writes, AWAY))
    await store.close()
    await home.start()
    expect(await homeOf(home)).toBe('given to eu-west-1')
    await expect(create(home, 'refused')).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } })
    await home.stop()
    await expect(moveHome(data, HOME, false, Date.now())).rejects.toThrow(/being given to eu-west-1.*add --yes/)
    expect(await moveHome(data, HOME, true, Date.now())).toMatchObject({ epoch: 3 })
    await home.start()
    await create(home, 'after')
    await away.start()
    await expect.poll(() => isThere(away, 'after')).toBe(true)
    expect([await homeOf(home), await homeOf(away)]).toEqual([null, HOME])
  })

  it('back to who has lost them to another, where an operator says so', async () => {
    await away.stop()
    await home.stop()
    await moveHome(dataDirectory(away.path), AWAY, true, Date.now())
    await away.start()
    await home.start()
    await expect.poll(() => create(home, 'refused').then(String, String)).toMatch(/changed in eu-west-1 now/)
    await home.stop()
    const takeBack = (isAgreed: boolean) => moveHome(dataDirectory(home.path), HOME, isAgreed, Date.now())
    await expect(takeBack(false)).rejects.toThrow(/eu-west-1 has taken over the accounts.*add --yes/)
    expect(await takeBack(true)).toMatchObject({ epoch: 3 })
    await home.start()
    await create(home, 'after')
    await expect.poll(() => create(away, 'refused').then(String, String)).toMatch(/changed in us-east-1 now/)
  })
})
