import { describe, expect, it } from 'vitest'
import { createPendingRefusals, MOST_PENDING } from './pending-refusals.ts'
import type { RefusedCall } from './refused-call.ts'

const LOUD = '111122223333'
const QUIET = '444455556666'

function refused(requestId: string, account = LOUD): RefusedCall {
  return { call: { requestId, caller: { account } } } as unknown as RefusedCall
}

const idsOf = (refusals: readonly RefusedCall[]) => refusals.map(({ call }) => call.requestId)

describe('Refusals that wait', () => {
  it('are found until they are removed, and taken in their order', () => {
    const pending = createPendingRefusals()
    const [a, b, c] = [refused('a'), refused('b'), refused('c', QUIET)]
    for (const each of [a, b, c]) pending.add(each)
    expect(pending.accounts()).toEqual([LOUD, QUIET])
    expect(pending.next(LOUD, 1)).toEqual([a])
    expect(pending.next(LOUD, 9)).toEqual([a, b])
    expect(pending.find('c')).toBe(c)
    pending.remove([a, c])
    expect(pending.find('c')).toBeNull()
    expect(pending.accounts()).toEqual([LOUD])
    expect(pending.next(QUIET, 9)).toEqual([])
  })

  it('of one account make no room at the cost of another', () => {
    const pending = createPendingRefusals()
    pending.add(refused('quiet', QUIET))
    for (let n = 0; n < MOST_PENDING + 5; n += 1) pending.add(refused(String(n)))
    expect(idsOf(pending.next(QUIET, 9))).toEqual(['quiet'])
    expect(idsOf(pending.next(LOUD, 1))).toEqual(['5'])
    expect(pending.next(LOUD, 5000)).toHaveLength(MOST_PENDING)
  })

  it('are of each request the last one, which stays where an earlier one was written', () => {
    const pending = createPendingRefusals()
    const [passed, ended] = [refused('a'), refused('a')]
    pending.add(passed)
    pending.add(ended)
    pending.remove([passed])
    expect(pending.find('a')).toBe(ended)
    pending.remove([ended])
    expect(pending.find('a')).toBeNull()
  })
})
