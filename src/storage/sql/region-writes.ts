import type { Kysely } from 'kysely'
import { nextExpiry } from '../../domain/imports.ts'
import type { Region } from '../../domain/region.ts'
import { mayRotate } from '../../domain/rotation.ts'
import type { RegionWrites, StoredMaterial, Touched } from '../store.ts'
import { deleteGrantsOf, grantWrites } from './grants.ts'
import { commonWrites } from './common.ts'
import { deleteLastUseOf, lastUseWrites } from './last-uses.ts'
import { regionReads } from './region-reads.ts'
import type { RegionSchema } from './region-schema.ts'

/** What a transaction has done that others must hear of once it is committed. */
export interface Commit {
  readonly touched: Touched[]
  readonly said: Region[]
}

/** The changes that a Region's store knows, as SQL that every driver shares. `commit` collects what was done. */
export function regionWrites(database: Kysely<RegionSchema>, commit: Commit): RegionWrites {
  return {
    ...regionReads(database),
    ...keyWrites(database, commit),
    ...streamWrites(database, commit),
    ...secretWrites(database),
    ...commonWrites(database),
    ...grantWrites(database, commit),
    ...lastUseWrites(database),
  }
}

function keyWrites(database: Kysely<RegionSchema>, { touched }: Commit) {
  return {
    async putKey(key, unsettled) {
      touched.push({ account: key.account, keyId: key.id })
      const columns = {
        record: JSON.stringify(key),
        deletion_at: key.deletion?.at ?? null,
        rotation_at: mayRotate(key) ? (key.rotation?.nextAt ?? null) : null,
        expiry_at: nextExpiry(key),
        unsettled: unsettled ? 1 : 0,
      }
      await database
        .insertInto('key')
        .values({ account: key.account, id: key.id, ...columns })
        .onConflict((conflict) => conflict.columns(['account', 'id']).doUpdateSet(columns))
        .execute()
    },
    async deleteKey(account, id) {
      touched.push({ account, keyId: id })
      await database.deleteFrom('key').where('account', '=', account).where('id', '=', id).execute()
      await database.deleteFrom('material').where('account', '=', account).where('key_id', '=', id).execute()
      await database.deleteFrom('import_job').where('account', '=', account).where('key_id', '=', id).execute()
      await database.deleteFrom('alias').where('account', '=', account).where('target_key_id', '=', id).execute()
      await deleteGrantsOf(database, account, id)
      await deleteLastUseOf(database, account, id)
    },
    async putTombstone(account, keyId, tombstone) {
      const state = JSON.stringify(tombstone)
      await database
        .insertInto('tombstone')
        .values({ account, key_id: keyId, state })
        .onConflict((conflict) => conflict.columns(['account', 'key_id']).doUpdateSet({ state }))
        .execute()
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
      const columns = { target_key_id: targetKeyId, created_at: createdAt, updated_at: updatedAt }
      await database
        .insertInto('alias')
        .values({ account, name, ...columns })
        .onConflict((conflict) => conflict.columns(['account', 'name']).doUpdateSet(columns))
        .execute()
    },
    async deleteAlias(account, name) {
      const gone = database.deleteFrom('alias').where('account', '=', account).where('name', '=', name)
      for (const row of await gone.returning('target_key_id').execute())
        touched.push({ account, keyId: row.target_key_id })
    },
  } satisfies Partial<RegionWrites>
}

function streamWrites(database: Kysely<RegionSchema>, { said }: Commit) {
  return {
    async appendOutbox(destination, { seq, account, keyId, body, hash }, now) {
      said.push(destination)
      await database
        .insertInto('outbox')
        .values({ destination, seq, account, key_id: keyId, body, hash, created_at: now })
        .execute()
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
    async putCursor({ source, ...columns }) {
      await database
        .insertInto('cursor')
        .values({ source, ...columns })
        .onConflict((conflict) => conflict.column('source').doUpdateSet(columns))
        .execute()
    },
    async keepMessage({ source, account, keyId, body, reason }) {
      await database.insertInto('kept_message').values({ source, account, key_id: keyId, body, reason }).execute()
    },
    async forgetMessage(position) {
      await database.deleteFrom('kept_message').where('position', '=', position).execute()
    },
    async putPeer({ region, publicKey, incarnation }) {
      const columns = { public_key: publicKey, incarnation }
      await database
        .insertInto('peer')
        .values({ region, ...columns })
        .onConflict((conflict) => conflict.column('region').doUpdateSet(columns))
        .execute()
    },
  } satisfies Partial<RegionWrites>
}

function secretWrites(database: Kysely<RegionSchema>) {
  const putMaterial = async ({ id, account, keyId, ...sealed }: StoredMaterial): Promise<void> => {
    const columns = {
      generation: sealed.generation,
      domain_key_version: sealed.domainKeyVersion,
      record_version: sealed.recordVersion,
      salt: sealed.salt,
      iv: sealed.iv,
      ciphertext: sealed.ciphertext,
      tag: sealed.tag,
    }
    await database
      .insertInto('material')
      .values({ id, account, key_id: keyId, ...columns })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
      .execute()
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
      await database.insertInto('import_job').values(row).execute()
    },
    async deleteImportJobs(now) {
      await database.deleteFrom('import_job').where('expires_at', '<=', now).execute()
    },
    async putIdentity({ id, publicKey, wrapped }) {
      await database.insertInto('identity').values({ id, public_key: publicKey, wrapped }).execute()
    },
  } satisfies Partial<RegionWrites>
}
