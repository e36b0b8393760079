import type { Region } from '../../domain/region.ts'
import { recordDeploymentEvent } from '../../kernel/audit.ts'
import { acquaint, identityOf } from './acquaint.ts'
import type { OpenRegion } from './open-region.ts'
import type { Regions } from './regions.ts'

/**
 * Gives every Region that is here another identity. Others of this process know it at once, those of other places when
 * they next meet it, by the certificate that the former one has signed; who was away meanwhile, whenever that is.
 *
 * @param onRenewed told of each Region
 * @returns the Regions
 */
export async function renewIdentities(
  regions: Regions,
  now: number,
  onRenewed: (region: Region) => void,
): Promise<readonly Region[]> {
  await regions.idle()
  const renewed: Region[] = []
  for (const host of regions) {
    await renewIdentity(host, regions, now)
    onRenewed(host.region)
    renewed.push(host.region)
  }
  return renewed
}

/** Killed before others of this process have been told, they are told when they are opened again. */
async function renewIdentity(host: OpenRegion, regions: Regions, now: number): Promise<void> {
  const { region, journal, vault } = host
  const former = vault.identity.id
  const count = await journal.transaction(async (writes, note) => {
    const renewed = await vault.renewIdentity(writes)
    await note(
      recordDeploymentEvent({ eventName: 'RenewIdentity', now, region, requestParameters: { region, former } }),
    )
    return renewed
  })
  count()
  // One that was being opened has been told of the former identity.
  await regions.idle()
  const own = await identityOf(host)
  for (const other of regions) if (other !== host) await acquaint(other, own)
}
