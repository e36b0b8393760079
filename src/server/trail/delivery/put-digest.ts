import type { DigestPlan, TrailDelivery } from '../../../domain/trail/delivery.ts'
import { compress } from './compress.ts'
import type { DigestSigner } from './digest-key.ts'
import { makeDigest } from './digest.ts'
import type { TrailStore } from './trail-store.ts'

/**
 * Puts the digest that is planned; gives the chains as they go on from it.
 *
 * @throws DeliveryError
 */
export async function putDigest(
  store: TrailStore,
  account: string,
  plan: DigestPlan,
  chains: TrailDelivery['chains'],
  signer: DigestSigner,
  signal: AbortSignal,
): Promise<TrailDelivery['chains']> {
  const { [plan.region]: chain, ...others } = chains
  if (chain === undefined) throw new Error('INVARIANT: a digest that is planned has a chain')
  const { text, hash, signature, metadata } = makeDigest(account, plan, chain, signer)
  const { bucket, object, endsAt: since } = plan
  await store.put({ bucket, object, bytes: await compress(text), metadata }, signal)
  if (plan.isLast) return others
  return { ...others, [plan.region]: { since, files: [], previous: { bucket, object, hash, signature } } }
}
