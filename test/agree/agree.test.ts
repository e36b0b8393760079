import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { checkAgreement, questionOf } from './check.ts'
import { buildWorld, type World } from './world.ts'

const QUESTIONS = 500

let server: TestServer
let world: World

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  world = await buildWorld(server)
})
afterAll(() => server[Symbol.asyncDispose]())

describe('keyspan explain --as', () => {
  const seed = Number(process.env['KEYSPAN_AGREE_SEED'] ?? Math.floor(Math.random() * 2 ** 32))

  it(`foretells what happens, also to what seed ${seed} asks`, { timeout: 120_000 }, async () => {
    const random = createRandom(seed)
    const seen = new Map<string, number>()
    for (let count = 0; count < QUESTIONS; count += 1) {
      const code = await checkAgreement(server, questionOf(world, random))
      seen.set(code, (seen.get(code) ?? 0) + 1)
    }
    expect(seen.get('done')).toBeGreaterThan(QUESTIONS / 20)
    expect(seen.get('AccessDeniedException')).toBeGreaterThan(QUESTIONS / 10)
  })

  it('foretells that a destination is not to be found, also where the source has not made the ciphertext', async () => {
    const [asker] = world.askers
    const [made, other] = world.targets.filter(({ region, ciphertext }) => region === HOME && ciphertext !== null)
    const away = world.targets.find(({ region }) => region === AWAY)
    if (asker === undefined || made === undefined || other === undefined || away === undefined) {
      throw new Error('The world lacks somebody, or a key.')
    }
    const body = { SourceKeyId: other.arn, CiphertextBlob: made.ciphertext, DestinationKeyId: away.arn }
    const code = await checkAgreement(server, { asker, operation: 'ReEncrypt', region: HOME, body })
    expect(code).toBe('NotFoundException')
  })
})
