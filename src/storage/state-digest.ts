import { createHmac, randomBytes, type KeyObject } from 'node:crypto'
import type { StateCommitment } from '../crypto/transparency/checkpoint.ts'
import { deriveKey } from '../crypto/kdf.ts'
import type { DomainKey } from '../crypto/sealing/keyring.ts'
import type { RowExpression } from './store-database.ts'

/** Where a store keeps what it is: how often it has changed, and the digest of its rows. */
export const STATE = 'changes'

/** The rows that decide and carry no MAC: materials are bound to all that they say by their own encryption. */
const MATERIAL = 'material'
const MATERIAL_NAME: RowExpression = (row, dialect) =>
  dialect === 'sqlite'
    ? `${row}.id || ':' || hex(${row}.tag)`
    : `convert_to(${row}.id || ':' || upper(encode(${row}.tag, 'hex')), 'UTF8')`

/** Rows are numbered modulo this. */
const MODULUS = 2n ** 256n
/** No two sums are hidden by one mask. */
const NONCE_BYTES = 16

/** A state, and how it came about. */
export interface State {
  /** How many changes have made it. */
  readonly changes: number
  /** How many transactions have made it: changes, and what is kept of other stores. */
  readonly writes: number
  /** Made by chance when the digest was begun. */
  readonly begun: string
  /** The sum of all rows. It must stay secret: who sees sums can find rows that have the same one. */
  readonly sum: bigint
}

/**
 * The digest of the rows of one store: the sum, modulo 2^256, of a keyed function of each of them. It is kept up with
 * each change without a look at other rows, and is the same however it came about.
 *
 * A row stands for itself by its MAC, which binds it to all that it says. The function has a key of its own: MACs can be
 * seen by who has the file, and sums of what can be seen can be solved for.
 */
export interface StateDigest {
  /** What the digest is over, with what identifies a row. */
  readonly tables: ReadonlyMap<string, RowExpression>
  /** What a row adds to the sum; nothing where there is none. */
  term(table: string, row: unknown): bigint
  /** What others may see of a state. */
  commit(state: State): StateCommitment
  /** A state as it is kept: nobody else can read the sum in it. */
  textOf(state: State): string
  /** Reads a state that was kept; without a sum where there was no digest then. */
  parse(text: string): State | { readonly changes: number; readonly sum: null }
}

/** The digest of the store that these domain keys belong to. Its keys are derived from the first of them. */
export function createStateDigest(
  tables: readonly string[],
  domainKeys: readonly DomainKey[],
  place: string,
): StateDigest {
  const [first] = domainKeys
  if (first === undefined) throw new Error('INVARIANT: a database has a domain key')
  const rowKey = deriveKey(first.key, 'kms/state-row/v1', Buffer.from(place))
  const stateKey = deriveKey(first.key, 'kms/state/v1', Buffer.from(place))
  const maskKey = deriveKey(first.key, 'kms/state-mask/v1', Buffer.from(place))
  const maskOf = (nonce: string) => toNumber(hmac(maskKey, Buffer.from(nonce)))
  const expressions = new Map<string, RowExpression>(tables.map((table) => [table, (row) => `${row}.mac`]))
  // What keeps the sum is no part of it.
  expressions.set('meta', (row) => `case when ${row}.name = '${STATE}' then null else ${row}.mac end`)
  if (place !== 'global') expressions.set(MATERIAL, MATERIAL_NAME)
  return {
    tables: expressions,
    term(table, row) {
      if (row === null) return 0n
      const name = typeof row === 'string' ? Buffer.from(row) : Buffer.from(row as Uint8Array)
      return toNumber(hmac(rowKey, Buffer.concat([Buffer.from(`${table}\0`), name])))
    },
    textOf({ changes, writes, begun, sum }) {
      const nonce = randomBytes(NONCE_BYTES).toString('hex')
      return `${changes} ${writes} ${begun} ${nonce} ${hexOf(changeSum(sum, 0n, maskOf(nonce)))}`
    },
    parse(text) {
      const [changes, writes, begun, nonce, masked] = text.split(' ')
      if (begun === undefined || nonce === undefined) return { changes: Number(changes), sum: null }
      const sum = changeSum(BigInt(`0x${masked}`), maskOf(nonce), 0n)
      return { changes: Number(changes), writes: Number(writes), begun, sum }
    },
    commit: ({ begun, writes, sum }) => ({
      begun,
      writes,
      digest: hmac(stateKey, Buffer.from(`${begun} ${writes} ${hexOf(sum)}`)).toString('base64'),
    }),
  }
}

/** The sum once one thing was taken from it and another added. */
export function changeSum(sum: bigint, taken: bigint, added: bigint): bigint {
  return (sum - taken + added + MODULUS) % MODULUS
}

function hmac(key: KeyObject, bytes: Uint8Array): Buffer {
  return createHmac('sha256', key).update(bytes).digest()
}

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`)
}

function hexOf(sum: bigint): string {
  return sum.toString(16).padStart(64, '0')
}
