/**
 * `npm run policy [CASES] [SEED]`: the engine against the reference evaluator on a million random questions, with the
 * engine's explanation of each, a Deny added to each, and each with some of its condition keys left open.
 */
import * as fc from 'fast-check'
import { openings, question } from './arbitraries.ts'
import { checkCase, checkDenial, DENIALS } from './check-case.ts'
import { checkRest } from './check-rest.ts'

/** Cases of one run of fast-check: it remembers them, and shrinks what fails. */
const BATCH = 10_000

const cases = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31)
const seen = new Map<string, number>()
const start = performance.now()
for (let done = 0; done < cases; done += BATCH) {
  fc.assert(
    fc.property(question, fc.nat({ max: DENIALS - 1 }), openings, (q, denial, { keys, constrained }) => {
      const answer = checkCase(q)
      seen.set(answer, (seen.get(answer) ?? 0) + 1)
      checkDenial(q, denial)
      checkRest(q, keys, constrained)
    }),
    { numRuns: Math.min(BATCH, cases - done), seed: seed + done },
  )
}
const seconds = (performance.now() - start) / 1000
console.log(
  `${cases} questions, seed ${seed}: engine, explanation and reference evaluator agree on each, a Deny more ` +
    `never allowed any, and what was left open settled to the same. ${seconds.toFixed(1)} s.`,
)
for (const [answer, count] of [...seen].toSorted(([, a], [, b]) => b - a)) {
  console.log(`  ${String(count).padStart(8)}  ${answer}`)
}
