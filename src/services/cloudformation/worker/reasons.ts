import { WireError } from '../../../kernel/errors.ts'
import type { LastCall } from './hands.ts'

const SERVICES = { kms: 'Kms', iam: 'Iam' } as const

/** What CloudFormation's registry names the errors of services. */
const HANDLER_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  AlreadyExistsException: 'AlreadyExists',
  EntityAlreadyExists: 'AlreadyExists',
  LimitExceeded: 'ServiceLimitExceeded',
  LimitExceededException: 'ServiceLimitExceeded',
  NoSuchEntity: 'NotFound',
  NotFoundException: 'NotFound',
  NotStabilized: 'NotStabilized',
  ThrottlingException: 'Throttling',
}

/**
 * Why a step has failed, as events tell it.
 *
 * @param last the call that failed; null where none was made
 * @param token of the step
 */
export function reasonOf(error: unknown, last: LastCall | null, token: string): string {
  if (!(error instanceof WireError)) {
    return `Internal Failure (RequestToken: ${token}, HandlerErrorCode: InternalFailure)`
  }
  if (last === null || error.code === 'Cancelled') return error.message
  const { message, status, code } = error
  const place = `(Service: ${SERVICES[last.service]}, Status Code: ${status}, Request ID: ${last.requestId})`
  return (
    `Resource handler returned message: "${message} ${place}" ` +
    `(RequestToken: ${token}, HandlerErrorCode: ${handlerCode(code, status)})`
  )
}

function handlerCode(code: string, status: number): string {
  const known = HANDLER_CODES[code]
  if (known !== undefined) return known
  return status < 500 ? 'InvalidRequest' : 'ServiceInternalError'
}
