import { z } from 'zod'
import { randomSecret } from '../../crypto/random.ts'
import type { CallerOrigin } from '../../domain/session.ts'
import type { Region } from '../../domain/region.ts'
import { authorize } from '../../kernel/access/decide.ts'
import { WireError } from '../../kernel/errors.ts'
import type { WireHandler } from '../../protocol/wire.ts'
import { createGlobalReply, readGlobalPull } from '../../replication/global-exchange.ts'
import { ExchangeError } from '../../replication/signed.ts'
import { makeMultiRegionRole, needMultiRegionRole } from '../../services/kms/keys/multi-region-role.ts'
import type { Engine } from '../engine.ts'
import { roleRequest } from './home.ts'
import { hasSpan, spanNow } from './home-spans.ts'
import { AskedWrongly, listenForPeers, type Asked, type PeerListener } from './peer-listener.ts'
import type { Peers } from './peers.ts'
import { answerQuestion, question } from './remote-regions.ts'
import { requestFromJson, responseToJson } from './wire-relay.ts'
import { signedFromJson, signedToJson } from './wire-signed.ts'

/** How many changes of what is global one answer carries. */
const CHANGES = 500

/** The accounts, as their home gives them to this server. */
const given = z.object({ epoch: z.number().int().positive(), isTrial: z.boolean() })

const hint = z.object({ at: z.enum(['keys', 'global']) })

type Served = Pick<Engine, 'regions' | 'global' | 'identities' | 'people' | 'loop' | 'clock'> & {
  readonly peers: Peers
  readonly handle: WireHandler
}

/** Answers Regions of other places. @throws ConfigError where the address cannot be listened on */
export async function servePeers(
  engine: Served,
  place: { readonly host: string; readonly port: number },
  onError: (error: unknown, what: string) => void,
): Promise<PeerListener> {
  const { peers } = engine
  const listener = await listenForPeers({
    ...place,
    contextOf: peers.contextOf,
    recognize: peers.recognize,
    parted: peers.parted,
    claims: peers.place.claims,
    onError,
    async answer(path, body, asked) {
      try {
        return await answer(path, body, asked, engine)
      } catch (error) {
        if (error instanceof ExchangeError || error instanceof WireError) throw new AskedWrongly(error.message)
        if (error instanceof z.ZodError) throw new AskedWrongly('what it is asked is nothing that it knows')
        throw error
      }
    },
  })
  peers.onRenewed(() => listener.renew())
  return listener
}

async function answer(path: string, body: unknown, { from, of }: Asked, engine: Served): Promise<object> {
  const { regions, peers, handle } = engine
  peers.heardOf(from)
  switch (path) {
    case '/hint':
      peers.hinted(from, of, hint.parse(body).at)
      return {}
    case '/exchange':
      if (!engine.loop.lines.isHeard(of, from)) throw new AskedWrongly(`${of} is cut off from ${from} (keyspan region)`)
      return signedToJson(await (await engine.loop.driverOf(of)).answer(signedFromJson(body)))
    case '/ask':
      if (!engine.loop.lines.isConnected(of, from))
        throw new AskedWrongly(`${of} is cut off from ${from} (keyspan region)`)
      return answerQuestion(regions, of, question.parse(body))
    case '/global':
      return answerGlobal(body, from, of, engine)
    case '/relay':
      requireHome(engine, of)
      return responseToJson(await handle(requestFromJson(body)))
    case '/home': {
      const { epoch, isTrial } = given.parse(body)
      const obstacle = await peers.place.take(from, epoch, isTrial)
      if (obstacle !== null) throw new AskedWrongly(obstacle)
      return {}
    }
    case '/role':
      requireHome(engine, of)
      return makeRole(roleRequest.parse(body), engine)
    default:
      throw new AskedWrongly(`it knows no ${path}: one of both is of another version`)
  }
}

/** What is global is changed in one place. */
function requireHome({ global }: Served, of: Region): void {
  const { home } = global
  if (home !== null) throw new AskedWrongly(`${of} has a copy of the accounts itself: their home is ${home.region}`)
}

async function answerGlobal(body: unknown, from: Region, of: Region, engine: Served): Promise<object> {
  const { regions, global, peers } = engine
  const { home, epoch } = peers.place.seat()
  if (home !== null) return { moved: { home, epoch } }
  if (peers.place.claims.superseding() !== null) requireHome(engine, of)
  const host = regions.get(of)
  const trusted = await host?.store.reads.peer(from)
  if (host === undefined || !trusted) throw new AskedWrongly(`${of} does not trust ${from}`)
  const request = signedFromJson(body)
  const pull = readGlobalPull(request, trusted.publicKey)
  if (pull.destination !== from || pull.home !== of) throw new AskedWrongly('it is asked for another Region')
  const head = global.store.changes()
  const { reads } = global.store
  const span = await spanNow(reads)
  if (pull.after > head || !(await hasSpan(reads, pull.after, pull.span))) {
    peers.place.putBack.hear(from)
    return { putBack: true }
  }
  peers.place.putBack.agree(from)
  const page = await reads.changesAfter(pull.after, pull.place, CHANGES)
  const news = { head, span, ...page }
  return signedToJson(createGlobalReply(host.vault.identity, request, pull, news, global.secrets.open))
}

async function makeRole(
  { origin, ...asked }: z.infer<typeof roleRequest>,
  { identities, people, global, clock }: Served,
): Promise<object> {
  const caller = await identities.callerFrom(origin as unknown as CallerOrigin)
  if (caller === null) throw new AskedWrongly('whoever calls is not there any more')
  const call = { ...asked, caller, now: clock.now() }
  await authorize([needMultiRegionRole(call)], call, people.authority)
  await makeMultiRegionRole({ global, random: randomSecret }, call)
  return {}
}
