/**
 * How services speak that are not here, as far as it takes to refuse: each client shows only an error of its own
 * protocol. The request tells which that is; only the few services behind REST that speak XML are known by name.
 */
import { encode } from 'cborg'
import type { WireError } from '../kernel/errors.ts'
import { awsJson } from './aws-json/codec.ts'
import { awsQuery } from './aws-query/codec.ts'
import { element } from './aws-query/encode.ts'
import { queryError } from './aws-query/errors.ts'
import { awsRestJson } from './aws-rest-json/codec.ts'
import type { Codec } from './codec.ts'
import type { WireRequest, WireResponse } from './wire.ts'

type Refuse = Codec['refuse']

/** Signing names. */
const REST_XML: ReadonlySet<string> = new Set([
  's3',
  's3express',
  's3-object-lambda',
  's3-outposts',
  'route53',
  'cloudfront',
])
/** S3 Control signs as S3 does, and words its errors as all but S3 do. */
const S3_CONTROL_PATH = '/v20180820/'

/** The service that a request says it is for, in whatever kind of signature; null where it does not say. */
export function claimedService({ headers, query }: WireRequest): string | null {
  const credential =
    /\bCredential=([^,\s]+)/.exec(headers['authorization'] ?? '')?.[1] ??
    /(?:^|&)X-Amz-Credential=([^&]+)/i.exec(query)?.[1]?.replaceAll(/%2f/gi, '/')
  const name = credential?.split('/').at(-2) ?? ''
  return /^[a-z][a-z0-9-]{0,39}$/.test(name) ? name : null
}

/** Says whether a request is of the query protocol: a form, or an action in the URL. */
export function isQuery({ headers, path, query }: WireRequest): boolean {
  const isForm = (headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')
  return isForm || (path === '/' && /(?:^|&)Action=/.test(query))
}

/** How the service of a request refuses; `service` is the one that it says it is for. */
export function refuseLike(request: WireRequest, service: string | null): Refuse {
  const { headers, path } = request
  if (headers['smithy-protocol'] === 'rpc-v2-cbor') return refuseInCbor
  if (headers['x-amz-target'] !== undefined) return refuseInJson(headers['content-type'])
  if (isQuery(request)) return service === 'ec2' ? refuseLikeEc2 : awsQuery('').refuse
  const isXml = service === null ? !isTokenOrJson(request) : REST_XML.has(service)
  if (!isXml) return awsRestJson({}, { message: 'message', names: {} }).refuse
  const isS3 = service === null || (service.startsWith('s3') && !path.startsWith(S3_CONTROL_PATH))
  return isS3 ? refuseLikeS3 : awsQuery('').refuse
}

/** Where nothing says whose a request is, S3 is asked without a signature; services that take tokens answer in JSON. */
function isTokenOrJson({ headers }: WireRequest): boolean {
  const hasToken = /^bearer /i.test(headers['authorization'] ?? '') || 'x-amz-sso_bearer_token' in headers
  return hasToken || (headers['content-type'] ?? '').includes('json')
}

/** JSON 1.0 or 1.1, as the request is. */
function refuseInJson(type = ''): Refuse {
  return (error, requestId) => {
    const refusal = awsJson('').refuse(error, requestId)
    const isOld = type.startsWith('application/x-amz-json-1.0')
    return isOld
      ? { ...refusal, headers: { ...refusal.headers, 'Content-Type': 'application/x-amz-json-1.0' } }
      : refusal
  }
}

/** Smithy RPC v2 CBOR: clients read no answer without the header that names the protocol. */
function refuseInCbor({ code, status, message }: WireError, requestId: string): WireResponse {
  return {
    status,
    headers: { 'x-amzn-RequestId': requestId, 'smithy-protocol': 'rpc-v2-cbor', 'Content-Type': 'application/cbor' },
    body: encode({ __type: code, message }),
  }
}

function refuseLikeEc2(error: WireError, requestId: string): WireResponse {
  const { code, status } = queryError(error.code, error.status)
  const content = { Errors: { Error: { Code: code, Message: error.message } }, RequestID: requestId }
  return xml(status, element('Response', content), { 'x-amzn-RequestId': requestId })
}

function refuseLikeS3(error: WireError, requestId: string): WireResponse {
  const { code, status } = queryError(error.code, error.status)
  const content = { Code: code, Message: error.message, RequestId: requestId }
  return xml(status, element('Error', content), { 'x-amz-request-id': requestId })
}

function xml(status: number, body: string, headers: Readonly<Record<string, string>>): WireResponse {
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
  return { status, headers: { ...headers, 'Content-Type': 'text/xml' }, body: `${declaration}${body}\n` }
}
