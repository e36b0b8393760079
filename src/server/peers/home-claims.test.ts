import { describe, expect, it, vi } from 'vitest'
import { createHomeClaims, type HomeClaim } from './home-claims.ts'

const [EAST, WEST] = ['us-east-1', 'eu-west-1'] as const

function claimsOf(home: string | null, epoch = 1) {
  let seat = { home, epoch }
  const newer = vi.fn<(epoch: number) => void>((now) => {
    seat = { home, epoch: now }
  })
  const superseded = vi.fn<(claim: HomeClaim) => void>()
  const move = (to: string | null, now: number): void => {
    seat = { home: to, epoch: now }
  }
  return { newer, superseded, move, claims: createHomeClaims(() => seat, EAST, newer, superseded) }
}

describe('Who has the accounts', () => {
  it('is here until somebody says so by a newer word', () => {
    const { claims, superseded } = claimsOf(null)
    expect(claims.own()).toBe(`1 ${EAST}`)
    claims.hear(`1 ${WEST}`)
    expect(claims.superseding()).toBeNull()
    claims.hear(`2 ${WEST}`)
    claims.hear(`2 ${WEST}`)
    expect(claims.superseding()).toEqual({ epoch: 2, home: WEST })
    expect(superseded).toHaveBeenCalledOnce()
  })

  it('takes on the epoch of the home that is followed', () => {
    const { claims, newer } = claimsOf(WEST)
    claims.hear(`3 ${WEST}`)
    expect(newer).toHaveBeenCalledWith(3)
    expect(claims.own()).toBe(`3 ${WEST}`)
    expect(claims.superseding()).toBeNull()
  })

  it('is where it was given to, once that is so', () => {
    const { claims, move } = claimsOf(null)
    claims.hear(`2 ${WEST}`)
    move(WEST, 2)
    expect(claims.superseding()).toBeNull()
    expect(claims.own()).toBe(`2 ${WEST}`)
    claims.hear('3 ap-southeast-2')
    expect(claims.superseding()).toEqual({ epoch: 3, home: 'ap-southeast-2' })
  })

  it('is in two places where two say so by the same move, for as long as somebody says it', () => {
    const { claims, move } = claimsOf(null, 2)
    expect(claims.rival()).toBeNull()
    claims.hear(`2 ${WEST}`)
    expect(claims.superseding()).toBeNull()
    expect(claims.rival()).toBe(WEST)
    move(null, 3)
    expect(claims.rival()).toBeNull()
    move(null, 2)
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000)
    expect(claims.rival()).toBeNull()
    vi.restoreAllMocks()
  })

  it.each([undefined, '', 'x', '2', `-2 ${WEST}`, `2  ${WEST}`, `2 ${WEST} x`, `9999999999 ${WEST}`, '2 a\nb'])(
    'is not told by %j',
    (text) => {
      const { claims } = claimsOf(null)
      claims.hear(text)
      expect(claims.superseding()).toBeNull()
    },
  )
})
