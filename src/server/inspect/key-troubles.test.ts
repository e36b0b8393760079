import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { keyRecord } from '../../../test/key-record.ts'
import { opening } from '../../../test/root-key.ts'
import { arnOf } from '../../domain/key.ts'
import { openRegionStore } from '../../storage/open-region-store.ts'
import { openVault } from '../../storage/vault.ts'
import { troublesIn } from './key-troubles.ts'

it('a key of which something unknown was heard says what waits, and what to do', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  const store = await openRegionStore(join(directory, 'region.sqlite'), 'us-east-1', opening)
  const vault = await openVault(store, opening.deployment)
  const key = keyRecord({ id: 'mrk-1' })
  expect(await troublesIn({ region: 'us-east-1', store, vault }, key)).toEqual([])
  await store.transaction(async (writes) => {
    const message = { source: 'eu-west-1', account: key.account, keyId: key.id, reason: 'It is new.' }
    await writes.keepMessage({ ...message, body: 'first' })
    await writes.keepMessage({ ...message, body: 'second' })
  })
  expect(await troublesIn({ region: 'us-east-1', store, vault }, key)).toEqual([
    `${arnOf(key)} follows nobody: 2 of the messages that it has heard wait. The first, from eu-west-1: It is new. ` +
      'They are tried again at each start: upgrade this server.',
  ])
  await store.close()
  rmSync(directory, { recursive: true })
})
