/** `npm run drive -- [--seconds N] [--steps N] [--seed N] [--regions N] [--apart | --nodes]`: drives a server at random, and watches it. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { drive, tell } from './drive.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    steps: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    regions: { type: 'string', default: '3' },
    apart: { type: 'boolean', default: false },
    nodes: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
const regions = Number(values.regions)
if (!Number.isInteger(seed) || !(regions >= 3 && regions <= 5)) {
  throw new Error('Give a whole number as --seed, and 3 to 5 as --regions.')
}
const log = join(await mkdtemp(join(tmpdir(), 'keyspan-drive-')), 'steps.jsonl')
console.log(`seed ${seed}, ${regions} Regions; the steps are in ${log}`)
const housing = values.nodes ? 'nodes' : values.apart ? 'apart' : 'one'
const done = await drive({ seed, regions, housing, steps: Number(values.steps), seconds: Number(values.seconds), log })
console.log(tell(done))
if (done.broken === null) console.log('Nothing was broken.')
else {
  console.log(`BROKEN at step ${done.broken.step}: ${done.broken.what}`)
  console.log(
    `To replay: npm run drive -- --seed ${seed} --regions ${regions}${housing === 'one' ? '' : ` --${housing}`} --steps ${done.broken.step} --seconds 100000`,
  )
  process.exitCode = 1
}
