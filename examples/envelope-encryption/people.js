// An application that encrypts columns of its own database: each row under a data key, the data keys under a key of
// Keyspan. The database, its backups and its disk hold ciphertext. SQLite here; PostgreSQL takes the same two tables.
//
//   npm install
//   eval "$(keyspan env)"
//   export KEY_ID=alias/people                    # a symmetric key
//
//   node people.js add ada 'Ada Lovelace' 1815-12-10
//   node people.js show ada
//   node people.js rotate                         # from now on a new data key; what is there stays readable
//   node people.js renew                          # every row under the newest data key, and the others are forgotten
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'

const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16
/** How long a data key may be used from memory: so long it works without Keyspan, and after a key was disabled. */
const CACHED_MS = 5 * 60 * 1000
/** What binds a data key to this database. Key policies can ask for it, and the audit log tells it. */
const CONTEXT = { application: 'people' }

const [action, ...args] = process.argv.slice(2)
const kms = new KMSClient({})
const database = new DatabaseSync(process.env.DATABASE ?? 'people.sqlite')
database.exec(`
  CREATE TABLE IF NOT EXISTS data_key (id INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS person (
    id TEXT PRIMARY KEY, data_key INTEGER NOT NULL REFERENCES data_key, name BLOB NOT NULL, birthday BLOB NOT NULL
  );`)

const cache = new Map()

/** A data key in clear text: from memory, or opened by Keyspan. */
async function openKey(id) {
  const cached = cache.get(id)
  if (cached !== undefined && cached.until > Date.now()) return cached.key
  const { sealed } = database.prepare('SELECT sealed FROM data_key WHERE id = ?').get(id)
  const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: sealed, EncryptionContext: CONTEXT }))
  return remember(id, Plaintext)
}

function remember(id, key) {
  cache.set(id, { key, until: Date.now() + CACHED_MS })
  return key
}

/** Makes the data key that is used from now on. */
async function makeKey() {
  const { Plaintext, CiphertextBlob } = await kms.send(
    new GenerateDataKeyCommand({ KeyId: process.env.KEY_ID, KeySpec: 'AES_256', EncryptionContext: CONTEXT }),
  )
  const { lastInsertRowid } = database.prepare('INSERT INTO data_key (sealed) VALUES (?)').run(CiphertextBlob)
  remember(Number(lastInsertRowid), Plaintext)
  return Number(lastInsertRowid)
}

async function newestKey() {
  return database.prepare('SELECT max(id) AS id FROM data_key').get().id ?? makeKey()
}

/** A value that is moved to another row or column does not open there: its place is authenticated with it. */
const placeOf = (id, column) => Buffer.from(JSON.stringify(['person', id, column]))

function seal(key, place, text) {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(place)
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

function open(key, place, sealed) {
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, IV_BYTES)).setAAD(place)
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8')
}

/** The columns of a person, as they are stored. */
async function sealRow(id, dataKey, { name, birthday }) {
  const key = await openKey(dataKey)
  return { name: seal(key, placeOf(id, 'name'), name), birthday: seal(key, placeOf(id, 'birthday'), birthday) }
}

async function openRow({ id, data_key: dataKey, name, birthday }) {
  const key = await openKey(dataKey)
  return { name: open(key, placeOf(id, 'name'), name), birthday: open(key, placeOf(id, 'birthday'), birthday) }
}

async function add(id, name, birthday) {
  const dataKey = await newestKey()
  const sealed = await sealRow(id, dataKey, { name, birthday })
  database
    .prepare('INSERT OR REPLACE INTO person (id, data_key, name, birthday) VALUES (?, ?, ?, ?)')
    .run(id, dataKey, sealed.name, sealed.birthday)
  return `${id} is there.`
}

async function show(id) {
  const row = database.prepare('SELECT * FROM person WHERE id = ?').get(id)
  if (row === undefined) throw new Error(`There is no ${id}.`)
  return JSON.stringify(await openRow(row))
}

/** Each row stands for itself: a renewal that was cut off goes on where it was, and one that is changed meanwhile stays. */
async function renew() {
  const newest = await newestKey()
  const rows = database.prepare('SELECT * FROM person WHERE data_key <> ?').all(newest)
  const change = database.prepare(
    'UPDATE person SET data_key = ?, name = ?, birthday = ? WHERE id = ? AND name = ? AND birthday = ?',
  )
  for (const row of rows) {
    const sealed = await sealRow(row.id, newest, await openRow(row))
    change.run(newest, sealed.name, sealed.birthday, row.id, row.name, row.birthday)
  }
  database.prepare('DELETE FROM data_key WHERE id <> ? AND id NOT IN (SELECT data_key FROM person)').run(newest)
  return `${rows.length} rows are under a new data key.`
}

const rotate = async () => `Data key ${await makeKey()} is used from now on.`

const actions = { add, show, rotate, renew }
if (!(action in actions)) throw new Error(`Say what to do: ${Object.keys(actions).join(', ')}.`)
console.log(await actions[action](...args))
