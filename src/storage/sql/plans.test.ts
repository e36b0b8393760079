import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { opening } from '../../../test/root-key.ts'
import type { GlobalReads } from '../global-store.ts'
import { openGlobalStore } from '../open-global-store.ts'
import { openRegionStore } from '../open-region-store.ts'
import type { CommonReads, RegionReads } from '../store.ts'

const PAGE = { after: null, limit: 10 }
const account = '111122223333'
const keyId = 'a'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(directory, { recursive: true })
})

/** What SQLite does for each statement that is prepared during `work`. */
async function plansOf(path: string, work: () => Promise<void>): Promise<ReadonlyMap<string, readonly string[]>> {
  const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare')
  await work()
  const statements = new Set(
    prepare.mock.calls.map(([sql]) => sql).filter((sql) => /^(?:select|delete|update)/i.test(sql)),
  )
  prepare.mockRestore()
  const database = new DatabaseSync(path, { readOnly: true })
  const plans = new Map<string, readonly string[]>()
  for (const sql of statements) {
    plans.set(
      sql,
      database
        .prepare(`explain query plan ${sql}`)
        .all()
        .map(({ detail }) => String(detail)),
    )
  }
  database.close()
  return plans
}

/** Tables and listings that are short by their nature, so that they may be looked through, or put in order. */
const SHORT: readonly RegExp[] = [
  // What waits to be written to the audit log, in the order in which it came.
  /from "pending_record"/,
  /from "identity"/,
  // The materials of one key, and the access keys of one owner.
  /from "material" where "account" = \? and "key_id" = \?/,
  /from "access_key" where "account" = \? and "owner"/,
  // What is due now, and what cannot be taken in.
  /"deletion_at" <= \?/,
  /from "kept_message"/,
  // An index of its own has those stacks alone to which something is being done.
  /"busy" = 1/,
]

/**
 * The steps that cost more the more there is: a look at a whole table, or at rows that are put in order afterwards. Those
 * that an index has brought together, by all but the last terms of the order, are few.
 */
function growing(plans: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...plans].flatMap(([sql, steps]) => {
    const isShort = SHORT.some((each) => each.test(sql))
    return steps
      .filter((step) => /^SCAN |TEMP B-TREE FOR (?!LAST)/.test(step) && !isShort)
      .map((step) => `${step}: ${sql}`)
  })
}

type Questions<Reads> = {
  readonly [Name in keyof Reads]: (reads: Reads) => Promise<unknown> | readonly Promise<unknown>[]
}

const common: Questions<CommonReads> = {
  meta: (reads) => reads.meta('x'),
  receipt: (reads) => reads.receipt('x'),
  pendingRecords: (reads) => reads.pendingRecords(1),
  pendingTexts: (reads) => reads.pendingTexts(['x']),
}

