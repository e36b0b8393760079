import { setTimeout } from 'node:timers/promises'
import { send, signRequest, type RequestPlan } from '../signed-request.ts'
import type { TestServer } from '../server.ts'

/** An event as LookupEvents answers it. */
export interface LookedUpEvent {
  readonly EventId: string
  readonly EventName: string
  readonly EventSource: string
  readonly EventTime: number
  readonly ReadOnly: string
  readonly Username?: string
  readonly AccessKeyId?: string
  readonly Resources: readonly { readonly ResourceType: string; readonly ResourceName: string }[]
  readonly CloudTrailEvent: string
}

export interface Page {
  readonly Events: readonly LookedUpEvent[]
  readonly NextToken?: string
}

/** A client of CloudTrail in a Region of a test server. */
export interface CloudTrailClient {
  /** Asks for an operation, as AWS's clients do. */
  ask(operation: string, input: object): Promise<{ status: number; answer: Record<string, unknown> }>
  /** A page of LookupEvents, which must not be refused. */
  lookUp(input?: object): Promise<Page>
  /** All events of a lookup, over as many pages as they take. */
  all(input?: object): Promise<readonly LookedUpEvent[]>
  /** Looks up until there are `count` events: a record is found once it is synced. */
  until(count: number, input?: object): Promise<readonly LookedUpEvent[]>
}

/** The client of an account's root user, or of somebody else. */
export async function cloudTrailClient(
  server: TestServer,
  region: string,
  who: { readonly account?: string; readonly credentials?: RequestPlan['credentials'] } = {},
): Promise<CloudTrailClient> {
  const credentials = who.credentials ?? (await server.credentials(who.account))
  async function ask(operation: string, input: object) {
    const target = `CloudTrail_20131101.${operation}`
    const plan = { url: server.url, credentials, region, service: 'cloudtrail', target, body: JSON.stringify(input) }
    const { status, text } = await send(server.url, await signRequest(plan))
    return { status, answer: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> }
  }
  async function lookUp(input: object = {}): Promise<Page> {
    const { status, answer } = await ask('LookupEvents', input)
    if (status !== 200) throw new Error(JSON.stringify(answer))
    return answer as unknown as Page
  }
  async function all(input: object = {}): Promise<readonly LookedUpEvent[]> {
    const events: LookedUpEvent[] = []
    for (let token: string | undefined; ;) {
      const page = await lookUp({ ...input, ...(token !== undefined && { NextToken: token }) })
      events.push(...page.Events)
      token = page.NextToken
      if (token === undefined) return events
    }
  }
  return {
    ask,
    lookUp,
    all,
    async until(count, input) {
      const deadline = Date.now() + 20_000
      for (;;) {
        const events = await all(input)
        if (events.length >= count) return events
        if (Date.now() > deadline) throw new Error(`${events.length} events instead of ${count}.`)
        await setTimeout(20)
      }
    },
  }
}

/** What LookupEvents is asked for by one attribute. */
export function by(AttributeKey: string, AttributeValue: string) {
  return { LookupAttributes: [{ AttributeKey, AttributeValue }] }
}
