import type { Kysely } from 'kysely'
import { nextExpiry } from '../../domain/imports.ts'
import type { Region } from '../../domain/region.ts'
import { mayRotate } from '../../domain/rotation.ts'
import type { RowSeal } from '../row-seal.ts'
import type { RegionWrites, StoredMaterial, Touched } from '../store.ts'
import { deleteGrantsOf, grantWrites } from './grants.ts'
import { commonWrites } from './common.ts'
import { deleteLastUseOf, lastUseWrites } from './last-uses.ts'
import { keyCount } from './key-count.ts'
import { regionReads } from './region-reads.ts'
import type { RegionSchema } from './region-schema.ts'
import { stackWrites } from './stacks.ts'
import { addRow, putRow } from './put-row.ts'

/** What a transaction has done that others must hear of once it is committed. */
export interface Commit {
  readonly touched: Touched[]
  readonly said: Region[]
  readonly busy: string[]
}

/** The changes that a Region's store knows, as SQL that every driver shares. `commit` collects what was done. */
export function regionWrites(database: Kysely<RegionSchema>, seal: RowSeal, commit: Commit): RegionWrites {
  return {
    ...regionReads(database, seal),
    ...keyWrites(database, seal, commit),
    ...streamWrites(database, seal, commit),
    ...secretWrites(database, seal),
    ...commonWrites(database, seal),
    ...grantWrites(database, seal, commit),
    ...lastUseWrites(database, seal),
    ...stackWrites(database, seal, commit),
  }
}

function keyWrites(database: Kysely<RegionSchema>, seal: RowSeal, { touched }: Commit) {
  return {
    async putKey(key, unsettled) {
      touched.push({ account: key.account, keyId: key.id })
      const row = seal.seal('key', {
        account: key.account,
        id: key.id,
        record: JSON.stringify(key),
        deletion_at: key.deletion?.at ?? null,
        rotation_at: mayRotate(key) ? (key.rotation?.nextAt ?? null) : null,
        expiry_at: nextExpiry(key),
        unsettled: unsettled ? 1 : 0,
      })
      const before = database.selectFrom('key').select('id').where('account', '=', key.account)
      if ((await before.where('id', '=', key.id).executeTakeFirst()) === undefined) {
        const count = keyCount(database, seal, key.account)
        await count.put((await count.get()) + 1)
      }
      await putRow(database, 'key', row, ['account', 'id'])
    },
    async deleteKey(account, id) {
      touched.push({ account, keyId: id })
      const kept = keyCount(database, seal, account)
      const count = await kept.get()
      const gone = await database
        .deleteFrom('key')
        .where('account', '=', account)
        .where('id', '=', id)
        .executeTakeFirst()
      await kept.put(count - Number(gone.numDeletedRows))
      await database.deleteFrom('material').where('account', '=', account).where('key_id', '=', id).execute()
      await database.deleteFrom('import_job').where('account', '=', account).where('key_id', '=', id).execute()
      await database.deleteFrom('alias').where('account', '=', account).where('target_key_id', '=', id).execute()
      await deleteGrantsOf(database, seal, account, id)
      await deleteLastUseOf(database, account, id)
    },
    async putTombstone(account, keyId, tombstone) {
      const row = seal.seal('tombstone', { account, key_id: keyId, state: JSON.stringify(tombstone) })
      await putRow(database, 'tombstone', row, ['account', 'key_id'])
    },
    async putAlias({ account, name, targetKeyId, createdAt, updatedAt }) {
      const before = await database
        .selectFrom('alias')
        .select('target_key_id')
        .where('account', '=', account)
        .where('name', '=', name)
        .executeTakeFirst()
      if (before !== undefined) touched.push({ account, keyId: before.target_key_id })
      touched.push({ account, keyId: targetKeyId })
      const columns = { account, name, target_key_id: targetKeyId, created_at: createdAt, updated_at: updatedAt }
      const row = seal.seal('alias', columns)
      await putRow(database, 'alias', row, ['account', 'name'])
    },
    async deleteAlias(account, name) {
      const gone = database.deleteFrom('alias').where('account', '=', account).where('name', '=', name)
      for (const row of await gone.returning('target_key_id').execute())
        touched.push({ account, keyId: row.target_key_id })
    },
  } satisfies Partial<RegionWrites>
}

