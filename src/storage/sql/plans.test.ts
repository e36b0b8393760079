import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ENGINES, type TestStore } from '../../../test/engines.ts'
import { opening } from '../../../test/root-key.ts'
import type { GlobalReads } from '../global-store.ts'
import { openGlobalStore } from '../open-global-store.ts'
import { openRegionStore } from '../open-region-store.ts'
import type { CommonReads, RegionReads } from '../store.ts'
import type { DialectName } from './dialect.ts'

const PAGE = { after: null, limit: 10 }
const account = '111122223333'
const keyId = 'a'

/** What an engine does for a statement, and which steps of it cost more the more there is. */
interface Planning {
  /** Gives the statements that are asked during `work`. */
  readonly heard: (work: () => Promise<void>) => Promise<readonly string[]>
  readonly planOf: (place: TestStore, statement: string) => Promise<readonly string[]>
  /**
   * Says so of a look at a whole table, or at rows that are put in order afterwards. Those that an index has brought
   * together, by all but the last terms of the order, are few.
   */
  readonly grows: (step: string, next: string, first: string) => boolean
}

const PLANNING: Readonly<Record<DialectName, Planning>> = {
  sqlite: {
    heard: (work) => textsOf(vi.spyOn(DatabaseSync.prototype, 'prepare'), work),
    async planOf(place, statement) {
      return (await place.query(`explain query plan ${statement}`)).map(({ detail }) => String(detail))
    },
    grows: (step) => /^SCAN |TEMP B-TREE FOR (?!LAST)/.test(step),
  },
  postgresql: {
    heard: (work) => textsOf(vi.spyOn(Client.prototype, 'query'), work),
    async planOf(place, statement) {
      const values = new Set(statement.match(/\$\d+/g)).size
      const given = values === 0 ? '' : `(${Array.from({ length: values }, () => 'null').join(', ')})`
      const results = await place.run(`
        set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off;
        set plan_cache_mode = force_generic_plan;
        prepare asked as ${statement}; explain (costs off) execute asked${given}`)
      return (results.at(-1) ?? []).map((row) => String(row['QUERY PLAN']).replace(/^ *(?:->)? */, ''))
    },
    // An index that has nothing but what is asked for is read as far as the limit.
    grows: (step, next, first) =>
      /^(?:Seq Scan|Sort$)/.test(step) ||
      (/^Index (?:Only )?Scan/.test(step) && (next.startsWith('Filter') || (next === '' && first !== 'Limit'))),
  },
}

async function textsOf(
  asked: { readonly mock: { readonly calls: readonly unknown[][] }; mockRestore(): void },
  work: () => Promise<void>,
) {
  await work()
  const texts = new Set(asked.mock.calls.map(([text]) => String(text)))
  asked.mockRestore()
  return [...texts].filter((text) => /^(?:select|delete|update)/i.test(text))
}

/** Tables and listings that are short by their nature, so that they may be looked through, or put in order. */
const SHORT: readonly RegExp[] = [
  // What waits to be written to the audit log, in the order in which it came.
  /from "pending_record"/,
  /from "identity"/,
  // The materials of one key, and the access keys of one owner.
  /from "material" where "account" = \S+ and "key_id" = /,
  /from "access_key" where "account" = \S+ and "owner"/,
  // What is due now, and what cannot be taken in.
  /"deletion_at" <= /,
  /from "kept_message"/,
  // An index of its own has those stacks alone to which something is being done.
  /"busy" = 1/,
]

/** The steps that cost more the more there is. */
async function growing(place: TestStore, statements: readonly string[], { planOf, grows }: Planning) {
  const found: string[] = []
  for (const statement of statements.filter((each) => !SHORT.some((short) => short.test(each)))) {
    const steps = await planOf(place, statement)
    found.push(
      ...steps
        .filter((step, at) => grows(step, steps[at + 1] ?? '', steps[0] ?? ''))
        .map((step) => `${step}: ${statement}`),
    )
  }
  return found
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
  keyIds: (reads) => reads.keyIds(account, PAGE),
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

/** Questions that another index would answer as well, out of all that an account or a Region has. */
const OF_THEIR_OWN: readonly (readonly [question: RegExp, index: RegExp])[] = [
  [/^select .* from "outbox" .*"key_id" = /s, /outbox_key/],
  [/^select .* from "grant" .*"grantee" in /s, /grant_grantee/],
  [/^select .* from "grant" .*"retiring" = /s, /grant_retiring/],
]

describe.each(ENGINES)('A question is answered by an index, in its order, on $name', ({ dialect, newStore }) => {
  afterEach(() => vi.restoreAllMocks())
  const planning = PLANNING[dialect]

  it('by a Region’s store', async () => {
    await using place = await newStore('us-east-1')
    await using opened = new AsyncDisposableStack()
    const store = opened.adopt(await openRegionStore(place.where, 'us-east-1', opening), (each) => each.close())
    const statements = await planning.heard(() => askAll(store.reads, REGION))
    expect(statements.length).toBeGreaterThan(40)
    expect(await growing(place, statements, planning)).toEqual([])
    for (const [question, index] of OF_THEIR_OWN) {
      const asked = statements.filter((statement) => question.test(statement))
      expect(asked, String(question)).not.toEqual([])
      for (const each of asked) expect((await planning.planOf(place, each)).join('\n')).toMatch(index)
    }
  })

  it('by the global store', async () => {
    await using place = await newStore('global')
    await using opened = new AsyncDisposableStack()
    const store = opened.adopt(await openGlobalStore(place.where, opening), (each) => each.close())
    const statements = await planning.heard(() => askAll(store.reads, GLOBAL))
    expect(statements.length).toBeGreaterThan(8)
    expect(await growing(place, statements, planning)).toEqual([])
  })
})
