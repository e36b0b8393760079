import * as account from '@aws-sdk/client-account'
import * as iam from '@aws-sdk/client-iam'
import * as organizations from '@aws-sdk/client-organizations'
import * as sts from '@aws-sdk/client-sts'
import type { RequestPlan } from '../signed-request.ts'

const CLIENTS = { account, iam, organizations, sts } as const
/** A service by its name in the SDK. */
export type SdkService = keyof typeof CLIENTS

type Answer = Readonly<Record<string, unknown>>

/** Asks a service for an operation by its name, through AWS's own client. */
export type SdkCall = (operation: string, input?: object) => Promise<Answer>

const NAMES = {
  account: 'AccountClient',
  iam: 'IAMClient',
  organizations: 'OrganizationsClient',
  sts: 'STSClient',
} as const

/** A way to ask one service. */
export function sdkCaller(
  service: SdkService,
  how: { readonly endpoint: string; readonly region: string; readonly credentials: RequestPlan['credentials'] },
): SdkCall {
  const sdk = CLIENTS[service] as unknown as Readonly<Record<string, new (input: object) => object>>
  const make = (name: string, input: object) => {
    const constructor = sdk[name]
    if (constructor === undefined) throw new Error(`The SDK has no ${name}.`)
    return new constructor(input)
  }
  const client = make(NAMES[service], { ...how, maxAttempts: 1 }) as { send(command: object): Promise<Answer> }
  return (operation, input = {}) => client.send(make(`${operation}Command`, input))
}
