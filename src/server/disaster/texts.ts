import type { Region } from '../../domain/region.ts'
import type { Loss } from './forget-region.ts'
import { takenBackText, type takenBack } from './taken-back.ts'

/** So many keys are named. */
const NAMED = 20

/** What becomes of keys when a Region is forgotten, before that is agreed to. */
export function lossText(gone: Region, loss: Loss): string {
  return (
    `${gone} would be gone for good: it is a member of no key any more, nothing that it says is heard, and what it had ` +
    `alone is lost. Its server must never run again as what it was.\n${listText(gone, loss)}` +
    'Nothing undoes this. To go on, add --yes.'
  )
}

/** The same once it is done. */
export function forgottenText(gone: Region, loss: Loss): string {
  return `${gone} is forgotten by the Regions here. Say the same on every other server.\n${listText(gone, loss)}`
}

function listText(gone: Region, { members, headless, moving }: Loss): string {
  return [
    part(`Keys that go on without their replica in ${gone}`, members),
    part(`Keys whose move to ${gone} is ended as soon as all others have answered`, moving),
    part(`Keys whose primary was in ${gone}: give them another with keyspan mrk force-primary`, headless),
  ].join('')
}

function part(title: string, arns: readonly string[]): string {
  if (arns.length === 0) return ''
  const more = arns.length > NAMED ? `  ... and ${arns.length - NAMED} more\n` : ''
  return `${title}: ${arns.length}\n${arns
    .slice(0, NAMED)
    .map((arn) => `  ${arn}\n`)
    .join('')}${more}`
}

/**
 * What a Region that was put back has forgotten, before that is agreed to.
 *
 * @param events what was taken away since; null where nobody has said since when
 */
export function recoverText(region: Region, why: string, events: Events): string {
  const known = eventsText(events, 'Say --since with the time of the data', 'this directory')
  return (
    `${region} was put back: ${why}. Keys that were disabled since are enabled again, grants that were revoked are back, ` +
    `and so are keys and aliases that were deleted. Do these things again where they still matter.\n${known}` +
    'To agree, add --yes.'
  )
}

/** What has become of a Region that lives and was declared to be gone, before that is agreed to. */
export function declaredText(region: Region, why: string): string {
  return (
    `${region} was declared to be gone for good: ${why}. It has begun again, asks all others, and has those of its keys ` +
    'for which they still count it. To agree, add --yes. Then, where it is not trusted any more: keyspan region trust'
  )
}

/** What a backup brings back, before that is agreed to. */
export function restoreText(takenAt: string, events: Events): string {
  const known = eventsText(events, 'Say --replaces with the data directory that is replaced', 'that directory')
  return (
    `The backup is of ${takenAt}. Keys that were disabled since are enabled again with it, grants and access keys that ` +
    `were revoked are back, and so is what was deleted. Do these things again where they still matter.\n${known}` +
    'Nothing was put back. To go on, add --yes.'
  )
}

type Events = Awaited<ReturnType<typeof takenBack>> | null

function eventsText(events: Events, unknown: string, where: string): string {
  if (events === null) return `${unknown}, to see what its audit logs know of that.\n`
  if (events.events.length === 0) return `The audit logs of ${where} know of nothing of the kind.\n`
  return `By the audit logs of ${where}, which outlive the databases:\n${takenBackText(events)}`
}

/** What it means to give a key another primary. */
export function forcingText(key: string, to: Region, destroyed: Region): string {
  return (
    `${to} would be given the primary of ${key} in place of ${destroyed}, for ever: what ${destroyed} did with the key and ` +
    `nobody has heard is lost, and ${destroyed} comes back only as another (keyspan region recover). If it is not ` +
    'destroyed, the key has two primaries. To go on, add --yes.'
  )
}
