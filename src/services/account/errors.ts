import { errorKind } from '../../kernel/errors.ts'

/** Every error that an operation of Account Management declares: AWS's codes, and what each means. */
export const errors = {
  AccessDeniedException: errorKind('AccessDeniedException', 403, 'The account is not one that the caller manages.'),
  ResourceNotFoundException: errorKind('ResourceNotFoundException', 404, 'Nothing of the kind was kept.'),
  ValidationException: errorKind('ValidationException', 400, 'The Region is none, or cannot be switched.'),
} as const
