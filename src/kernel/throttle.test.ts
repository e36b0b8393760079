import { describe, expect, it } from 'vitest'
import { createThrottle, type Quota } from './throttle.ts'

function harness() {
  let time = 1000
  const throttle = createThrottle(() => time)
  const ask = (quota: Quota, account = '111122223333', region = 'us-east-1'): boolean => {
    try {
      throttle.admit(quota, { caller: { account }, region })
      return true
    } catch (error) {
      expect(error).toMatchObject({ code: 'ThrottlingException', status: 400 })
      return false
    }
  }
  return {
    ask,
    askOften: (count: number, quota: Quota) => Array.from({ length: count }, () => ask(quota)).filter(Boolean).length,
    wait: (milliseconds: number) => (time += milliseconds),
  }
}

const five: Quota = { name: 'CreateKey', perSecond: 5 }

describe('A throttle', () => {
  it('lets through what a second allows, and then what time brings', () => {
    const { askOften, wait } = harness()
    expect(askOften(20, five)).toBe(5)
    wait(199)
    expect(askOften(20, five)).toBe(0)
    wait(1)
    expect(askOften(20, five)).toBe(1)
    wait(600)
    expect(askOften(20, five)).toBe(3)
  })

  it('saves up no more than a second allows', () => {
    const { askOften, wait } = harness()
    expect(askOften(20, five)).toBe(5)
    wait(60_000)
    expect(askOften(20, five)).toBe(5)
  })

  it('lets through one at a time where a second allows less than one', () => {
    const { askOften, wait } = harness()
    const rare: Quota = { name: 'pairs', perSecond: 0.1 }
    expect(askOften(3, rare)).toBe(1)
    wait(9999)
    expect(askOften(3, rare)).toBe(0)
    wait(1)
    expect(askOften(3, rare)).toBe(1)
  })

  it('counts each account, Region and quota apart', () => {
    const { ask, askOften } = harness()
    expect(askOften(6, five)).toBe(5)
    expect(ask(five, '444455556666')).toBe(true)
    expect(ask(five, '111122223333', 'eu-west-1')).toBe(true)
    expect(ask({ ...five, name: 'CreateAlias' })).toBe(true)
    expect(ask(five)).toBe(false)
  })
})
