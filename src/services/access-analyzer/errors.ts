import { errorKind } from '../../kernel/errors.ts'

/** Every error that an operation of Access Analyzer declares: AWS's codes, and what each means. */
export const errors = {
  InvalidParameterException: errorKind(
    'InvalidParameterException',
    400,
    'A policy cannot be read, or an action is none.',
  ),
  UnprocessableEntityException: errorKind('UnprocessableEntityException', 422, 'It cannot be told.'),
  ValidationException: errorKind('ValidationException', 400, 'A member is not one that is served.'),
} as const
