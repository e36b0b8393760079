import type { KMSClient } from '@aws-sdk/client-kms'
import { randomInt } from 'node:crypto'

export const REGIONS = ['us-east-1', 'eu-west-1', 'ap-southeast-2'] as const

/** Clients by Region. */
export type Clients = ReadonlyMap<string, KMSClient>

interface Answered {
  readonly $metadata: { readonly requestId?: string | undefined }
}

/** Says whether a request was answered and not refused, having written it down. */
export type Change = (request: Promise<Answered>) => Promise<boolean>

export function clientOf(clients: Clients, region: string): KMSClient {
  const client = clients.get(region)
  if (client === undefined) throw new Error(`There is no client for ${region}.`)
  return client
}

export function pick<Item>(items: readonly Item[]): Item {
  const item = items[randomInt(items.length)]
  if (item === undefined) throw new Error('There is nothing to pick from.')
  return item
}