const REGION: Questions<RegionReads> = {
  ...common,
  key: (reads) => reads.key(account, keyId),
  keys: (reads) => reads.keys(account, PAGE),
  countKeys: (reads) => reads.countKeys(account),
  alias: (reads) => reads.alias(account, 'alias/a'),
  aliases: (reads) => [reads.aliases(account, null, PAGE), reads.aliases(account, keyId, PAGE)],
  aliasesOf: (reads) => reads.aliasesOf(account, keyId),
  countAliases: (reads) => reads.countAliases(account, keyId),
  keyOfMaterial: (reads) => reads.keyOfMaterial('x'),
  materialsOf: (reads) => reads.materialsOf(account, keyId),
  tombstone: (reads) => reads.tombstone(account, keyId),
  dueKeys: (reads) => reads.dueKeys(1, PAGE),
  hasDeadlines: (reads) => reads.hasDeadlines(),
  keysOfAll: (reads) => reads.keysOfAll({ account, keyId }, 10),
  nextDeadlines: (reads) => reads.nextDeadlines(),
  unsettledKeys: (reads) => reads.unsettledKeys(PAGE),
  haltedKeys: (reads) => reads.haltedKeys(PAGE),
  isHalted: (reads) => reads.isHalted(account, keyId),
  keptMessages: (reads) => reads.keptMessages(account, keyId),
  outbox: (reads) => reads.outbox('eu-west-1', 0, 10),
  said: (reads) => [
    reads.said('eu-west-1', { account, keyId }, { afterSeq: 0, limit: 10 }),
    reads.said('eu-west-1', { account, keyId }, { afterSeq: 0, limit: 10, last: true }),
  ],
  addressees: (reads) => reads.addressees(),
  outboxHead: (reads) => reads.outboxHead('eu-west-1'),
  backlog: (reads) => reads.backlog('eu-west-1', 0),
  cursor: (reads) => reads.cursor('eu-west-1'),
  peer: (reads) => reads.peer('eu-west-1'),
  identity: (reads) => reads.identity(),
  importJob: (reads) => reads.importJob('x'),
  hasExpiredImportJob: (reads) => reads.hasExpiredImportJob(1),
  grant: (reads) => reads.grant(account, keyId, 'x'),
  grants: (reads) => [
    reads.grants(account, keyId, { id: null, grantee: null }, PAGE),
    reads.grants(account, keyId, { id: null, grantee: 'x' }, PAGE),
    reads.grants(account, keyId, { id: 'x', grantee: null }, PAGE),
  ],
  grantsTo: (reads) => reads.grantsTo(account, keyId, ['x', 'y']),
  grantsNamed: (reads) => reads.grantsNamed(account, keyId, 'x', 'n'),
  retirableGrants: (reads) => reads.retirableGrants('x', PAGE),
  countGrants: (reads) => reads.countGrants(account, keyId),
  lastUse: (reads) => reads.lastUse(account, keyId),
  stack: (reads) => reads.stack(account, 'x'),
  stackNamed: (reads) => reads.stackNamed(account, 'x'),
  stacks: (reads) => [reads.stacks(account, true, PAGE), reads.stacks(account, false, PAGE)],
  hasStacksDeleted: (reads) => reads.hasStacksDeleted(1),
  countStacks: (reads) => reads.countStacks(account),
  stackOfPart: (reads) => reads.stackOfPart(account, 'event', 'x'),
  busyStacks: (reads) => reads.busyStacks(),
  stackPart: (reads) => reads.stackPart('x', 'event', 'x'),
  stackParts: (reads) => [reads.stackParts('x', 'event', null), reads.stackParts('x', 'event', PAGE)],
  exports: (reads) => reads.exports(account, PAGE),
  exportNamed: (reads) => reads.exportNamed(account, 'x'),
  linksOf: (reads) => reads.linksOf(account, 'x', 'export'),
  importsOf: (reads) => reads.importsOf(account, 'x'),
}

const GLOBAL: Questions<GlobalReads> = {
  ...common,
  document: (reads) => reads.document({ kind: 'user', account, name: 'x' }),
  documentById: (reads) => reads.documentById('user', 'x'),
  documents: (reads) => [reads.documents('user', account, PAGE), reads.documents('user', null, PAGE)],
  accessKey: (reads) => reads.accessKey('x'),
  accessKeysOf: (reads) => [reads.accessKeysOf(account, null), reads.accessKeysOf(account, 'x')],
  changesAfter: (reads) => reads.changesAfter(5, null, 10),
}

/** Asks every question. */
async function askAll<Reads>(reads: Reads, questions: Questions<Reads>): Promise<void> {
  for (const ask of Object.values<Questions<Reads>[keyof Reads]>(questions)) await Promise.all([ask(reads)].flat())
}

describe('A question is answered by an index, in its order,', () => {
  it('by a Region’s store', async () => {
    const path = join(directory, 'region.sqlite')
    await using opened = new AsyncDisposableStack()
    const store = opened.adopt(await openRegionStore(path, 'us-east-1', opening), (each) => each.close())
    const plans = await plansOf(path, () => askAll(store.reads, REGION))
    expect(plans.size).toBeGreaterThan(40)
    expect(growing(plans)).toEqual([])
  })

  it('by the global store', async () => {
    const path = join(directory, 'global.sqlite')
    await using opened = new AsyncDisposableStack()
    const store = opened.adopt(await openGlobalStore(path, opening), (each) => each.close())
    const plans = await plansOf(path, () => askAll(store.reads, GLOBAL))
    expect(plans.size).toBeGreaterThan(8)
    expect(growing(plans)).toEqual([])
  })
})
