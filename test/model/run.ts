/** `npm run model`: explores the long scenarios, and says how many states there are and which mutations were caught. */
import { explore } from './explore.ts'
import { MUTATIONS } from './mutations.ts'
import { PROTOCOL } from './protocol.ts'
import { LONG } from './scenarios.ts'

const LIMIT = 4_000_000

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

let failures = 0
for (const scenario of LONG) {
  const start = performance.now()
  const { states, steps, broken, cut } = explore(scenario, PROTOCOL, LIMIT)
  if (broken !== null) failures += 1
  const verdict = broken === null ? (cut ? 'good so far (cut)' : 'good') : `BROKEN: ${broken.invariant}`
  console.log(`${JSON.stringify(scenario)}: ${states} states, ${steps} steps, ${seconds(start)}: ${verdict}`)
  for (const step of broken?.trace ?? []) console.log(`    ${step}`)
}
for (const { name, scenario, protocol } of MUTATIONS) {
  const { states, broken } = explore(scenario, protocol, LIMIT)
  if (broken === null) failures += 1
  console.log(`${broken === null ? 'MISSED' : 'caught'} after ${states} states: ${name} (${broken?.invariant ?? '-'})`)
}
process.exitCode = failures === 0 ? 0 : 1
