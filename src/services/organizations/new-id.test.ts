import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { newAccountId, newId } from './new-id.ts'

it('An id has the length that is asked for, from its alphabet alone', () => {
  for (let length = 1; length <= 40; length++) {
    expect(newId(randomBytes, length)).toMatch(new RegExp(`^[0-9a-z]{${length}}$`))
  }
  expect(newAccountId(randomBytes)).toMatch(/^[1-9]\d{11}$/)
})

it('An id takes no byte that would favour some characters', () => {
  // 256 is 7 times 36 and 4: the last four bytes stand for nothing.
  const given = [252, 255, 251, 0, 35, 36]
  expect(newId(() => Buffer.from(given), 4)).toBe('z0z0')
})
