import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { GlobalReads, GlobalStore } from '../../storage/global-store.ts'

/** The spans of a home's history: each start of it begins one. */
const SPANS = 'home-spans'
/** So many are kept. A copy that heard the home last in an earlier one is told that it does not go on from there. */
const KEPT = 1000
const ID_BYTES = 6

const shape = z.array(z.tuple([z.string(), z.number().int()]))

/** A span's name, and how many changes there were when it began; the oldest first. */
type Spans = z.infer<typeof shape>

/**
 * Begins a span of a home's history. A home that was put back to an earlier time begins another one than its copies have
 * heard of, or ends the last that they have heard of earlier.
 */
export async function beginSpan(store: Pick<GlobalStore, 'reads' | 'changes' | 'putMarks'>): Promise<void> {
  const spans: Spans = [...(await readSpans(store.reads)), [randomBytes(ID_BYTES).toString('hex'), store.changes()]]
  await store.putMarks(new Map([[SPANS, JSON.stringify(spans.slice(-KEPT))]]))
}

/** The span in which a home is. It is read after the changes are counted that it is told with. */
export async function spanNow(reads: Pick<GlobalReads, 'meta'>): Promise<string | null> {
  return (await readSpans(reads)).at(-1)?.[0] ?? null
}

/**
 * Says whether a home's history has what a copy knows of it.
 *
 * @param after how many changes the copy knows
 * @param span in which it was told of the last of them; null for one that keeps none
 */
export async function hasSpan(reads: Pick<GlobalReads, 'meta'>, after: number, span: string | null): Promise<boolean> {
  if (after === 0 || span === null) return true
  const spans = await readSpans(reads)
  const place = spans.findIndex(([id]) => id === span)
  const next = spans[place + 1]
  return place >= 0 && (next === undefined || after <= next[1])
}

async function readSpans(reads: Pick<GlobalReads, 'meta'>): Promise<Spans> {
  return shape.parse(JSON.parse((await reads.meta(SPANS)) ?? '[]'))
}
