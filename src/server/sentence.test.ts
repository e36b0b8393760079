import { expect, it } from 'vitest'
import { sentenceOf } from './sentence.ts'

it('tells a file by its name, and in words why it cannot be used', () => {
  const error = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', syscall: 'write' })
  expect(sentenceOf(Object.assign(error, { path: '/data/file' }))).toBe('/data/file cannot be used: its disk is full.')
})

it('tells what to do where a disk is full of which nobody has said more', () => {
  const error = Object.assign(new Error('database or disk is full'), { errcode: 13 })
  expect(sentenceOf(error)).toMatch(/its disk is full\. Make room on it/)
})

it('tells what failed first where something else failed while that was put away', () => {
  const both = new SuppressedError(new Error('last'), new SuppressedError(new Error('then'), new Error('first')))
  expect(sentenceOf(both)).toBe('first')
  expect(sentenceOf('a text')).toBe('a text')
})
