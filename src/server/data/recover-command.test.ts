import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { recoverCommand } from './recover-command.ts'

it('names the database where a data directory has its stores in one', () => {
  const path = mkdtempSync(join(tmpdir(), 'keyspan-'))
  const data = { path, elsewhere: join(path, 'database') }
  const command = `keyspan region recover us-east-1 --data ${path}`
  expect(recoverCommand(data, 'us-east-1')).toBe(command)
  writeFileSync(data.elsewhere, 'postgres://keyspan@db/keyspan\n')
  expect(recoverCommand(data, 'us-east-1')).toContain(`${command} --database postgres://keyspan@db/keyspan (and`)
  rmSync(path, { recursive: true })
})
