import { WireError } from '../../kernel/errors.ts'
import { decodeJson } from '../aws-json/decode.ts'
import { encodeBody } from '../aws-json/encode.ts'
import type { Codec, ErrorSpelling } from '../codec.ts'
import type { WireResponse } from '../wire.ts'

/** Where a service's operations are. */
export interface RestPlaces {
  /** Operations by method and path, such as `POST /listRegions`; `{...}` in a path is any name. */
  readonly routes: Readonly<Record<string, string>>
  /** The members of operations that stand in the query; there they are text. */
  readonly inQuery: Readonly<Record<string, readonly string[]>>
}

/**
 * AWS REST JSON: the operation in method and path, members in JSON.
 *
 * Members in paths and headers are not taken: no operation that is served here has any.
 */
export function awsRestJson({ routes = {}, inQuery = {} }: Partial<RestPlaces>, spelling: ErrorSpelling): Codec {
  const find = finderOf(routes)
  return {
    decode({ method, path, query, body }) {
      const name = find(method, path)
      if (name === undefined) {
        throw new WireError('UnknownOperationException', 404, `There is no operation at ${method} ${path}.`)
      }
      const names = inQuery[name] ?? []
      return { name, body: () => ({ ...decodeJson(body), ...membersIn(query, names) }) }
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

function finderOf(routes: RestPlaces['routes']): (method: string, path: string) => string | undefined {
  const [open, exact] = [true, false].map((isOpen) =>
    Object.entries(routes).filter(([route]) => route.includes('{') === isOpen),
  )
  const names = new Map(exact)
  const patterns = open?.map(([route, name]) => ({
    name,
    form: new RegExp(`^${route.replaceAll(/\{[^}]*\}/g, '[^/]+')}$`),
  }))
  return (method, path) => {
    const route = `${method} ${path}`
    return names.get(route) ?? patterns?.find(({ form }) => form.test(route))?.name
  }
}

function membersIn(query: string, names: readonly string[]): Readonly<Record<string, string>> {
  const given = new URLSearchParams(query)
  return Object.fromEntries(names.flatMap((name) => (given.has(name) ? [[name, given.get(name) ?? '']] : [])))
}

function response(
  status: number,
  body: string,
  requestId: string,
  more: Readonly<Record<string, string>> = {},
): WireResponse {
  return { status, headers: { 'x-amzn-RequestId': requestId, 'Content-Type': 'application/json', ...more }, body }
}
