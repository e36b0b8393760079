import { roleArn, userArn } from '../domain/identity-arn.ts'
import type { DeletedPrincipal, Role, User } from '../domain/identity.ts'
import type { GlobalReads, GlobalWrites } from './global-store.ts'

/** How many an account has; the oldest make room. */
const MOST = 1000
/** How many of one name are looked at for the last one. */
const MOST_OF_NAME = 100

/** A user or role, and the account that it is in. */
type Principal = { readonly account: string } & (
  | { readonly kind: 'user'; readonly content: User }
  | { readonly kind: 'role'; readonly content: Role }
)

/** Deletes a user or role, and keeps for a while that it was there: policies may name it still. */
export async function deletePrincipal(writes: GlobalWrites, principal: Principal, now: number): Promise<void> {
  const { account, kind, content } = principal
  const { id, name } = content
  await writes.deleteDocument({ kind, account, name: name.toLowerCase() })
  const kept = await writes.documents('deleted-principal', account, { after: null, limit: MOST })
  if (kept.length === MOST) {
    const oldest = kept.reduce((a, b) => (b.content.deletedAt < a.content.deletedAt ? b : a))
    await writes.deleteDocument({ kind: 'deleted-principal', account, name: oldest.name })
  }
  const arn = kind === 'user' ? userArn(account, content) : roleArn(account, content)
  const key = { kind: 'deleted-principal', account, name: `${prefixOf(kind, name)}${id}` } as const
  await writes.putDocument(key, { id, arn, deletedAt: now }, id)
}

/** The user or role that had a unique id, where it is known to have been deleted; else null. */
export async function deletedPrincipal(reads: GlobalReads, id: string): Promise<DeletedPrincipal | null> {
  return (await reads.documentById('deleted-principal', id))?.content ?? null
}

/** The last user or role of a name that is known to have been deleted; null where there is none. */
export async function lastOfName(
  reads: GlobalReads,
  kind: Principal['kind'],
  account: string,
  name: string,
): Promise<DeletedPrincipal | null> {
  const prefix = prefixOf(kind, name)
  const found = await reads.documents('deleted-principal', account, { after: prefix, limit: MOST_OF_NAME })
  const bearers = found.filter((each) => each.name.startsWith(prefix)).map(({ content }) => content)
  return bearers.toSorted((a, b) => b.deletedAt - a.deletedAt)[0] ?? null
}

function prefixOf(kind: Principal['kind'], name: string): string {
  return `${kind}/${name.toLowerCase()}/`
}
