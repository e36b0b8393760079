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
  UnrecognizedClientException: 'InvalidClientTokenId',
  UnsupportedOperationException: 'UnsupportedOperation',
  ValidationException: 'ValidationError',
}

/** Writes an error in XML. */
export function encodeErrorResponse(
  code: string,
  message: string,
  status: number,
  namespace: string,
  requestId: string,
): string {
  const error = { Type: status < 500 ? 'Sender' : 'Receiver', Code: QUERY_CODES[code] ?? code, Message: message }
  const content = element('Error', error) + element('RequestId', requestId)
  return `<ErrorResponse xmlns="${namespace}">${content}</ErrorResponse>\n`
}
