import { isIP } from 'node:net'
import { parseArn } from '../../domain/arn.ts'
import type { Region } from '../../domain/region.ts'
import { userArn, roleArn } from '../../domain/identity-arn.ts'
import type { Caller } from '../../kernel/identities/caller.ts'
import type { Identities } from '../../kernel/identities/identities.ts'
import type { Invoker } from '../../kernel/invoke.ts'
import type { Consultation } from '../../kernel/consult.ts'
import type { Operation } from '../../kernel/operation.ts'
import type { Call } from '../../kernel/call.ts'
import { nearest } from '../../policy/vocabulary/nearest.ts'
import type { ServiceEndpoint } from '../../protocol/dispatch.ts'
import { memberNames, sampleInput } from '../../services/kms/sample-input.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import type { Regions } from '../regions/regions.ts'
import { requireConditionKeys } from './condition-keys.ts'
import { InspectionError, meant } from './inspection-error.ts'

/** A request that somebody might make. */
export interface Hypothesis {
  /** The ARN of a root user, user or role, or of a session. */
  readonly as: string
  /** `Encrypt`, or with its service `iam:CreateUser`. */
  readonly operation: string
  /** An id, ARN or alias; null where the operation is on no key, or `input` names it. */
  readonly key: string | null
  readonly region: string
  /** Members of the request, as its JSON has them. What must be there and is not is made up. */
  readonly input: Readonly<Record<string, unknown>>
  /** Condition keys that the request has besides, by name. */
  readonly context: Readonly<Record<string, string>>
  readonly sourceIp: string | null
}

/** What would become of such a request. */
export interface Answered extends Consultation {
  readonly call: Call
  readonly operation: string
  /** Members that were made up and of which conditions may tell. */
  readonly assumed: readonly string[]
}

/** What a hypothesis is asked with. */
export interface HypothesisSources {
  readonly regions: Regions
  readonly reads: GlobalReads
  readonly identities: Identities
  readonly services: readonly ServiceEndpoint[]
  readonly invoker: Pick<Invoker, 'consult'>
  readonly callAs: (caller: Caller, region: Region) => Call
}

/**
 * Answers a hypothesis by the operation's own code, as far as its permissions.
 *
 * @throws InspectionError where there is no such operation, principal or Region, with what comes nearest
 */
export async function answer(asked: Hypothesis, sources: HypothesisSources): Promise<Answered> {
  const { service, operation } = await operationNamed(asked.operation, sources.services)
  const { served } = sources.regions
  if (sources.regions.elsewhere().includes(asked.region)) {
    throw new InspectionError(`${asked.region} is served by another server of this deployment. Ask there.`)
  }
  if (!served.includes(asked.region)) {
    throw new InspectionError(`This server does not serve "${asked.region}".${meant(nearest(asked.region, served))}`)
  }
  const caller = await callerNamed(asked.as, sources)
  requireKnown(asked, operation)
  const basic = sources.callAs(caller, asked.region)
  const call = asked.sourceIp === null ? basic : { ...basic, sourceIp: asked.sourceIp }
  const isKms = service.signingName === 'kms'
  const key = asked.key === null ? null : await keyNamed(asked.key, call, sources)
  const sample = isKms ? sampleInput(operation, asked.input, key, asked.key) : { body: asked.input, assumed: [] }
  const consultation = await sources.invoker.consult(service, operation, sample.body, call, asked.context)
  return { ...consultation, call, operation: `${service.signingName}:${operation.name}`, assumed: sample.assumed }
}

/** Refuses what the request could not have: a member or condition key that there is not, an address that is none. */
function requireKnown({ input, context, sourceIp }: Hypothesis, operation: Operation): void {
  const members = memberNames(operation)
  const strange = Object.keys(input).find((name) => members.length > 0 && !members.includes(name))
  if (strange !== undefined) {
    throw new InspectionError(`${operation.name} has no member "${strange}".${meant(nearest(strange, members))}`)
  }
  requireConditionKeys(context)
  if (sourceIp !== null && isIP(sourceIp) === 0) throw new InspectionError(`"${sourceIp}" is no IP address.`)
}

async function operationNamed(text: string, services: readonly ServiceEndpoint[]) {
  const [name = '', prefix = 'kms'] = text.split(':').toReversed()
  const service = services.find(({ signingName }) => signingName === prefix)
  const operation = (await service?.load())?.operations.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (service !== undefined && operation !== undefined) return { service, operation }
  const all = await Promise.all(
    services.map(async ({ signingName, load }) => {
      const { operations } = await load()
      return operations.map((each) => `${signingName}:${each.name}`)
    }),
  )
  const near = nearest(`${prefix}:${name}`, all.flat())
  throw new InspectionError(`"${text}" is no operation of this server.${meant(near?.replace(/^kms:/, ''))}`)
}

async function callerNamed(arn: string, { identities, reads }: HypothesisSources): Promise<Caller> {
  const account = parseArn(arn)?.account ?? ''
  const isThere = (await reads.document({ kind: 'account', account, name: account })) !== null
  const caller = isThere ? await identities.callerNamed(arn) : null
  if (caller !== null) return caller
  const page = { after: null, limit: Number.MAX_SAFE_INTEGER }
  const users = await reads.documents('user', account, page)
  const roles = await reads.documents('role', account, page)
  const names = [
    ...users.map(({ content }) => userArn(account, content)),
    ...roles.map(({ content }) => roleArn(account, content)),
  ]
  throw new InspectionError(
    `"${arn}" is no root user, user or role of this server.${meant(nearest(arn, names))} ` +
      'Give an ARN such as arn:aws:iam::111122223333:user/ada.',
  )
}

async function keyNamed(name: string, { caller, region }: Call, { regions }: HypothesisSources) {
  const arn = parseArn(name)
  const { account, resource } = arn ?? { account: caller.account, resource: name }
  const { keys } = await regions.open(region)
  const isAlias = resource.startsWith('alias/')
  return isAlias ? keys.keyByAlias(account, resource) : keys.key(account, resource.replace(/^key\//, ''))
}
