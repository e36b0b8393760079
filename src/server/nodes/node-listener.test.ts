import { createSecretKey, randomBytes } from 'node:crypto'
import { request } from 'node:https'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DomainKey } from '../../crypto/sealing/keyring.ts'
import { createNodeClient, NodeError } from './node-client.ts'
import { nodeKeyNamed, nodeKeyOf } from './node-key.ts'
import { listenForNodes, type NodeListener } from './node-listener.ts'

const domainKey = (version: number, isRetired = false): DomainKey => ({
  version,
  key: createSecretKey(randomBytes(32)),
  isRetired,
})
const KEYS = [domainKey(1, true), domainKey(2), domainKey(3)]
const DEPLOYMENT = 'deployment'

let listener: NodeListener
let heard: unknown[]
beforeEach(async () => {
  heard = []
  listener = await listenForNodes({
    host: '127.0.0.1',
    port: 0,
    keyOf: (identity) => nodeKeyNamed(DEPLOYMENT, KEYS, identity),
    answer: async (path, body) => {
      heard.push([path, body])
      return { said: body }
    },
    onError: () => {},
  })
})
afterEach(() => listener.close())

async function ask(deployment: string, keys: readonly DomainKey[]): Promise<unknown> {
  const client = createNodeClient(listener.address, nodeKeyOf(deployment, keys))
  try {
    return await client.ask('/begin', { id: 'a' })
  } catch (error) {
    return error
  } finally {
    client.close()
  }
}

describe('What processes of a deployment say to each other', () => {
  it('is heard from whoever has its newest domain key, or one that is not retired', async () => {
    expect(await ask(DEPLOYMENT, KEYS)).toEqual({ said: { id: 'a' } })
    expect(await ask(DEPLOYMENT, KEYS.slice(0, 2))).toEqual({ said: { id: 'a' } })
  })

  it.each([
    ['has another key', DEPLOYMENT, [domainKey(3)]],
    ['has one that is retired', DEPLOYMENT, KEYS.slice(0, 1)],
    ['is of another deployment', 'other', KEYS],
  ])('is heard from nobody who %s, nor is anything said', async (_name, deployment, keys) => {
    const refusal = await ask(deployment, keys)
    expect(refusal).toBeInstanceOf(NodeError)
    expect(refusal).toMatchObject({ isSent: false })
    expect(heard).toEqual([])
  })

  it('is heard from nobody who has no key', async () => {
    const refused = await new Promise((resolve) => {
      request(`https://${listener.address}/relay`, { method: 'POST', rejectUnauthorized: false }, () =>
        resolve('heard'),
      )
        .on('error', () => resolve('refused'))
        .end('{}')
    })
    expect([refused, heard]).toEqual(['refused', []])
  })
})