function streamWrites(database: Kysely<RegionSchema>, seal: RowSeal, { said }: Commit) {
  return {
    async appendOutbox(destination, { seq, account, keyId, body, hash }, now) {
      said.push(destination)
      const row = { destination, seq, account, key_id: keyId, body, hash, created_at: now }
      await addRow(database, 'outbox', seal.seal('outbox', row))
    },
    wake(destination) {
      said.push(destination)
    },
    async pruneOutbox(destination, seq, before) {
      await database
        .deleteFrom('outbox')
        .where('destination', '=', destination)
        // The last entry stays: the stream goes on from its number and hash.
        .where('seq', '<', seq)
        .where('created_at', '<', before)
        .execute()
    },
    async putCursor({ source, incarnation, seq, hash }) {
      const row = seal.seal('cursor', { source, incarnation, seq, hash })
      await putRow(database, 'cursor', row, ['source'])
    },
    async keepMessage({ source, account, keyId, body, reason }) {
      const kept = database.selectFrom('kept_message').select('position').orderBy('position', 'desc').limit(1)
      const mine = kept.where('account', '=', account).where('key_id', '=', keyId)
      const same = mine.where('source', '=', source).where('body', '=', body)
      if ((await same.executeTakeFirst()) !== undefined) return
      const position = ((await mine.executeTakeFirst())?.position ?? 0) + 1
      const row = { position, source, account, key_id: keyId, body, reason }
      await addRow(database, 'kept_message', seal.seal('kept_message', row))
    },
    async forgetMessage({ account, keyId, position }) {
      const mine = database.deleteFrom('kept_message').where('account', '=', account).where('key_id', '=', keyId)
      await mine.where('position', '=', position).execute()
    },
    async putPeer({ region, publicKey, incarnation }) {
      const row = seal.seal('peer', { region, public_key: publicKey, incarnation })
      await putRow(database, 'peer', row, ['region'])
    },
  } satisfies Partial<RegionWrites>
}

function secretWrites(database: Kysely<RegionSchema>, seal: RowSeal) {
  const putMaterial = async ({ id, account, keyId, ...sealed }: StoredMaterial): Promise<void> => {
    const row = {
      id,
      account,
      key_id: keyId,
      generation: sealed.generation,
      domain_key_version: sealed.domainKeyVersion,
      record_version: sealed.recordVersion,
      salt: sealed.salt,
      iv: sealed.iv,
      ciphertext: sealed.ciphertext,
      tag: sealed.tag,
    }
    await putRow(database, 'material', row, ['id'])
  }
  return {
    putMaterial,
    async putAbsentMaterial(material) {
      const none = Buffer.alloc(0)
      const sealed = { domainKeyVersion: 0, recordVersion: 0, salt: none, iv: none, ciphertext: none, tag: none }
      await putMaterial({ ...material, ...sealed })
    },
    async deleteMaterial(id) {
      await database.deleteFrom('material').where('id', '=', id).execute()
    },
    async putImportJob({ id, account, keyId, wrapped, expiresAt }) {
      const row = { id, account, key_id: keyId, wrapped, expires_at: expiresAt }
      await addRow(database, 'import_job', seal.seal('import_job', row))
    },
    async deleteImportJobs(now) {
      await database.deleteFrom('import_job').where('expires_at', '<=', now).execute()
    },
    async putIdentity({ id, publicKey, wrapped }) {
      const row = seal.seal('identity', { id, public_key: publicKey, wrapped })
      await database.deleteFrom('identity').execute()
      await addRow(database, 'identity', row)
    },
  } satisfies Partial<RegionWrites>
}
