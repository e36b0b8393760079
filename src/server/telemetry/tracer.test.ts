import { describe, expect, it } from 'vitest'
import { createTracer, parseTraceparent, type FinishedSpan } from './tracer.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

describe('A traceparent', () => {
  it('is read as W3C has it', () => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled: true })
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-00`)?.isSampled).toBe(false)
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-comes-later`)?.traceId).toBe(TRACE)
  })

  it.each([
    '',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-01\n`,
    `00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`,
  ])('is none where it is %j', (text) => {
    expect(parseTraceparent(text)).toBeNull()
  })
})

describe('A tracer', () => {
  const begin = (followsParent: boolean, ratio: number, traceparent?: string) =>
    createTracer({ followsParent, ratio }, () => {}).begin('server', 'request', traceparent)

  it('follows what a parent has decided, where it is told to', () => {
    expect(begin(true, 0, `00-${TRACE}-${SPAN}-01`)).not.toBeNull()
    expect(begin(true, 1, `00-${TRACE}-${SPAN}-00`)).toBeNull()
    expect(begin(false, 0, `00-${TRACE}-${SPAN}-01`)).toBeNull()
    expect(begin(false, 1, `00-${TRACE}-${SPAN}-00`)).not.toBeNull()
  })

  it('keeps as many traces as it is told to, and the same ones everywhere', () => {
    const kept = Array.from({ length: 2000 }, () => begin(true, 0.25)).filter((span) => span !== null)
    expect(kept.length).toBeGreaterThan(350)
    expect(kept.length).toBeLessThan(650)
    for (const span of kept) expect(begin(false, 0.25, span.traceparent)).not.toBeNull()
  })

  it('gives what is over, with its parent', () => {
    const ended: FinishedSpan[] = []
    const tracer = createTracer({ followsParent: true, ratio: 1 }, (span) => ended.push(span))
    const span = tracer.begin('server', 'request', `00-${TRACE}-${SPAN}-01`)
    const child = span?.child('verify')
    child?.end('AccessDeniedException')
    span?.note('rpc.method', 'Encrypt')
    span?.end()
    const [inner, outer] = ended
    expect(outer).toMatchObject({
      traceId: TRACE,
      parentId: SPAN,
      attributes: { 'rpc.method': 'Encrypt' },
      failure: null,
    })
    expect(inner).toMatchObject({ traceId: TRACE, parentId: outer?.id, failure: 'AccessDeniedException' })
    expect(child?.traceparent).toBe(`00-${TRACE}-${inner?.id}-01`)
  })
})
