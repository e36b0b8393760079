import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { PARTITION } from '../../domain/region.ts'
import type { RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { openDomainKeysOf } from '../../storage/check-store.ts'
import { readDomainKeyRows } from '../../storage/domain-key-rows.ts'
import { SERVED, takeHold, sessionName, type Hold } from '../../storage/postgres/hold.ts'
import { postgresHouse } from '../../storage/postgres/postgres-house.ts'
import { isAway, messageOf, type SessionOptions } from '../../storage/postgres/sessions.ts'
import { DEPLOYMENT } from '../../storage/sql/common.ts'
import type { StoreHouse } from '../../storage/house/store-house.ts'
import type { DatabaseConfig } from '../config/database.ts'
import { DataDirectoryError, type DataDirectory } from './data-directory.ts'
import { replaceFile } from '../../storage/whole-file.ts'
import { nodeOf, openNode, requireNoFiles, type Kept } from './kept.ts'
import { readSecretFile } from './secret-file.ts'

/** How soon a database that cannot be reached is tried again. */
const AGAIN_MS = 1000

/** SQLSTATE's for what a user may not do. */
const FORBIDDEN = '42501'

/** How long a command waits for the end of a lease: a bit longer than one lasts. */
const PATIENCE_MS = 8000

/** Stores in PostgreSQL, which this process holds. */
export interface HeldStores extends Kept {
  readonly hold: Hold
  /** What a person may read of where they are. */
  readonly address: string
  close(): Promise<void>
}

/** What is told meanwhile, and asked. */
export interface Entering {
  /** Told again and again why this process waits. */
  readonly onWait: (reason: string) => void
  /** Opens the root key, as soon as it is known whether there is one. */
  readonly openRoot: (isNew: boolean) => Promise<RootKeyProvider>
}

/** How a database is asked. @throws KeyringError where its password cannot be read */
export async function sessionOptions({ address, passwordFile }: DatabaseConfig, name: string): Promise<SessionOptions> {
  if (passwordFile === null) return { address, password: null, name }
  const bytes = await readSecretFile(passwordFile, 'password file')
  if (bytes === null) throw new DataDirectoryError(`The password file ${passwordFile} is missing.`)
  const [password = ''] = bytes.toString().split(/\r?\n/)
  bytes.fill(0)
  if (password === '')
    throw new DataDirectoryError(`The password file ${passwordFile} is empty: its first line counts.`)
  return { address, password, name }
}

/**
 * Waits until nobody else serves the stores of a database, and takes them.
 *
 * The root key is opened first, and tried: a process that could not take over says so at its start.
 */
export async function enterPostgres(
  config: DatabaseConfig,
  data: DataDirectory,
  { onWait, openRoot }: Entering,
): Promise<{ readonly kept: HeldStores; readonly root: RootKeyProvider }> {
  const id = randomUUID()
  const options = await sessionOptions(config, sessionName(id))
  requireNoFiles(data)
  await replaceFile(data.elsewhere, `${options.address.text}\n`)
  const node = await openNode(data)
  const looking = postgresHouse(options, null)
  try {
    const isBegun = async () => (await readDomainKeyRows(looking, 'global')).length > 0
    const early = (await untilAnswered(isBegun, onWait)) ? await openRoot(false) : null
    if (early !== null) await requireOpens(looking, early)
    const hold = await mayMake(options, takeHold({ options, id, node, onWait }))
    // Another may have begun meanwhile.
    const root = early ?? (await openRoot(!(await isBegun())))
    const stores = postgresHouse(options, hold)
    const close = async () => {
      await stores.close()
      await hold.release()
    }
    return {
      kept: { stores, node, isOwnLog: hold.formerNode === node, hold, address: options.address.text, close },
      root,
    }
  } finally {
    await looking.close()
  }
}

/** Finds the stores of a database for a command that changes nothing, whoever may serve them. */
export async function lookAtPostgres(
  config: DatabaseConfig,
  data: DataDirectory,
): Promise<Kept & { readonly close: () => Promise<void> }> {
  const options = await sessionOptions(config, 'keyspan')
  const stores = postgresHouse(options, null)
  try {
    await stores.places()
  } catch (error) {
    await stores.close()
    throw isAway(error)
      ? new DataDirectoryError(`PostgreSQL cannot be asked: ${messageOf(error)}.`, { cause: error })
      : error
  }
  return { stores, node: nodeOf(data) ?? '', isOwnLog: true, close: () => stores.close() }
}

/**
 * Takes the stores of a database for a command, which waits no longer than for one that was killed.
 *
 * @throws DataDirectoryError where another process serves them, or nobody answers
 */
export async function takePostgres(config: DatabaseConfig, data: DataDirectory): Promise<HeldStores> {
  const id = randomUUID()
  const options = await sessionOptions(config, sessionName(id))
  const node = nodeOf(data) ?? ''
  const begun = performance.now()
  const onWait = (reason: string) => {
    if (performance.now() - begun < PATIENCE_MS) return
    const whatToDo = reason === SERVED ? ' Say it in the data directory of that process, or stop it.' : ''
    throw new DataDirectoryError(`${options.address.text} cannot be used: ${reason}.${whatToDo}`)
  }
  const hold = await mayMake(options, takeHold({ options, id, node, onWait }))
  const stores = postgresHouse(options, hold)
  const close = async () => {
    await stores.close()
    await hold.release()
  }
  return { stores, node, isOwnLog: hold.formerNode === node, hold, address: options.address.text, close }
}

/** Says of a user who may make no schemas what is to be done. */
async function mayMake({ address: { user, database } }: SessionOptions, taken: Promise<Hold>): Promise<Hold> {
  try {
    return await taken
  } catch (error) {
    if ((error as { code?: string }).code !== FORBIDDEN) throw error
    throw new DataDirectoryError(
      `The user ${user} may make no schemas in the database "${database}". Let it have that: ALTER DATABASE ` +
        `"${database}" OWNER TO "${user}"`,
      { cause: error },
    )
  }
}

async function untilAnswered<Answer>(ask: () => Promise<Answer>, onWait: (reason: string) => void): Promise<Answer> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isAway(error)) throw error
      onWait(`PostgreSQL cannot be asked: ${messageOf(error)}`)
      await sleep(AGAIN_MS)
    }
  }
}

/** @throws KeyringError where a root key does not open what there is */
async function requireOpens(stores: StoreHouse, root: RootKeyProvider): Promise<void> {
  await using global = await stores.snapshot('global')
  const deployment = String((await global.find('meta', { name: DEPLOYMENT }))?.['value'] ?? '')
  await openDomainKeysOf(global, root, { deployment, partition: PARTITION, region: 'global' })
}
