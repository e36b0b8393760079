/**
 * Flips random single bits in each kind of file of a data directory, and says how many are refused when it is opened,
 * found when it is read, and found by nothing.
 *
 *     npm run flips -- --count 10000 --seed 1
 */
import { parseArgs } from 'node:util'
import { HOME, AWAY, startTestServer } from '../server.ts'
import { fill } from './data.ts'
import { flipBits } from './flip.ts'
import { kindsOf } from './kinds.ts'
import { createRandom } from '../random.ts'

const { values } = parseArgs({
  options: { count: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
})
await using server = await startTestServer({ regions: `${HOME},${AWAY}` })
const kinds = kindsOf(await fill(server))
let unnoticed = 0
for (const kind of kinds) {
  const outcomes = await flipBits(server.path, kind, Number(values.count), createRandom(Number(values.seed)))
  process.stdout.write(`${kind.name}: ${JSON.stringify(outcomes)}\n`)
  if (kind.isAuthentic) unnoticed += outcomes.unnoticed
}
if (unnoticed > 0) throw new Error(`${unnoticed} flips made something be read that was never written.`)
