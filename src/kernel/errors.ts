import { cut } from '../domain/text/cut.ts'
import type { Refusal } from './access/need.ts'

/** The longest message of an error, in characters: what a request says never comes back many times over. */
const MAX_MESSAGE = 16_384

/** Why a request was refused, in words for those whom it concerns. */
export interface Reason {
  readonly why: string
  /** What to do about it; empty where that follows from why. */
  readonly remedy: string
}

/** Why a request was refused before its permissions were asked, where its message does not say all. */
export interface PrivateReason extends Reason {
  /** What it is about, as people know it; null where that has no name. */
  readonly resource: string | null
  /** The account of that, which may read this; null where there is none. */
  readonly owner: string | null
  /**
   * What the caller's account reads instead, where this would tell it something of another account: `own side` is how
   * far its own policies go, and nothing else.
   */
  readonly toCaller?: Reason | OwnSide
}

/** That a caller is told how far its own account lets it do something, and nothing of the resource. */
export interface OwnSide {
  readonly action: string
  /** The ARN that the request has for the resource; null where it does not name it. */
  readonly arn: string | null
  /** The account of the resource, where the request says it. */
  readonly owner: string | null
}

/** What is behind a refusal: a permission that is missing, or something else. */
export type Because = Refusal | PrivateReason

/** An error that a client is told: its code, AWS's or ours in AWS's manner, and a sentence that helps. */
export class WireError extends Error {
  readonly code: string
  readonly status: number
  /** What the error tells beside its message, such as a `Reason`. */
  readonly members: Readonly<Record<string, string>>
  /** SECURITY: for whoever runs the server, and in part for the accounts concerned; never sent with the error. */
  readonly because: Because | null

  constructor(
    code: string,
    status: number,
    message: string,
    members: Readonly<Record<string, string>> = {},
    because: Because | null = null,
  ) {
    super(cut(message, MAX_MESSAGE))
    this.name = code
    this.code = code
    this.status = status
    this.members = members
    this.because = because
  }
}

/** That a request is not for this process to answer, but for the one that serves what it would change. Nothing is done. */
export class ElsewhereError extends Error {}

/** A kind of error that operations declare and throw. */
export interface ErrorKind {
  (message?: string, members?: Readonly<Record<string, string>>, because?: Because): WireError
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
  const make = (message = '', members: Readonly<Record<string, string>> = {}, because?: Because): WireError =>
    new WireError(code, status, message, members, because)
  return Object.assign(make, { code, meaning })
}

/** What tells that somebody may not do what was asked, or that a policy cannot be what it was to be. */
const REFUSALS = [
  'AccessDenied',
  'AccessDeniedException',
  'MalformedPolicyDocument',
  'MalformedPolicyDocumentException',
]

/** Says whether an error is a refusal that is remembered with its explanation. */
export function isExplained({ code, because }: WireError): boolean {
  return because !== null || REFUSALS.includes(code)
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
