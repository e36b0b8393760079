import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'
import { uint32 } from '../crypto/canonical.ts'
import { deriveKey } from '../crypto/kdf.ts'
import { newestOf, unwrapSecretOfAny, wrapSecret, wrapSecretAgain, type DomainKey } from '../crypto/sealing/keyring.ts'
import { cut } from '../domain/text/cut.ts'

/** A row that is not as this server has written it. */
export class RowError extends Error {}

/** What a column holds. */
type Cell = string | number | Uint8Array | null
type Row = Readonly<Record<string, Cell>>
type SealedRow = Row & { readonly mac: Uint8Array }

/**
 * Authenticates the rows of one database: each carries a MAC over its table and all its columns.
 *
 * Whoever can write the database and has not the root key cannot change a row, move it to another table or database,
 * or make one. A row that is missing, or put back as it once was, is found by the digest of all rows.
 */
export interface RowSeal {
  /** The row with its MAC. */
  seal<Columns extends Row>(table: string, row: Columns): Columns & { readonly mac: Buffer }
  /**
   * The row, once it is known to be authentic.
   *
   * @throws RowError
   */
  open<Columns extends SealedRow>(table: string, row: Columns): Columns
  /** Encrypts a text that only this server may read. @param of what in the table it belongs to */
  hide(table: string, of: string, text: string): string
  /**
   * The text that was hidden.
   *
   * @throws RowError
   */
  show(table: string, of: string, hidden: string): string
  /**
   * Encrypts a hidden text under the newest domain key; one that is so already stays as it is.
   *
   * @throws RowError
   */
  hideAgain(table: string, of: string, hidden: string): string
}

const TEXT_LABEL = 'kms/row-text/v1'
const VERSION_BYTES = 4
/** How much of a row's name an error tells, in characters. */
const MAX_NAME = 300

/**
 * The seal of the database that these domain keys belong to; the newest of them seals. There may be more of them later.
 *
 * @param believed whether a row is believed by a domain key: by one that is not retired, unless told otherwise
 */
export function createRowSeal(
  domainKeys: readonly DomainKey[],
  place: string,
  believed: (domainKey: DomainKey) => boolean = ({ isRetired }) => isRetired !== true,
): RowSeal {
  const derived = new Map<number, KeyObject>()

  function keyOf({ version, key }: DomainKey): KeyObject {
    const known = derived.get(version) ?? deriveKey(key, 'kms/row/v1', Buffer.from(place))
    derived.set(version, known)
    return known
  }

  function macOf(version: number, table: string, row: Row): Buffer | null {
    const domainKey = domainKeys.find((each) => each.version === version)
    if (domainKey === undefined || !believed(domainKey)) return null
    return Buffer.concat([uint32(version), digest(keyOf(domainKey), table, row)])
  }

  return {
    seal(table, row) {
      const mac = macOf(newestOf(domainKeys).version, table, row)
      if (mac === null) throw new Error('INVARIANT: the newest domain key is believed')
      return { ...row, mac }
    },
    open(table, row) {
      // A row of an older version of the schema that was added by hand has none.
      const mac = Buffer.from(row.mac ?? [])
      const expected = mac.length > VERSION_BYTES ? macOf(mac.readUInt32BE(), table, row) : null
      if (expected !== null && mac.length === expected.length && timingSafeEqual(mac, expected)) return row
      throw damaged(nameOf(row), table, place)
    },
    hide(table, of, text) {
      return wrapSecret(newestOf(domainKeys), TEXT_LABEL, `${place}/${table}/${of}`, Buffer.from(text))
    },
    show(table, of, hidden) {
      const bytes = unwrapSecretOfAny(domainKeys, TEXT_LABEL, `${place}/${table}/${of}`, hidden)
      if (bytes === null) throw damaged(of, table, place)
      const text = bytes.toString()
      bytes.fill(0)
      return text
    },
    hideAgain(table, of, hidden) {
      const again = wrapSecretAgain(domainKeys, TEXT_LABEL, `${place}/${table}/${of}`, hidden)
      if (again === null) throw damaged(of, table, place)
      return again
    },
  }
}

function damaged(row: string, table: string, place: string): RowError {
  return new RowError(
    `The row ${row} of the table ${table} in ${place} is not as this server has written it: the file was ` +
      'changed or is damaged. Restore a backup.',
  )
}

/** INVARIANT: no two rows have the same text. A column that is null is left out: a later version may add some. */
function digest(key: KeyObject, table: string, row: Row): Buffer {
  const names = Object.keys(row).filter((name) => name !== 'mac' && row[name] !== null)
  const cells = names.toSorted().map((name) => [name, plain(row[name] ?? null)])
  return createHmac('sha256', key)
    .update(JSON.stringify([table, ...cells]))
    .digest()
}

/** What tells a person which row it is; it may be damaged itself. */
function nameOf(row: Row): string {
  const names = ['account', 'kind', 'id', 'name', 'key_id', 'destination', 'seq', 'source', 'region']
  const cells = names.filter((name) => (row[name] ?? null) !== null).map((name) => `${name}=${String(row[name])}`)
  return JSON.stringify(cut(cells.join(', '), MAX_NAME))
}

function plain(cell: Cell): unknown {
  return cell instanceof Uint8Array ? [Buffer.from(cell).toString('base64')] : cell
}
