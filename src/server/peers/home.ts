import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import type { Region } from '../../domain/region.ts'
import type { Call } from '../../kernel/call.ts'
import { WireError } from '../../kernel/errors.ts'
import type { GlobalHome } from '../../kernel/global-host.ts'
import type { WireRequest, WireResponse } from '../../protocol/wire.ts'
import { HomeMovedError, HomePutBackError, type GlobalCopy } from './global-copy.ts'
import { putBackText } from './notice-texts.ts'
import type { HomeClaim } from './home-claims.ts'
import type { HomeLoss } from './home-loss.ts'
import type { PeerClient } from './peer-client.ts'
import { PeerError } from './peer-error.ts'
import { requestToJson, responseFromJson } from './wire-relay.ts'

/** How often the home is asked that has not said that there is something, in milliseconds. */
const POLL_MS = 5000
/** How often somebody who is not known here may make the home be asked. */
const LOOK_AGAIN_MS = 250

/** The home of what is global, as a server has it that keeps a copy. */
export interface Home extends GlobalHome {
  /**
   * Has a client's request answered by the home, and what it has changed brought here.
   *
   * @throws WireError where it cannot be reached
   */
  readonly relay: (request: WireRequest) => Promise<WireResponse>
  /** Brings the copy up to the home, for somebody who is not known here; a few times a second. Never fails. */
  lookAgain(): Promise<void>
  /** The home says that it has something new. */
  hinted(): void
  /** Brings the copy up to all that the home has now. @throws PeerError or ExchangeError */
  readonly catchUp: () => Promise<void>
  /** When the copy was last as new as the home, by this machine's clock; null where it never was. */
  readonly heardAt: () => number | null
  /** What would be lost by following it, where it was put back. */
  readonly loss: () => HomeLoss | null
  /** Why it is not followed now, and since when; null where it is. */
  readonly failure: () => HomeFailure | null
  stop(): void
}

/** Why a home is not followed. */
export interface HomeFailure {
  /** In epoch milliseconds. */
  readonly since: number
  readonly reason: string
  /** What would be lost by following it, which was put back; null where it was not. */
  readonly loss: HomeLoss | null
}

/** A call as the home needs it to make a role. */
export const roleRequest = z.object({
  origin: z.object({
    account: z.string(),
    accessKeyId: z.string(),
    owner: z.string().nullable(),
    session: z.record(z.string(), z.unknown()).nullable(),
  }),
  requestId: z.string(),
  region: z.string(),
  sourceIp: z.string(),
  userAgent: z.string(),
  secure: z.boolean(),
})

/**
 * Follows the home: when it hints, and every few seconds.
 *
 * @param onMoved called where the home says that it has given the accounts to another
 */
export function createHome(
  client: PeerClient,
  copy: GlobalCopy,
  onError: (error: unknown, what: string) => void,
  onMoved: (claim: HomeClaim) => void,
): Home {
  let lastLook = -Infinity
  let look: Promise<void> | null = null
  const stopped = new AbortController()
  const { catchUp, failure } = createFollower(client, copy, onError, onMoved)

  /** @throws WireError where what is changed there would not be seen here */
  function requireFollowed(): void {
    if (copy.loss() === null) return
    throw new WireError('ServiceUnavailable', 503, `Nothing was changed: ${putBackText(client.region)}`)
  }
  async function waitAndCatchUp(): Promise<void> {
    // SECURITY: strangers make the home be asked no more often than this, however many they are.
    await setTimeout(Math.max(0, lastLook + LOOK_AGAIN_MS - performance.now()))
    lastLook = performance.now()
    await catchUp()
  }
  async function poll({ signal }: AbortController): Promise<void> {
    while (!signal.aborted) {
      await catchUp()
      await setTimeout(POLL_MS * (0.75 + Math.random() / 2), null, { signal }).catch(() => {})
    }
  }

  void poll(stopped)
  return {
    region: client.region,
    heardAt: copy.heardAt,
    loss: copy.loss,
    failure,
    async relay(request) {
      requireFollowed()
      const response = responseFromJson(await ask(client, '/relay', requestToJson(request)))
      await catchUp()
      return response
    },
    async makeMultiRegionRole({ caller, requestId, region, sourceIp, userAgent, secure }: Call) {
      requireFollowed()
      const asked = { origin: caller.origin, requestId, region, sourceIp, userAgent, secure }
      await ask(client, '/role', asked)
      await catchUp()
    },
    refusal: () =>
      new WireError(
        'ServiceUnavailable',
        503,
        `Accounts, IAM and Organizations are changed in ${client.region}. Do this there.`,
      ),
    lookAgain() {
      look ??= waitAndCatchUp().finally(() => {
        look = null
      })
      return look
    },
    hinted: () => void catchUp(),
    catchUp: () => copy.catchUp(),
    stop() {
      stopped.abort()
    },
  }
}

/** Brings a copy up to its home, and tells of the first failure of a kind. */
function createFollower(
  client: PeerClient,
  copy: GlobalCopy,
  onError: (error: unknown, what: string) => void,
  onMoved: (claim: HomeClaim) => void,
): Pick<Home, 'failure'> & { readonly catchUp: () => Promise<void> } {
  let failure: { readonly since: number; readonly error: unknown } | null = null
  async function catchUp(): Promise<void> {
    try {
      await copy.catchUp()
      failure = null
    } catch (error) {
      if (error instanceof HomeMovedError) onMoved(error.claim)
      // One that was out of reach, and was put back when it comes again, is told of as well.
      if (failure === null || isPutBack(failure.error) !== isPutBack(error)) {
        onError(error, `follow ${client.region}, the home of accounts`)
      }
      failure = { since: failure?.since ?? Date.now(), error }
    }
  }
  return {
    catchUp,
    failure() {
      if (failure === null) return null
      const { since, error } = failure
      return { since, reason: error instanceof Error ? error.message : String(error), loss: copy.loss() }
    },
  }
}

function isPutBack(error: unknown): boolean {
  return error instanceof HomePutBackError
}

/** @throws WireError where it cannot be reached */
async function ask(client: PeerClient, path: string, body: object): Promise<unknown> {
  try {
    return await client.ask(path, body)
  } catch (error) {
    if (error instanceof PeerError) throw unreachable(client.region, error)
    throw error
  }
}

function unreachable(home: Region, { message }: PeerError): WireError {
  return new WireError(
    'ServiceUnavailable',
    503,
    `Accounts, IAM and Organizations are changed in ${home}, and nothing was changed: ${message} Try again.`,
  )
}

/** Where changes are made that are made nowhere here: `reason` is the end of a sentence that says why. */
export function otherHome(region: Region, reason: string): GlobalHome {
  const refusal = () =>
    new WireError('ServiceUnavailable', 503, `Accounts, IAM and Organizations are changed in ${region} ${reason}`)
  return { region, refusal, makeMultiRegionRole: () => Promise.reject(refusal()) }
}
