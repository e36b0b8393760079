import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { checkAgreement, questionOf } from './check.ts'
import { buildWorld, type World } from './world.ts'

const QUESTIONS = 1500

let server: TestServer
let world: World

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  world = await buildWorld(server)
})
afterAll(() => server[Symbol.asyncDispose]())

describe('keyspan explain --as', () => {
  it('foretells what happens', { timeout: 120_000 }, async () => {
    const random = createRandom(Math.floor(Math.random() * 2 ** 32))
    const seen = new Map<string, number>()
    for (let count = 0; count < QUESTIONS; count += 1) {
      const code = await checkAgreement(server, questionOf(world, random))
      seen.set(code, (seen.get(code) ?? 0) + 1)
    }
    expect(seen.get('done')).toBeGreaterThan(QUESTIONS / 20)
    expect(seen.get('AccessDeniedException')).toBeGreaterThan(QUESTIONS / 10)
  })
})
