import type { Region } from '../../domain/region.ts'
import { apartText, followText, forgottenText } from './notice-texts.ts'
import type { HomeStatus, PeersReport, PeerStatus } from './peers.ts'

/** What is wrong between this server and others, and what to do, the gravest first; nothing where all is well. */
export function peerTroubles({
  home,
  forgottenBy,
  givenTo,
  newerHome,
  decides,
  rivalHome,
  isApart,
  peers,
}: PeersReport): readonly string[] {
  return [
    ...(newerHome === null
      ? []
      : [
          home === null && !decides
            ? `All requests are refused: ${newerHome} has the accounts now, and those here are as they were before it ` +
              `took them over (--accounts-stale). What to do: ${followText(newerHome)}`
            : `${newerHome} has the accounts now: ${followText(newerHome)}`,
        ]),
    ...(rivalHome === null
      ? []
      : [
          `${rivalHome} has accounts as well: there are two homes. Say which it is on all other servers, stopped: keyspan region home`,
        ]),
    ...(forgottenBy.length === 0 ? [] : [forgottenText(forgottenBy)]),
    ...(home === null ? [] : homeTroubles(home, decides)),
    ...(givenTo === null
      ? []
      : [`The accounts are being given to ${givenTo}, which has not taken them yet: it has to be up.`]),
    ...(isApart ? [apartText(peers.map(({ region }) => region))] : peers.flatMap(troublesOf)),
  ]
}

function homeTroubles({ region, heardAt, failure }: HomeStatus, decides: boolean): readonly string[] {
  const isPutBack = failure !== null && failure.loss !== null
  return [
    ...(!decides
      ? [
          `All requests are refused: the copy of the accounts of ${region} ${newnessOf(heardAt)}, and is too old ` +
            `to decide by (--accounts-stale). ${isPutBack ? 'What to do is said below.' : `Have this server hear ${region} again.`}`,
        ]
      : []),
    ...(failure === null
      ? []
      : [`The accounts of ${region} are not followed since ${timeOf(failure.since)}: ${failure.reason}`]),
  ]
}

/** What is wrong with a peer. */
function troublesOf({ region, url, isTrusted, parted, links }: PeerStatus): readonly string[] {
  if (!isTrusted || parted !== null || url === null) return [`${region} is not heard here: why is said below.`]
  const silent = links.find(({ heardAt, failure }) => failure !== null || heardAt === null)
  if (silent === undefined) return []
  return silent.failure === null
    ? [`${region} has not been heard yet since this server has started.`]
    : [
        `${region} is not heard since ${timeOf(silent.failure.since)}. Its server has to be up, and to be reached: see below.`,
      ]
}

/** How things stand between this server and others, for people. */
export function peersText({ regions, home, newerHome, givenTo, peers }: PeersReport): string {
  return [
    `Served here: ${regions.join(', ')}.`,
    home === null
      ? ownText(newerHome)
      : `Accounts, IAM and Organizations are changed in ${home.region}; the copy here ${newnessOf(home.heardAt)}.`,
    ...(givenTo === null
      ? []
      : [`They are being given to ${givenTo}, and nothing of them is changed until it has taken them.`]),
    ...peers.flatMap(linesOf),
  ].join('\n')
}

function ownText(newerHome: Region | null): string {
  return newerHome === null
    ? 'Accounts, IAM and Organizations are changed here.'
    : `Accounts, IAM and Organizations are changed in ${newerHome}; those here are as they were before it took them over.`
}

function linesOf({ region, url, isTrusted, parted, links }: PeerStatus): readonly string[] {
  if (parted === 'forgotten') {
    return [
      `${region} at ${url} was declared to be gone for good, and is neither heard nor answered. It comes back as another ` +
        'only: on its server keyspan region recover, then here keyspan region trust.',
    ]
  }
  if (parted === 'distrusted') {
    return [`${region} at ${url} is not trusted any more, and neither heard nor answered: keyspan region trust.`]
  }
  if (!isTrusted) return [`${region} at ${url} is not trusted yet: keyspan region trust.`]
  if (url === null) return [`${region} is trusted, and has no address here: give --peer ${region}=https://HOST:PORT.`]
  return [
    `${region} at ${url}:`,
    ...links.map(({ by, heardAt, failure }) =>
      failure === null
        ? `  ${by} heard it last ${timeOf(heardAt)}.`
        : `  ${by} has not heard it since ${timeOf(failure.since)}: ${failure.reason}`,
    ),
  ]
}

/** How new the copy of a home is: the end of a sentence. */
function newnessOf(heardAt: number | null): string {
  return heardAt === null ? 'has never been as new' : `was as new ${timeOf(heardAt)}`
}

function timeOf(time: number | null): string {
  return time === null ? 'never' : new Date(time).toISOString()
}
