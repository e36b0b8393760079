import type { PeersReport, PeerStatus } from './peers.ts'

/** How things stand between this server and others, for people. */
export function peersText({ regions, home, givenTo, newerHome, peers }: PeersReport): string {
  return [
    `Served here: ${regions.join(', ')}.`,
    home === null
      ? 'Accounts, IAM and Organizations are changed here.'
      : `Accounts, IAM and Organizations are changed in ${home.region}; the copy here was as new ${timeOf(home.heardAt)}.`,
    ...(givenTo === null
      ? []
      : [`They are being given to ${givenTo}, and nothing of them is changed until it has taken them.`]),
    ...(newerHome === null
      ? []
      : [`${newerHome} has them now: stop this server, and say keyspan region home ${newerHome}`]),
    ...peers.flatMap(linesOf),
  ].join('\n')
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

function timeOf(time: number | null): string {
  return time === null ? 'never' : new Date(time).toISOString()
}
