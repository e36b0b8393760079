import { parseArn } from '../../../domain/arn.ts'
import type { Region } from '../../../domain/region.ts'
import { isSeenIn, trailArn, trailFile, type Trail } from '../../../domain/trail/trail.ts'
import { need, type Need } from '../../../kernel/access/need.ts'
import type { Call } from '../../../kernel/call.ts'
import type { GlobalReads, GlobalWrites } from '../../../storage/global-store.ts'
import { errors } from '../errors.ts'
import { requireTrailName } from './names.ts'

/** More trails than an account can have, in all Regions together. */
const MAX_TRAILS = 1000
/** What a trail may have to deliver as it was asked for at different times. */
const MAX_STRETCHES = 100

/** A trail that a request names. */
export interface NamedTrail {
  /** Its ARN, whether or not there is such a trail. */
  readonly arn: string
  /** Null where there is none, as far as it is seen in the Region that is asked. */
  readonly trail: Trail | null
}

/** All trails of an account, by their home Regions and names. */
export async function trailsOf(reads: GlobalReads, account: string): Promise<readonly Trail[]> {
  const found = await reads.documents('trail', account, { after: null, limit: MAX_TRAILS })
  return found.map(({ content }) => content)
}

/**
 * Finds a trail by its name, or by its ARN.
 *
 * @throws InvalidTrailNameException, CloudTrailARNInvalidException
 */
export async function findTrail(
  reads: GlobalReads,
  given: string,
  { caller: { account }, region }: Call,
): Promise<NamedTrail> {
  const trails = await trailsOf(reads, account)
  if (!given.startsWith('arn:')) {
    requireTrailName(given)
    const seen = trails.filter((each) => each.name === given && isSeenIn(each, region))
    const trail = seen.find(({ homeRegion }) => homeRegion === region) ?? seen[0] ?? null
    return { arn: trailArn(trail ?? { account, homeRegion: region, name: given }), trail }
  }
  const arn = requireTrailArn(given)
  const trail = trails.find((each) => trailArn(each) === arn && isSeenIn(each, region))
  return { arn, trail: trail ?? null }
}

function requireTrailArn(text: string): string {
  const arn = parseArn(text)
  const isOne = arn?.service === 'cloudtrail' && /^\d{12}$/.test(arn.account) && /^trail\/./.test(arn.resource)
  if (isOne) return text
  throw errors.CloudTrailARNInvalidException(
    `"${text}" is no ARN of a trail. One is arn:aws:cloudtrail:us-east-1:111122223333:trail/name.`,
  )
}

/**
 * Finds what has tags, by its ARN.
 *
 * @throws CloudTrailARNInvalidException, ResourceTypeNotSupportedException
 */
export async function findTagged(reads: GlobalReads, arn: string, call: Call): Promise<NamedTrail> {
  const { service, resource } = parseArn(arn) ?? {}
  if (service === 'cloudtrail' && /^(?:channel|dashboard|eventdatastore)\//.test(resource ?? '')) {
    throw errors.ResourceTypeNotSupportedException(`${arn} is no trail, and only trails are here.`)
  }
  return findTrail(reads, requireTrailArn(arn), call)
}

/** @throws ResourceNotFoundException */
export function requireTagged({ trail, arn }: NamedTrail): Trail {
  if (trail !== null) return trail
  throw errors.ResourceNotFoundException(`There is no trail ${arn} in this account and Region.`)
}

/** The permission to do something with a trail, whose tags conditions can ask for. */
export function needFor(
  operation: string,
  { arn, trail }: NamedTrail,
  { region }: Call,
  context = {},
): readonly Need[] {
  const tags = Object.fromEntries((trail?.tags ?? []).map(({ key, value }) => [`aws:ResourceTag/${key}`, value]))
  return [need(`cloudtrail:${operation}`, arn, region, { ...tags, ...context })]
}

/** @throws TrailNotFoundException */
export function requireTrail({ trail, arn }: NamedTrail, { region, caller: { account } }: Call): Trail {
  if (trail !== null) return trail
  throw errors.TrailNotFoundException(`Unknown trail: ${arn} for the user: ${account} in ${region}.`)
}

/**
 * A trail where its home Region is asked.
 *
 * @throws TrailNotFoundException, InvalidHomeRegionException
 */
export function requireAtHome(named: NamedTrail, call: Call): Trail {
  const trail = requireTrail(named, call)
  if (trail.homeRegion === call.region) return trail
  throw errors.InvalidHomeRegionException(
    `The home Region of the trail ${named.arn} is ${trail.homeRegion}: change it there, and not in ${call.region}.`,
  )
}

/**
 * A trail that is to be changed.
 *
 * @throws TrailNotFoundException, InvalidHomeRegionException, ThrottlingException
 */
export function requireChangeable(named: NamedTrail, call: Call): Trail {
  const trail = requireAtHome(named, call)
  if (trail.stretches.length >= MAX_STRETCHES) {
    throw errors.ThrottlingException(
      `The trail ${named.arn} was changed ${MAX_STRETCHES} times, and what was recorded between is not delivered yet. ` +
        'Ask again once it is: GetTrailStatus says what keeps it.',
    )
  }
  return trail
}

/** Keeps a trail as it is now. */
export async function putTrail(writes: GlobalWrites, trail: Trail): Promise<void> {
  await writes.putDocument({ kind: 'trail', account: trail.account, name: trailFile(trail) }, trail)
}

/** The trails that are seen in a Region. */
export function seenIn(trails: readonly Trail[], region: Region): readonly Trail[] {
  return trails.filter((each) => isSeenIn(each, region))
}
