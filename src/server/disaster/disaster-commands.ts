import { z } from 'zod'
import { arnOf } from '../../domain/key.ts'
import { isCommercialRegion, type Region } from '../../domain/region.ts'
import { acknowledge, isGone, putBackOf } from '../../replication/lives.ts'
import { CommandError } from '../command-error.ts'
import { FIRST_ACCOUNT } from '../data/accounts.ts'
import type { Peers } from '../peers/peers.ts'
import type { OpenRegion } from '../regions/open-region.ts'
import type { Regions } from '../regions/regions.ts'
import type { ReplicationLoop } from '../regions/replication-loop.ts'
import { forcePrimary, isToBeForced, keyMeant } from './force-primary.ts'
import { forgetRegion, lossOf, whyNotForgotten } from './forget-region.ts'
import { declaredText, forcingText, forgottenText, lossText, recoverText } from './texts.ts'
import { takenBack } from './taken-back.ts'

const forgetRequest = z.object({ region: z.string(), isAgreed: z.boolean() })
const recoverRequest = z.object({ region: z.string(), since: z.number().nullable(), isAgreed: z.boolean() })
const forceRequest = z.object({ key: z.string(), to: z.string(), destroyed: z.string(), isAgreed: z.boolean() })

/** What commands about lost and restored Regions are done with. */
export interface Disasters {
  readonly regions: Regions
  /** Null where all Regions are here. */
  readonly peers: Pick<Peers, 'distrust' | 'remote'> | null
  readonly loop: Pick<ReplicationLoop, 'settle'>
  readonly audits: string
  readonly now: () => number
}

/** Does what a command says of a Region that is lost, or was put back. */
export async function obeyOfDisasters(
  path: '/region/forget' | '/region/recover' | '/mrk/force-primary',
  body: unknown,
  { disasters }: { readonly disasters: Disasters },
): Promise<object> {
  switch (path) {
    case '/region/forget':
      return forgetHere(forgetRequest.parse(body), disasters)
    case '/region/recover':
      return acknowledgeHere(recoverRequest.parse(body), disasters)
    case '/mrk/force-primary': {
      const { to, isAgreed, ...asked } = forceRequest.parse(body)
      const host = openOne(disasters.regions, to)
      if (await isToBeForced(host, asked)) {
        await requireDestroyed(disasters, host, asked)
        if (!isAgreed) throw new CommandError(forcingText(asked.key, to, asked.destroyed))
      }
      await forcePrimary(host, asked, disasters.now())
      // Where all others are here, they answer at once.
      await disasters.loop.settle()
      return forcePrimary(host, asked, disasters.now())
    }
  }
}

async function forgetHere(
  { region, isAgreed }: z.infer<typeof forgetRequest>,
  { regions, peers, loop, now }: Disasters,
): Promise<object> {
  if (regions.get(region) !== undefined) {
    throw new CommandError(`${region} is served here, and not gone. Only a Region that is lost is forgotten.`)
  }
  const whyNot = await whyNotForgotten(regions, region)
  if (whyNot !== null) throw new CommandError(whyNot)
  const loss = await lossOf(regions, region)
  if (!isAgreed) {
    const isUp = (await peers?.remote.countKeysIn(region, FIRST_ACCOUNT)) !== undefined
    throw new CommandError(`${isUp ? `${region} is up, and answers. ` : ''}${lossText(region, loss)}`)
  }
  await forgetRegion(regions, region, now())
  await peers?.distrust(region)
  await loop.settle()
  return { text: forgottenText(region, loss), region, ...loss }
}

async function acknowledgeHere(
  { region, since, isAgreed }: z.infer<typeof recoverRequest>,
  { regions, audits }: Disasters,
): Promise<object> {
  const { store, journal } = openOne(regions, region)
  const putBack = await putBackOf(store.reads)
  if (putBack === null) {
    throw new CommandError(
      `${region} has not noticed that it was put back or declared to be gone, or somebody has agreed to it. To say that it was, stop the server.`,
    )
  }
  if (!isAgreed && putBack.isDeclared) throw new CommandError(declaredText(region, putBack.why))
  const events = since === null ? null : await takenBack(audits, region, since)
  if (!isAgreed) throw new CommandError(recoverText(region, putBack.why, events))
  await journal.transaction((writes) => acknowledge({ writes }))
  return { text: `${region}: agreed.`, region }
}

/**
 * The primary of a key is gone where its Region has forgotten the key, or somebody has said that the Region is gone.
 *
 * @param host the Region that is to have the key's authority
 * @throws CommandError where it is not
 */
async function requireDestroyed(
  { regions, peers }: Disasters,
  { store }: OpenRegion,
  { key, destroyed }: { readonly key: string; readonly destroyed: Region },
): Promise<void> {
  const { account, keyId } = keyMeant(key)
  if (regions.served.includes(destroyed)) {
    const kept = (await regions.get(destroyed)?.store.reads.key(account, keyId)) ?? null
    if (kept === null) return
    throw new CommandError(`${destroyed} is served here, and has ${arnOf(kept)}. ${UPDATE_INSTEAD}`)
  }
  if (await isGone(store.reads, destroyed)) return
  const found = await peers?.remote.keyIn(destroyed, account, keyId)
  if (found === null) return
  throw new CommandError(
    found === undefined
      ? `${destroyed} cannot be asked, and nobody has said here that it is gone. If it is gone for good, say so first, on ` +
          `every server that is left: keyspan region forget ${destroyed}. If it is out of reach only, wait until it is back.`
      : `${destroyed} is up, and has ${found.arn}: it is not destroyed. ${UPDATE_INSTEAD}`,
  )
}

const UPDATE_INSTEAD = 'To give its authority to another Region: aws kms update-primary-region.'

/** @throws CommandError */
function openOne(regions: Regions, region: Region): OpenRegion {
  const host = regions.get(region)
  if (host !== undefined) return host
  if (!isCommercialRegion(region)) throw new CommandError(`"${region}" is not a commercial AWS Region.`)
  throw new CommandError(`${region} is not served here, or holds nothing. Say it on the server of ${region}.`)
}
