import { WireError } from '../../kernel/errors.ts'
import type { Codec, ErrorSpelling } from '../codec.ts'
import type { WireResponse } from '../wire.ts'
import { decodeJson, targetOf } from './decode.ts'
import { encodeBody } from './encode.ts'
import { encodeError, KMS_SPELLING } from './errors.ts'

/** AWS JSON 1.1: the operation in a header, members in JSON. */
export function awsJson(targetPrefix: string, spelling: ErrorSpelling = KMS_SPELLING): Codec {
  return {
    decode(request) {
      const target = targetOf(request)
      if (request.method !== 'POST' || target === null || target.prefix !== targetPrefix) {
        throw new WireError(
          'UnknownOperationException',
          400,
          `A request is a POST with a header X-Amz-Target: ${targetPrefix}.<operation>.`,
        )
      }
      return { name: target.operation, body: () => decodeJson(request.body) }
    },
    encode: (_operation, output, requestId) => response(200, encodeBody(output), requestId),
    refuse(error, requestId) {
      const refusal = response(error.status, encodeError(error, spelling), requestId)
      // Some clients look here first, and read no body then.
      return { ...refusal, headers: { ...refusal.headers, 'x-amzn-ErrorType': error.code } }
    },
  }
}

function response(status: number, body: string, requestId: string): WireResponse {
  return { status, headers: { 'x-amzn-RequestId': requestId, 'Content-Type': 'application/x-amz-json-1.1' }, body }
}
