import { isSuccessor } from '../../crypto/identity-certificate.ts'
import type { Region } from '../../domain/region.ts'
import { hasEnded, isAgreedPutBack, isGone as isDeclaredGone, welcome } from '../../replication/lives.ts'
import type { RegionStore, StoredPeer } from '../../storage/store.ts'
import type { Vault } from '../../storage/vault.ts'
import { DataDirectoryError } from '../data/data-directory.ts'

/** A Region as others are told of it. */
export interface KnownRegion extends StoredPeer {
  /** The certificates by which those who know a former identity know this one, the newest first. */
  readonly succession: readonly Buffer[]
  /** Whether an operator of this process has said that it was put back: its identity may be a former one. */
  readonly isPutBack?: boolean
}

interface Host {
  readonly region: Region
  readonly store: RegionStore
  readonly vault: Pick<Vault, 'identity'>
}

/** What others must know of a Region to trust it. */
export async function identityOf({ region, store, vault }: Host): Promise<KnownRegion> {
  const incarnation = (await store.reads.meta('stream-incarnation')) ?? ''
  const { publicKey, succession } = vault.identity
  return { region, publicKey, incarnation, succession, isPutBack: await isAgreedPutBack(store.reads) }
}

/** Lets a Region and others of the same process trust each other. An identity that has changed since is refused. */
export async function introduce(host: Host, others: readonly Host[]): Promise<void> {
  const own = await identityOf(host)
  for (const other of others) {
    await acquaint(host, await identityOf(other))
    await acquaint(other, own)
  }
}

/**
 * Lets a Region trust another, or its renewed identity.
 *
 * @throws DataDirectoryError where it knows one of another identity by that name
 */
export async function acquaint({ store }: Pick<Host, 'store'>, other: KnownRegion): Promise<void> {
  const { region, publicKey, incarnation, isPutBack = false } = other
  const known = await store.reads.peer(region)
  const isGone = await isDeclaredGone(store.reads, region)
  if (isGone && (await hasEnded(store.reads, region, incarnation))) {
    throw new DataDirectoryError(
      `${region} was declared to be gone for good, and goes on as what it was. Say on its server, stopped: keyspan ` +
        `region recover ${region}`,
    )
  }
  if (known === null || isGone) return store.transaction((writes) => welcome(writes, other))
  // Of a Region that was put back it hears by itself.
  if (known.publicKey.equals(publicKey)) return
  // SECURITY: nobody says so of the life in which it is known.
  const isFormer = isPutBack && known.incarnation !== incarnation
  if (isFormer || isRenewed(known, other)) {
    return store.transaction((writes) => writes.putPeer({ ...known, publicKey }))
  }
  throw new DataDirectoryError(
    `${region} is not the Region that ${store.region} knows by that name: its database was lost, replaced, or put back to ` +
      'before its identity was renewed. If it was put back from a backup, say on a server that is stopped: keyspan region ' +
      `recover ${region}. If it is gone for good: keyspan region forget ${region}`,
  )
}

/** Lets a Region trust another under whatever identity it has now: somebody has compared its fingerprint. */
export function acquaintAnew({ store }: Pick<Host, 'store'>, other: StoredPeer): Promise<void> {
  return store.transaction((writes) => writes.putPeer(other))
}

/** Whether a Region is the one that is known, under an identity that has come from the known one. */
export function isRenewed(known: StoredPeer, other: KnownRegion): boolean {
  return isSuccessor(other.publicKey, other.succession, known.publicKey)
}
