import { element } from './encode.ts'

/** The query protocol has names of its own for what the JSON protocol names otherwise. */
const QUERY_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  ExpiredTokenException: 'ExpiredToken',
  IncompleteSignatureException: 'IncompleteSignature',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  KMSInternalException: 'InternalFailure',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  SerializationException: 'MalformedInput',
  UnknownOperationException: 'InvalidAction',
  UnknownServiceException: 'UnknownService',
  UnrecognizedClientException: 'InvalidClientTokenId',
  UnsupportedOperationException: 'UnsupportedOperation',
  ValidationException: 'ValidationError',
}

const FORBIDDEN: ReadonlySet<string> = new Set([
  'AccessDenied',
  'ExpiredToken',
  'InvalidClientTokenId',
  'MissingAuthenticationToken',
  'SignatureDoesNotMatch',
])

/** An error as the query protocol names it, with its status: who is not let in gets 403 here. */
export function queryError(code: string, status: number): { code: string; status: number } {
  const named = QUERY_CODES[code] ?? code
  return { code: named, status: FORBIDDEN.has(named) ? 403 : status }
}

/** Writes an error in XML. */
export function encodeErrorResponse(
  code: string,
  message: string,
  status: number,
  namespace: string,
  requestId: string,
): string {
  const error = { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message }
  const content = element('Error', error) + element('RequestId', requestId)
  return `<ErrorResponse xmlns="${namespace}">${content}</ErrorResponse>\n`
}
