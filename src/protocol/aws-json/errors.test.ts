import { expect, it } from 'vitest'
import { common, WireError } from '../../kernel/errors.ts'
import { awsJson } from './codec.ts'
import { encodeError, KMS_SPELLING } from './errors.ts'

const encode = (code: string, message: string) => encodeError(new WireError(code, 400, message), KMS_SPELLING)

it('An error has its code and its message, spelled with a capital for a denial, and none where there are no words', () => {
  expect(encode('NotFoundException', 'a "b"')).toBe('{"__type":"NotFoundException","message":"a \\"b\\""}')
  expect(encode('AccessDeniedException', 'no')).toBe('{"__type":"AccessDeniedException","Message":"no"}')
  expect(encode('InvalidCiphertextException', '')).toBe('{"__type":"InvalidCiphertextException"}')
})

it('An error is named in a header too', () => {
  const { status, headers, body } = awsJson('TrentService').refuse(common.KMSInternalException(''), 'id')
  expect(status).toBe(500)
  expect(headers).toMatchObject({ 'x-amzn-ErrorType': 'KMSInternalException', 'x-amzn-RequestId': 'id' })
  expect(body).toBe('{"__type":"KMSInternalException"}')
})
