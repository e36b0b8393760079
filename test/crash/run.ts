/**
 * `npm run crash [ROUNDS]`: kills a server under load, 200 times unless told otherwise; kills starts, on nothing and on
 * the data of the last release, at random and at every instant; kills stacks, and what is said after disasters; fills
 * disks.
 */
import { crash } from './crash.ts'
import { DISASTERS, killInDisaster } from './disaster-instants.ts'
import { fillDisks } from './full-disk.ts'
import { killStacks } from './stack-instants.ts'
import { killFirstStart, killUpgrade } from './start-instants.ts'
import { crashFirstStarts, crashUpgrades } from './starts.ts'

const rounds = Number(process.argv[2] ?? 200)
/** Other rounds take longer, and find less with each. */
const others = Math.ceil(rounds / 10)

async function timed(work: () => Promise<string>): Promise<void> {
  const start = performance.now()
  const text = await work()
  console.log(`${text} (${((performance.now() - start) / 1000).toFixed(0)} s)`)
}

await timed(async () => {
  const { starts, kills } = await crashFirstStarts(others)
  return `${starts} first starts, ${kills} of them killed: each was followed by one that serves.`
})
await timed(async () => {
  const { starts, kills } = await crashUpgrades(others)
  return `${starts} starts on the data of the last release, ${kills} of them killed: nothing was lost, nothing is twice.`
})
await timed(async () => {
  const [first, upgrade] = [await killFirstStart(1), await killUpgrade(1)]
  return `${first} instants of a first start and ${upgrade} of an upgrade at which it was killed: nothing was lost.`
})
await timed(async () => {
  const looked = await killStacks(rounds < 100 ? 10 : 1)
  return `${looked} instants at which the server was killed while a stack was made, changed or deleted: nothing is twice, nothing is left behind.`
})
for (const [name, disaster] of Object.entries(DISASTERS)) {
  await timed(async () => {
    const looked = await killInDisaster(disaster, rounds < 100 ? 10 : 1)
    return `${looked} instants at which what is said of ${name} was killed: said again, it came to its end.`
  })
}
await timed(async () => {
  const report = await fillDisks(others)
  if (report === null) return 'SKIPPED: no disk was filled, for this user may not mount one. Run it as root.'
  const { asked, failed, uncertain } = report
  return (
    `${asked} changes on full disks: ${failed} failed and did not happen, ${uncertain} said that they may have; ` +
    'each record of what happened is there, once.'
  )
})
await timed(async () => {
  const { keys, answered, imports, ciphertexts } = await crash(rounds, (round) => {
    if (round % 20 === 0) console.log(`${round} of ${rounds}`)
  })
  return (
    `${rounds} kills under load: ${answered} answered requests, ${imports} of imported material; ${keys} keys, ` +
    `${ciphertexts} ciphertexts; nothing was lost, nothing is twice.`
  )
})
