import { expect, it } from 'vitest'
import { encodeError } from './errors.ts'

it('An error has its code and its message, spelled with a capital for a denial, and none where there are no words', () => {
  expect(encodeError('NotFoundException', 'a "b"')).toBe('{"__type":"NotFoundException","message":"a \\"b\\""}')
  expect(encodeError('AccessDeniedException', 'no')).toBe('{"__type":"AccessDeniedException","Message":"no"}')
  expect(encodeError('InvalidCiphertextException', '')).toBe('{"__type":"InvalidCiphertextException"}')
})
