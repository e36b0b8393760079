import { WireError } from '../../kernel/errors.ts'
import { decodeJson } from '../aws-json/decode.ts'
import { encodeBody } from '../aws-json/encode.ts'
import type { Codec, ErrorSpelling } from '../codec.ts'
import type { WireResponse } from '../wire.ts'

/**
 * AWS REST JSON: the operation in method and path, members in JSON.
 *
 * Members in paths, queries and headers are not taken: no operation that is served here has any.
 *
 * @param routes the operations by method and path, such as `POST /listRegions`
 */
export function awsRestJson(routes: Readonly<Record<string, string>>, spelling: ErrorSpelling): Codec {
  const names = new Map(Object.entries(routes))
  return {
    decode({ method, path, body }) {
      const name = names.get(`${method} ${path}`)
      if (name === undefined) {
        throw new WireError('UnknownOperationException', 404, `There is no operation at ${method} ${path}.`)
      }
      return { name, body: () => decodeJson(body) }
    },
    encode: (_operation, output, requestId) => response(200, encodeBody(output), requestId),
    refuse({ code, status: given, message, members }, requestId) {
      // The JSON protocol of KMS answers 400 (AWS Account Management API Reference, "Common Errors").
      const status = code === 'AccessDeniedException' ? 403 : given
      const body = JSON.stringify({ ...(message !== '' && { [spelling.message]: message }), ...members })
      return response(status, body, requestId, { 'x-amzn-ErrorType': spelling.names[code] ?? code })
    },
  }
}

function response(
  status: number,
  body: string,
  requestId: string,
  more: Readonly<Record<string, string>> = {},
): WireResponse {
  return { status, headers: { 'x-amzn-RequestId': requestId, 'Content-Type': 'application/json', ...more }, body }
}
