import { randomUUID } from 'node:crypto'
import { stackArn, type ResourceStep, type Stack, type StackOperation } from '../../../domain/stack.ts'
import { common, WireError } from '../../../kernel/errors.ts'
import type { Call } from '../../../kernel/call.ts'
import type { Region } from '../../../domain/region.ts'
import { CLOUDFORMATION } from '../begin.ts'
import type { Answer, Hands } from '../types/resource-type.ts'
import { change, StoppedError, type MakingService, type Workshop } from './workshop.ts'

/** Where services of no Region are asked. */
const GLOBAL_REGION: Region = 'us-east-1'
const PLACE_OF_GLOBAL = 'global'

/** How long is waited for something that others have to bring, and how long between two looks for it. */
const WAIT_MS = 10 * 60_000
const FIRST_LOOK_MS = 50
const LAST_LOOK_MS = 2000
/** What failed inside the server is tried again after so many milliseconds each. */
const RETRIES_MS = [200, 1000, 5000, 15_000]

/** The last call that hands have made: what a failure tells of it. */
export interface LastCall {
  readonly service: MakingService
  readonly requestId: string
}

/** Hands that work on one step of a stack. */
export interface StepHands extends Hands {
  lastCall(): LastCall | null
  /** The physical id of what was made; null where nothing was. */
  madeId(): string | null
}

/**
 * Hands for one step.
 *
 * INVARIANT: a call that changes something is done once, however often the step is: its answer is kept with what it
 * changes, under a name that follows from the step and the number of the call.
 *
 * @param onMade is told the physical id of what is made, before anything else is done with it
 */
export function createHands(
  shop: Workshop,
  stack: Stack,
  operation: StackOperation,
  step: ResourceStep & { readonly logicalId: string },
  onMade: (physicalId: string) => Promise<void>,
): StepHands {
  let changes = 0
  let last: LastCall | null = null
  let madeId: string | null = null

  async function callOf(service: MakingService, region: Region): Promise<Call> {
    const call = await callFor(shop, stack, operation, step.logicalId, service === 'iam' ? GLOBAL_REGION : region)
    last = { service, requestId: call.requestId }
    return call
  }

  async function callOnce(service: MakingService, name: string, input: Answer, region: Region): Promise<unknown> {
    const place = service === 'iam' ? PLACE_OF_GLOBAL : region
    const receipt = `${operation.id}/${step.id}/${changes}`
    changes += 1
    if (place !== stack.region) await notePlace(shop, stack, place)
    const receipts = await shop.receiptsIn(place)
    return trying(shop, async () => {
      const known = await receipts.find(receipt)
      if (known !== null) return JSON.parse(known)
      return shop.invoke(service, name, input, await callOf(service, region), receipt)
    })
  }

  const hands: Hands = {
    account: stack.account,
    region: stack.region,
    async call(service, name, input, region = stack.region) {
      if (shop.isStopped()) throw new StoppedError()
      if (!shop.isServed(region)) throw common.ValidationException(`Region ${region} is not served here.`)
      // What belongs to no Region is within reach of all.
      const isInReach = service === 'iam' || shop.isInReach(region)
      if (!isInReach) await hands.wait(`${region} cannot be reached`, async () => shop.isInReach(region))
      const answer = (await shop.isReadOnly(service, name))
        ? await trying(shop, async () => shop.invoke(service, name, input, await callOf(service, region)))
        : await callOnce(service, name, input, region)
      return plain(answer)
    },
    async make(service, name, input, idOf, region) {
      const answer = await hands.call(service, name, input, region)
      madeId = idOf(answer)
      await onMade(madeId)
      return answer
    },
    async wait(what, isThere) {
      let pause = FIRST_LOOK_MS
      for (let waited = 0; waited <= WAIT_MS; waited += pause) {
        if (await isThere()) return
        if (shop.isStopped()) throw new StoppedError()
        if (await isCalledOff(shop, stack)) throw new WireError('Cancelled', 400, 'Resource creation cancelled')
        pause = Math.min(2 * pause, LAST_LOOK_MS)
        await shop.sleep(pause)
      }
      throw new WireError('NotStabilized', 400, `Exceeded attempts to wait: ${what}`)
    },
  }
  return { ...hands, lastCall: () => last, madeId: () => madeId }
}

/** A call as whoever has asked for the operation, by CloudFormation. @throws AccessDeniedException where he is no more */
async function callFor(
  shop: Workshop,
  stack: Stack,
  { origin }: StackOperation,
  logicalId: string,
  region: Region,
): Promise<Call> {
  const caller = await shop.callerFrom(origin)
  if (caller === null) {
    throw common.AccessDeniedException(
      'Whoever asked for this operation on the stack is no more. Ask for it again as somebody else.',
    )
  }
  return {
    requestId: randomUUID(),
    now: shop.now(),
    region,
    caller,
    sourceIp: CLOUDFORMATION,
    userAgent: CLOUDFORMATION,
    secure: true,
    via: [CLOUDFORMATION],
    systemTags: systemTags(stack, logicalId),
  }
}

/** Says whether the operation is to go another way, whatever this step still waits for. */
async function isCalledOff(shop: Workshop, { account, id }: Stack): Promise<boolean> {
  const { operation = null, status = null } = (await shop.reads.stack(account, id)) ?? {}
  const isMaking = status === 'CREATE_IN_PROGRESS' || status === 'UPDATE_IN_PROGRESS'
  if (operation === null || !isMaking) return false
  const isLate = operation.timeoutAt !== null && shop.now() >= operation.timeoutAt
  return operation.isCancelled || operation.next !== null || isLate
}

/** Tries again what failed inside the server: that says nothing of what was asked for. */
async function trying<Result>(shop: Workshop, work: () => Promise<Result>): Promise<Result> {
  for (const pause of RETRIES_MS) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof WireError) || error.status < 500) throw error
      if (shop.isStopped()) throw new StoppedError()
      await shop.sleep(pause)
    }
  }
  return work()
}

/** Answers have the form that they have after a kill. */
function plain(answer: unknown): Answer {
  return JSON.parse(JSON.stringify(answer ?? {})) as Answer
}

/** Another store may have receipts of the operation from now on, to be forgotten when it ends. */
async function notePlace(shop: Workshop, stack: Stack, place: string): Promise<void> {
  const { operation } = (await shop.reads.stack(stack.account, stack.id)) ?? stack
  if (operation === null || operation.stores.includes(place)) return
  await change(shop, stack, (current) => ({
    stack: {
      operation: current.operation && { ...current.operation, stores: [...current.operation.stores, place] },
    },
    events: [],
  }))
}

function systemTags(stack: Stack, logicalId: string) {
  return [
    { key: 'aws:cloudformation:stack-name', value: stack.name },
    { key: 'aws:cloudformation:stack-id', value: stackArn(stack) },
    { key: 'aws:cloudformation:logical-id', value: logicalId },
  ]
}
