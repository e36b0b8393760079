/** `npm run crash [ROUNDS]`: kills a server under load, 200 times unless told otherwise. */
import { crash } from './crash.ts'

const rounds = Number(process.argv[2] ?? 200)
const start = performance.now()
const report = await crash(rounds, (round) => {
  if (round % 20 === 0) console.log(`${round} of ${rounds}`)
})
console.log(
  `${report.rounds} kills in ${((performance.now() - start) / 1000).toFixed(0)} s: ${report.answered} answered requests, ` +
    `${report.imports} of imported material; ${report.keys} keys, ${report.ciphertexts} ciphertexts; nothing was lost.`,
)
