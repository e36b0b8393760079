import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { followLog } from '../../storage/audit/follow.ts'
import { openAuditLog, type AuditLog } from '../../storage/audit/log.ts'
import { emptyOutbox, openOutbox, takeRecords } from './outbox.ts'

const PLACE = 'us-east-1'
const record = (number: number) =>
  JSON.stringify({ eventName: 'Encrypt', eventID: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` })

let directory: string
let log: AuditLog
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keyspan-'))
  log = await openAuditLog(join(directory, 'log'), { mode: 'normal' }, Date.now)
})
afterEach(async () => {
  await log.close()
  await rm(directory, { recursive: true })
})

const open = () => openOutbox(join(directory, 'outbox'), 'normal', Date.now, () => {})
async function inLog(): Promise<readonly string[]> {
  await log.sync()
  const texts: string[] = []
  for await (const { text } of followLog(join(directory, 'log'), { file: '', offset: 0 }, null)) texts.push(text)
  return texts
}

describe('The records of a process that follows', () => {
  it('come to the log of the one that leads, in their order and once', async () => {
    const outbox = await open()
    await outbox.append(PLACE, record(1))
    outbox.to((_place, texts, isRepeated) => takeRecords(log, texts, isRepeated))
    await outbox.append(PLACE, record(2))
    await outbox.flush()
    await outbox.append(PLACE, record(3))
    await outbox.flush()
    expect(await inLog()).toEqual([1, 2, 3].map(record))
    await outbox.close()
  })

  it('are handed over again where nobody knows whether they were, and are there once all the same', async () => {
    const first = await open()
    first.to(async (_place, texts, isRepeated) => {
      await takeRecords(log, texts, isRepeated)
      throw new Error('the answer was lost')
    })
    await first.append(PLACE, record(1))
    await first.flush()
    await first.append(PLACE, record(2))
    await first.close()
    const second = await open()
    second.to((_place, texts, isRepeated) => takeRecords(log, texts, isRepeated))
    await second.flush()
    expect(await inLog()).toEqual([1, 2].map(record))
    await second.close()
  })

  it('that were not handed over come to the log of the process itself when it leads, and leave nothing', async () => {
    const outbox = await open()
    outbox.to((_place, texts) => takeRecords(log, texts, false))
    await outbox.append(PLACE, record(1))
    await outbox.flush()
    outbox.to(null)
    await outbox.append(PLACE, record(2))
    await outbox.append('eu-west-1', record(3))
    await outbox.close()
    const path = join(directory, 'outbox')
    const given: unknown[] = []
    await emptyOutbox(
      path,
      (place) => place === PLACE,
      async (place, texts) => void given.push([place, ...texts]),
    )
    expect(given).toEqual([[PLACE, record(2)]])
    expect(await readdir(path)).toEqual(['eu-west-1'])
  })
})
