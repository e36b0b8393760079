import { cut } from '../domain/cut.ts'

/** The longest message of an error, in characters: what a request says never comes back many times over. */
const MAX_MESSAGE = 16_384

/** An error that a client is told: its code, AWS's or ours in AWS's manner, and a sentence that helps. */
export class WireError extends Error {
  readonly code: string
  readonly status: number
  /** What the error tells beside its message, such as a `Reason`. */
  readonly members: Readonly<Record<string, string>>

  constructor(code: string, status: number, message: string, members: Readonly<Record<string, string>> = {}) {
    super(cut(message, MAX_MESSAGE))
    this.name = code
    this.code = code
    this.status = status
    this.members = members
  }
}

/** A kind of error that operations declare and throw. */
export interface ErrorKind {
  (message?: string, members?: Readonly<Record<string, string>>): WireError
  readonly code: string
  /** What it means, for the documentation. */
  readonly meaning: string
}

/**
 * Makes a kind of error.
 *
 * @param status 400 for all that a client can mend, 500 for what it cannot: AWS KMS knows no other.
 */
export function errorKind(code: string, status: number, meaning: string): ErrorKind {
  const make = (message = '', members: Readonly<Record<string, string>> = {}): WireError =>
    new WireError(code, status, message, members)
  return Object.assign(make, { code, meaning })
}

/** Errors that any operation may give, whatever it declares. */
export const common = {
  AccessDeniedException: errorKind(
    'AccessDeniedException',
    400,
    'The caller lacks a permission that the operation needs.',
  ),
  KMSInternalException: errorKind(
    'KMSInternalException',
    500,
    'Something failed inside the server; it is logged under the request id.',
  ),
  SerializationException: errorKind(
    'SerializationException',
    400,
    'The request is not JSON of the types that the operation takes.',
  ),
  ThrottlingException: errorKind(
    'ThrottlingException',
    400,
    'The account asks too often; only where throttling is on.',
  ),
  ValidationException: errorKind('ValidationException', 400, 'A member of the request breaks a constraint.'),
}
