/**
 * `npm run bench:kit [TESTS]`: servers for tests in one process: the median start of one, and so many tests that each
 * have their own; 100 unless told otherwise.
 */
import { CreateKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { startKeyspan } from '../src/testing/index.ts'

const AT_ONCE = 10
const tests = Number(process.argv[2] ?? 100)
/** In milliseconds. */
const starts: number[] = []
/** The time of processors that starts take, in milliseconds: beside other programs it is what counts. */
const work: number[] = []

const first = performance.now()
await (await startKeyspan()).stop()
console.log(`first     ${(performance.now() - first).toFixed(0)} ms, with all that a process does once`)

for (let run = 0; run < tests; run += 1) {
  const begun = performance.now()
  const busy = process.cpuUsage()
  const keyspan = await startKeyspan()
  starts.push(performance.now() - begun)
  const { user, system } = process.cpuUsage(busy)
  work.push((user + system) / 1000)
  await keyspan.stop()
}
console.log(`start     ${spread(starts)}`)
console.log(`CPU time  ${spread(work)}`)

for (const [name, together] of [
  ['in turn', 1],
  ['together', AT_ONCE],
] as const) {
  const begun = performance.now()
  for (let run = 0; run < tests; run += together) await Promise.all(Array.from({ length: together }, test))
  const all = performance.now() - begun
  console.log(
    `${name.padEnd(8)}  ${all.toFixed(0)} ms for ${tests} tests, ${together} at a time: ${(all / tests).toFixed(1)} ms each`,
  )
}

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (part: number) => (sorted[Math.floor(sorted.length * part)] ?? Number.NaN).toFixed(1)
  return `${at(0.5)} ms in the middle of ${times.length}; ${at(0.1)} to ${at(0.9)} for most`
}

/** A test as people write them: its own server and client, a key, and a use of it. */
async function test(): Promise<void> {
  await using keyspan = await startKeyspan()
  const kms = keyspan.client(KMSClient)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  await kms.send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from('x') }))
}
