/**
 * `npm run agree -- [QUESTIONS] [SEED]`: asks `keyspan explain --as` what would become of random requests, and then
 * makes them: the two must agree, always.
 */
import { createRandom } from '../random.ts'
import { AWAY, HOME, startTestServer } from '../server.ts'
import { checkAgreement, questionOf } from './check.ts'
import { buildWorld } from './world.ts'

const questions = Number(process.argv[2] ?? 100_000)
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31)
const random = createRandom(seed)
const seen = new Map<string, number>()
await using server = await startTestServer({ regions: `${HOME},${AWAY}` })
const world = await buildWorld(server)
const start = performance.now()
for (let count = 0; count < questions; count += 1) {
  const code = await checkAgreement(server, questionOf(world, random))
  seen.set(code, (seen.get(code) ?? 0) + 1)
}
const seconds = (performance.now() - start) / 1000
console.log(`${questions} questions, seed ${seed}: each ended as it was foretold. ${seconds.toFixed(1)} s.`)
for (const [code, count] of [...seen].toSorted(([, a], [, b]) => b - a))
  console.log(`  ${String(count).padStart(8)}  ${code}`)
