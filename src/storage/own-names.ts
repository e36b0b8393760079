import { AUDIT_KEYS } from './audit-keys.ts'
import type { DocumentKey } from '../domain/global-document.ts'
import type { GlobalReads, GlobalStore, GlobalWrites } from './global-store.ts'
import type { RegionStore } from './store.ts'

/** What stores have seen of logs is kept under names that begin so. */
export const WITNESSED = 'witnessed-'

/** Stands between a name and the process whose it is. */
const OF = '@'

/**
 * The name under which a store keeps something. Each process has audit logs of its own: where several serve one store,
 * one after the other, what is known of a log belongs to the process that writes it.
 *
 * @param node the name of the process; empty for the only one
 */
function nameFor(node: string, name: string): string {
  const isOwn = name === AUDIT_KEYS || name.startsWith(WITNESSED)
  return isOwn && node !== '' ? `${name}${OF}${node}` : name
}

/** What a store keeps, under the names by which one process knows it. */
export function metaOf(meta: ReadonlyMap<string, string>, node: string): ReadonlyMap<string, string> {
  const others = [...meta].filter(([name]) => !name.includes(OF))
  const own = [...meta].flatMap(([name, value]) =>
    name.endsWith(`${OF}${node}`) ? [[name.slice(0, -node.length - OF.length), value] as const] : [],
  )
  return node === '' ? new Map(others) : new Map([...others.filter(([name]) => nameFor(node, name) === name), ...own])
}

/** A Region's store as one of several processes knows it. */
export function regionStoreFor(store: RegionStore, node: string): RegionStore {
  if (node === '') return store
  return {
    ...store,
    reads: { ...store.reads, meta: (name) => store.reads.meta(nameFor(node, name)) },
    putMarks: (marks) => store.putMarks(marksFor(node, marks)),
  }
}

/** The global store as one of several processes knows it. */
export function globalStoreFor(store: GlobalStore, node: string): GlobalStore {
  if (node === '') return store
  const keyFor = <Key extends DocumentKey>(key: Key): Key =>
    key.kind === 'trail-delivery' ? { ...key, name: `${key.name}${OF}${node}` } : key
  const readsFor = <Reads extends GlobalReads>(reads: Reads): Reads => ({
    ...reads,
    meta: (name: string) => reads.meta(nameFor(node, name)),
    document: ((key) => reads.document(keyFor(key))) satisfies GlobalReads['document'],
  })
  const writesFor = (writes: GlobalWrites): GlobalWrites => ({
    ...readsFor(writes),
    putDocument: (key, content, id) => writes.putDocument(keyFor(key), content, id),
    deleteDocument: (key) => writes.deleteDocument(keyFor(key)),
  })
  return {
    ...store,
    reads: readsFor(store.reads),
    transaction: (work) => store.transaction((writes) => work(writesFor(writes))),
    putMarks: (marks) => store.putMarks(marksFor(node, marks)),
  }
}

function marksFor(node: string, marks: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...marks].map(([name, value]) => [nameFor(node, name), value]))
}
