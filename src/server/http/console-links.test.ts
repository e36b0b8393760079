import { expect, it } from 'vitest'
import { createConsoleLinks } from './console-links.ts'

it('a link is good once, for a minute, and for nobody who guesses', () => {
  let time = 0
  const links = createConsoleLinks(() => time)
  const token = links.make('111122223333')
  expect(token).toMatch(/^[\w-]{43}$/)
  expect(links.redeem(`${token.slice(0, -1)}_`)).toBeNull()
  expect(links.redeem('')).toBeNull()
  time = 59_999
  expect(links.redeem(token)).toBe('111122223333')
  expect(links.redeem(token)).toBeNull()
  const late = links.make('111122223333')
  time += 60_000
  expect(links.redeem(late)).toBeNull()
})

it('many links take little: the oldest go', () => {
  const links = createConsoleLinks(() => 0)
  const tokens = Array.from({ length: 101 }, () => links.make('111122223333'))
  expect(links.redeem(tokens[0] ?? '')).toBeNull()
  expect(links.redeem(tokens[1] ?? '')).toBe('111122223333')
})
