import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { logTo } from './log-to.ts'

it('goes on where nothing can be written, and says later how many lines were lost', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'keyspan-log-'))
  const path = join(directory, 'log')
  const descriptor = openSync(path, 'a')
  const log = logTo(descriptor)
  log.write('1\n')
  closeSync(descriptor)
  log.write('2\n')
  log.write('3\n')
  // The same number again.
  expect(openSync(path, 'a')).toBe(descriptor)
  log.write('4\n')
  const [first, , lost, last] = readFileSync(path, 'utf8').split('\n')
  expect([first, last]).toEqual(['1', '4'])
  expect(JSON.parse(lost ?? '')).toMatchObject({ level: 40, lost: 2 })
  closeSync(descriptor)
  await rm(directory, { recursive: true })
})
