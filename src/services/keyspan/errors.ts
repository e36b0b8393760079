import { common, errorKind } from '../../kernel/errors.ts'

/** The errors of this service. */
export const errors = {
  ResourceNotFoundException: errorKind(
    'ResourceNotFoundException',
    404,
    'What is asked about is not there, or is not for this account to see.',
  ),
  ServiceUnavailableException: errorKind(
    'ServiceUnavailableException',
    503,
    'What it is answered from is being made: ask again.',
  ),
  ThrottlingException: common.ThrottlingException,
  ValidationException: common.ValidationException,
} as const
