import type { Region } from '../../domain/region.ts'

/** What to do on a server whose accounts another has taken over: the end of a sentence. */
export function followText(home: Region): string {
  return `stop this server, and say keyspan region home ${home}`
}

/** What has become of a home that was put back, and what to do on the server of a copy: the end of a sentence. */
export function putBackText(home: Region): string {
  return (
    `the accounts of ${home} were put back from a backup, and have forgotten changes that are known here. Nothing is ` +
    `taken from there until somebody agrees, here, stopped: keyspan region home ${home}`
  )
}

/** What whoever runs a home must know of copies that do not follow it. */
export function forgottenText(copies: readonly Region[]): string {
  return (
    `The accounts here were put back from a backup, and have forgotten changes that are known in ${copies.join(', ')}: ` +
    'users, policies and access keys are as they were before. Take away again what must not live. Nothing of them is ' +
    'taken there until somebody agrees, on those servers, stopped: keyspan region home, and the Region of this one.'
  )
}

/** What whoever runs a server must know that is not yet what it may be meant to be. @param named by --peer */
export function apartText(named: readonly Region[]): string {
  return (
    `This server trusts none of those that --peer names (${named.join(', ')}), and has accounts of its own: it is a ` +
    'deployment by itself. To make it a part of theirs, begin a new --data with keyspan region join. To make them parts of ' +
    'this one, do that with theirs, and trust each of them here: keyspan region trust'
  )
}
