/**
 * `npm run check`: what is said of the sources without running them. What takes longest has a processor to itself, and
 * the others go on beside it, one after the other: with more threads each would work out the same types again.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const LINES: readonly (readonly string[])[] = [['lint'], ['format:check', 'types', 'dead-code']]

const results = await Promise.all(LINES.map(runInTurn))
if (!results.every(Boolean)) process.exitCode = 1

/** Runs scripts of the package; gives whether none of them has failed. Behind one that fails no other is begun. */
async function runInTurn(scripts: readonly string[]): Promise<boolean> {
  for (const script of scripts) if (!(await run(script))) return false
  return true
}

/** Prints in one piece what a script says. */
async function run(script: string): Promise<boolean> {
  const child = spawn('npm', ['run', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  process.stdout.write(said)
  return code === 0
}
