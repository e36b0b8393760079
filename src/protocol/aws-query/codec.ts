import { WireError } from '../../kernel/errors.ts'
import type { Codec } from '../codec.ts'
import type { WireResponse } from '../wire.ts'
import { decodeForm } from './decode.ts'
import { encodeResponse } from './encode.ts'
import { encodeErrorResponse, queryError } from './errors.ts'

/** AWS query: a form with the operation and its members, answered in XML. */
export function awsQuery(namespace: string): Codec {
  return {
    decode(request) {
      const form = decodeForm(request.method === 'GET' ? Buffer.from(request.query) : request.body)
      if (form === null) throw new WireError('MissingAction', 400, 'The request names no Action.')
      return { name: form.action, body: () => form.members }
    },
    encode: (operation, output, requestId) =>
      response(200, encodeResponse(operation, namespace, output, requestId), requestId),
    refuse(error, requestId) {
      const { code, status } = queryError(error.code, error.status)
      return response(status, encodeErrorResponse(code, error.message, status, namespace, requestId), requestId)
    },
  }
}

function response(status: number, body: string, requestId: string): WireResponse {
  return { status, headers: { 'x-amzn-RequestId': requestId, 'Content-Type': 'text/xml' }, body }
}
