import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { NOTHING_DELIVERED, type TrailDelivery } from '../../../domain/trail/delivery.ts'
import { ALL_MANAGEMENT_EVENTS, startTrail, type Trail } from '../../../domain/trail/trail.ts'
import { createCourier, type CourierTools } from './courier.ts'
import type { Batch } from './read-batch.ts'

const BEGUN = Date.parse('2026-11-29T03:00:00Z')
const ACCOUNT = '111122223333'
const never = new AbortController().signal

const trail: Trail = startTrail(
  {
    id: 'a trail',
    account: ACCOUNT,
    homeRegion: 'us-east-1',
    name: 'audited',
    settings: {
      bucket: 'bucket',
      prefix: null,
      isMultiRegion: true,
      includesGlobal: true,
      isValidated: true,
      selectors: ALL_MANAGEMENT_EVENTS,
    },
    isSelective: false,
    tags: [],
    startedAt: null,
    stoppedAt: null,
    stretches: [],
  },
  BEGUN,
)

const line = (eventID: string, awsRegion: string) =>
  Buffer.from(
    JSON.stringify({
      eventTime: '2026-11-29T03:00:01Z',
      eventSource: 'sts.amazonaws.com',
      eventName: 'GetCallerIdentity',
      awsRegion,
      eventID,
      readOnly: true,
      userIdentity: { type: 'Root' },
      requestParameters: null,
      recipientAccountId: ACCOUNT,
    }),
  )

/** A log of two parts, with events of two Regions in each. */
const PARTS: readonly Batch[] = [0, 1].map((part) => ({
  from: { file: '2026-11-29.jsonl', offset: part },
  to: { file: '2026-11-29.jsonl', offset: part + 1 },
  lines: [line(`${part}-here`, 'us-east-1'), line(`${part}-there`, 'eu-west-1')],
}))

class Kill extends Error {}

/** Delivers both parts and their digests, and is killed before the step of a number, and once more after a start. */
async function deliverKilledAt(step: number): Promise<{ steps: number; objects: ReadonlyMap<string, Buffer> }> {
  let steps = 0
  let kept: TrailDelivery = NOTHING_DELIVERED
  let now = BEGUN + 10_000
  const objects = new Map<string, Buffer>()
  const die = (): void => {
    steps += 1
    if (steps === step || steps === step + 2) throw new Kill()
  }
  const tools: CourierTools = {
    store: {
      check: async () => null,
      async put({ object, bytes }) {
        die()
        objects.set(object, bytes)
        die()
      },
    },
    places: { regions: ['us-east-1', 'eu-west-1'], home: 'us-east-1' },
    now: () => now,
    async keep(_trail, delivery) {
      die()
      kept = delivery
    },
    readAgain: async ({ from }) => PARTS[from.offset] as Batch,
    signer: async () => ({ fingerprint: 'f', sign: (text) => text }),
    random: (bytes) => Buffer.from(Array.from({ length: bytes }, () => Math.floor(Math.random() * 256))),
  }
  for (let isDone = false; !isDone;) {
    now += 60_000
    const courier = createCourier(kept, tools)
    try {
      await courier.finish(trail, never)
      for (const part of PARTS) {
        if ((courier.delivery.places['global']?.offset ?? 0) > part.from.offset) continue
        await courier.deliver(trail, 'global', part, never)
      }
      if (objects.size < 6) await courier.digest(trail, 1000, never)
      isDone = true
    } catch (error) {
      if (!(error instanceof Kill)) throw error
    }
  }
  return { steps, objects }
}

describe('The courier of a trail', () => {
  it('delivers every event once, and one chain of digests, wherever it is killed', async () => {
    const { steps } = await deliverKilledAt(0)
    expect(steps).toBeGreaterThan(15)
    for (let step = 1; step <= steps; step += 1) {
      const { objects } = await deliverKilledAt(step)
      const [files, digests] = ['/CloudTrail/', '/CloudTrail-Digest/'].map((folder) =>
        [...objects].filter(([name]) => name.includes(folder)).map(([, bytes]) => gunzipSync(bytes).toString()),
      )
      const ids = (files ?? []).flatMap((text) => text.match(/\d-t?here/g) ?? []).toSorted()
      expect(ids, `killed at ${step}`).toEqual(['0-here', '0-there', '1-here', '1-there'])
      const listed = (digests ?? []).flatMap((text) => (JSON.parse(text) as { logFiles: unknown[] }).logFiles)
      expect(listed, `killed at ${step}`).toHaveLength(4)
    }
  })
})
