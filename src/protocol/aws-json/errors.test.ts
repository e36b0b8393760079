import { expect, it } from 'vitest'
import { common } from '../../kernel/errors.ts'
import { awsJson } from './codec.ts'
import { encodeError } from './errors.ts'

it('An error has its code and its message, spelled with a capital for a denial, and none where there are no words', () => {
  expect(encodeError('NotFoundException', 'a "b"')).toBe('{"__type":"NotFoundException","message":"a \\"b\\""}')
  expect(encodeError('AccessDeniedException', 'no')).toBe('{"__type":"AccessDeniedException","Message":"no"}')
  expect(encodeError('InvalidCiphertextException', '')).toBe('{"__type":"InvalidCiphertextException"}')
})

it('An error is named in a header too', () => {
  const { status, headers, body } = awsJson('TrentService').refuse(common.KMSInternalException(''), 'id')
  expect(status).toBe(500)
  expect(headers).toMatchObject({ 'x-amzn-ErrorType': 'KMSInternalException', 'x-amzn-RequestId': 'id' })
  expect(body).toBe('{"__type":"KMSInternalException"}')
})
