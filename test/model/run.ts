/** `npm run model`: explores the long scenarios, and says how many states there are and which mutations were caught. */
import { exploreLiveness, exploreSafety, type Exploration, type Scenario } from './explore.ts'
import { MUTATIONS } from './mutations.ts'
import { PROTOCOL } from './protocol.ts'
import { LONG, LONG_STREAMS } from './scenarios.ts'

const LIMIT = 4_000_000

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

/** Says whether every state was good. */
function isGood(what: string, scenario: Scenario, explore: typeof exploreSafety): boolean {
  const start = performance.now()
  const { states, steps, broken, cut } = explore(scenario, PROTOCOL, LIMIT)
  const verdict = broken === null ? (cut ? 'good so far (cut)' : 'good') : `BROKEN: ${broken.invariant}`
  console.log(`${what} ${JSON.stringify(scenario)}: ${states} states, ${steps} steps, ${seconds(start)}: ${verdict}`)
  for (const step of broken?.trace ?? []) console.log(`    ${step}`)
  return broken === null
}

let failures = 0
for (const scenario of LONG) if (!isGood('safety', scenario, exploreSafety)) failures += 1
for (const scenario of [...LONG, ...LONG_STREAMS]) if (!isGood('liveness', scenario, exploreLiveness)) failures += 1
for (const { name, scenario, protocol } of MUTATIONS) {
  const found = [exploreLiveness, exploreSafety]
    .map((explore): Exploration => explore(scenario, protocol, LIMIT))
    .find(({ broken }) => broken !== null)
  if (found === undefined) failures += 1
  const verdict = found === undefined ? 'MISSED' : `caught after ${found.states} states`
  console.log(`${verdict}: ${name} (${found?.broken?.invariant ?? '-'})`)
}
process.exitCode = failures === 0 ? 0 : 1
