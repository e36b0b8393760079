import { randomUUID } from 'node:crypto'
import { rootArn } from '../domain/arn.ts'
import type { Region } from '../domain/region.ts'
import { BeginConsoleSession } from '../services/keyspan/operations/begin-console-session.ts'
import { AccountError } from './data/accounts.ts'
import { CommandError } from './command-error.ts'
import type { Engine } from './engine.ts'
import type { ConsoleLinks } from './http/console-links.ts'
import type { SignInByLink } from './http/console.ts'

/** In records, the service that signs in. */
const KEYSPAN = { eventSource: 'keyspan' }

type Host = Pick<Engine, 'identities' | 'invoker' | 'clock' | 'global'>

/** Signs in by links, as the root user of the account that each is for: recorded like any other call. */
export function consoleSignIn(links: ConsoleLinks, { identities, invoker, clock }: Host, region: Region): SignInByLink {
  return async (token) => {
    const account = links.redeem(token)
    const caller = account === null ? null : await identities.callerNamed(rootArn(account))
    if (caller === null) return null
    const call = {
      requestId: randomUUID(),
      now: clock.now(),
      sourceIp: '127.0.0.1',
      userAgent: 'keyspan',
      secure: true,
    }
    const answer = await invoker.invoke(KEYSPAN, BeginConsoleSession, {}, { ...call, caller, region })
    return answer as object
  }
}

/** Where the console is. */
interface ConsolePlace extends Host {
  readonly url: string
  readonly isServed: boolean
}

/**
 * Makes a link to the console.
 *
 * @throws AccountError where there is no such account
 * @throws CommandError where the console is not served
 */
export async function makeConsoleLink(
  links: ConsoleLinks,
  { global, url, isServed }: ConsolePlace,
  account: string,
): Promise<{ readonly url: string }> {
  if (!isServed) {
    throw new CommandError('The console is not served: others can reach this server. Start it with --console on.')
  }
  if ((await global.store.reads.document({ kind: 'account', account, name: account })) === null) {
    throw new AccountError(`There is no account ${account}. keyspan account list has all.`)
  }
  return { url: `${url}/console/#sign-in=${links.make(account)}` }
}
