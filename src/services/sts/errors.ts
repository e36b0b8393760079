import { errorKind } from '../../kernel/errors.ts'

/** Every error that an operation of STS declares. */
export const errors = {
  AccessDenied: errorKind('AccessDenied', 403, 'The caller may not do that, whatever its policies say.'),
  InvalidParameterValue: errorKind('InvalidParameterValue', 400, 'Session tags cannot be as they were asked for.'),
  MalformedPolicyDocument: errorKind('MalformedPolicyDocument', 400, 'A session policy cannot be read.'),
  PackedPolicyTooLarge: errorKind('PackedPolicyTooLarge', 400, 'Session policies and tags are too long together.'),
  ValidationError: errorKind('ValidationError', 400, 'A member of the request breaks a constraint.'),
} as const
